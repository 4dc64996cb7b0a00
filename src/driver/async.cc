// Work that drivers have done by a thread of ours (driver_async). Jobs with the same key are done in their order; the rest is whoever's
// turn it is. When one is done, the thread that polls tells the port.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "base/detached_thread.h"
#include "driver/linked_port.h"

using namespace hanse;
using namespace hanse::driver;

namespace {

struct Job {
  Ref<Port> port;
  std::shared_ptr<LoadedDriver> driver;  // its code stays as long as it is needed
  void (*work)(void*);
  void* data;
  void (*free)(void*);
  ErlDrvPDL data_lock;  // of the port, if there was one
};

void tell(Job& job) {
  {
    PortLock lock(*job.port);
    auto* linked = static_cast<LinkedPort*>(job.port->driver());
    if (linked != nullptr && linked->async_done(job.data)) return;
  }
  if (job.free != nullptr) job.free(job.data);
}

void end(Job& job) {
  tell(job);
  if (job.data_lock != nullptr) driver_pdl_dec_refc(job.data_lock);
}

// One thread, as erlang:system_info(thread_pool_size) says; it starts with the first job.
class Worker {
 public:
  void add(Job job) {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    if (!std::exchange(started_, true)) run_detached([this] { run(); });
    condition_.notify_one();
  }

 private:
  [[noreturn]] void run() {
    for (;;) {
      Job job = next();
      job.work(job.data);
      auto done = std::make_shared<Job>(std::move(job));
      Poller::node().post([done] { end(*done); });
    }
  }
  Job next() {
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [this] { return !jobs_.empty(); });
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  std::mutex mutex_;
  std::condition_variable condition_;
  std::deque<Job> jobs_;
  bool started_ = false;
};

}  // namespace

extern "C" {

unsigned int driver_async_port_key(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr ? static_cast<unsigned>(linked->port().self.port_number()) : 0;
}

long driver_async(ErlDrvPort port, unsigned int*, void (*work)(void*), void* data, void (*free)(void*)) {
  static auto& worker = *new Worker;
  static std::atomic<long> last_number{0};
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  if (linked->data_lock != nullptr) driver_pdl_inc_refc(linked->data_lock);
  worker.add({Ref<Port>(&linked->port()), linked->driver().hold(), work, data, free, linked->data_lock});
  return last_number.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // extern "C"
