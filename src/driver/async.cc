// Work that drivers have done by threads of ours (driver_async). Jobs with the same key are done by the same thread, in their order; those
// without one take turns. When one is done, the thread that polls tells the port.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "base/detached_thread.h"
#include "driver/linked_port.h"
#include "process/node_settings.h"

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

// A thread, which starts with its first job.
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

long driver_async(ErlDrvPort port, unsigned int* key, void (*work)(void*), void* data, void (*free)(void*)) {
  static auto& workers = *new std::vector<Worker>(static_cast<size_t>(node_settings().async_threads));
  static std::atomic<long> last_number{0};
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  if (linked->data_lock != nullptr) driver_pdl_inc_refc(linked->data_lock);
  long number = last_number.fetch_add(1, std::memory_order_relaxed) + 1;
  size_t chosen = (key != nullptr ? *key : static_cast<size_t>(number)) % workers.size();
  if (key != nullptr) *key = static_cast<unsigned>(chosen);
  workers[chosen].add({Ref<Port>(&linked->port()), linked->driver().hold(), work, data, free, linked->data_lock});
  return number;
}

}  // extern "C"
