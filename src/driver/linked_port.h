// What is behind the port of a loaded driver: the driver's functions, called with the port's lock held, and what it asks of its port.
// ErlDrvPort points here; it is valid while the driver may use it, which is until its `stop` has returned.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "driver/driver_queue.h"
#include "driver/loaded_driver.h"
#include "io/driver.h"
#include "io/poller.h"
#include "io/port.h"
#include "io/stream_driver.h"

struct erl_drv_port_data_lock;

namespace hanse::driver {

// What a thread may do for a port that it knows by its number only (driver_mk_port).
enum class Reach : uint8_t { none, closing, open };

class LinkedPort final : public Driver {
 public:
  LinkedPort(Port& port, std::shared_ptr<LoadedDriver> driver, const PortOptions& options);
  ~LinkedPort() override;

  // nullptr: there is no such port, or it was stopped.
  static LinkedPort* of(ErlDrvPort port) {
    auto* linked = reinterpret_cast<LinkedPort*>(port);
    return linked != nullptr && port != no_port && !linked->stopped_ ? linked : nullptr;
  }
  static inline const ErlDrvPort no_port = reinterpret_cast<ErlDrvPort>(-1);
  ErlDrvPort handle() { return reinterpret_cast<ErlDrvPort>(this); }
  // Whose function runs on this thread; nullptr: none's.
  static LinkedPort* running();

  // False: the driver cannot; failure says why.
  bool start(const std::string& command, OpenFailure& failure);
  // Another port of the same driver, for a process that exists. nullptr: it cannot be.
  LinkedPort* create_sibling(Term owner, const std::string& name, ErlDrvData data);

  // --- Driver ---
  void published() override;
  void output(Term caller, IoQueue data) override;
  Term answer_control(Arena& arena, Term caller, uint32_t operation, Bytes request) override;
  bool call(Term caller, uint32_t operation, Bytes request, std::string& reply) override;
  void process_down(ReferenceNumber monitor) override;
  std::vector<Term> watched_processes() override;
  void descriptor_ready(uint32_t descriptor, uint32_t events) override;
  void deadline_passed(uint64_t timer) override;
  size_t queue_size() const override { return queue.size(); }
  std::optional<int64_t> os_pid() const override { return os_pid_; }
  bool takes_pieces() const override { return driver().entry().outputv != nullptr; }
  bool understands_force() const override { return (driver().entry().driver_flags & ERL_DRV_FLAG_SOFT_BUSY) != 0; }
  void ending(Term reason) override;
  bool closing() override;
  void stop() override;
  void emergency_close();
  // A thread has done what driver_async() asked for. False: the driver will never hear of it.
  bool async_done(void* data);

  // --- what drivers ask for; the port is locked unless said otherwise ---
  Port& port() { return port_; }
  LoadedDriver& driver() const { return *driver_; }
  const PortOptions& options() const { return options_; }
  Reach reach() const { return reach_.load(std::memory_order_acquire); }
  // What it outputs reaches the owner: also that of its `stop`, but not what is left in the queue of a port that closes.
  bool is_open() const { return reach() == Reach::open; }
  Term caller() const { return caller_; }
  void fail(Term reason);
  void end_of_input();
  void set_control_flags(int flags) { control_flags_ = flags; }
  void set_data(ErlDrvData data) { data_ = data; }
  // Sets what is not 0 and tells what holds (erl_drv_busy_msgq_limits).
  void limit_waiting_signals(ErlDrvSizeT* low, ErlDrvSizeT* high);
  void set_os_pid(int64_t pid) { os_pid_ = pid; }
  void feed_lines(Bytes data, Bytes header) { framing_.feed_lines(data, header); }

  int set_timer(uint64_t timeout_ms);
  void cancel_timer() { deadline_.cancel(); }
  uint64_t timer_left_ms() const;

  int select(int descriptor, int mode, bool on);

  // Any thread: 0, 1 (there is no such process) or -1 (the driver does not want to know).
  int watch(Term process, ReferenceNumber& reference);
  bool unwatch(ReferenceNumber reference);
  Term watched(ReferenceNumber reference);

  // The port's lock or, once the driver has made one, its data lock is held.
  DriverQueue queue;
  // Of driver_pdl_create(); written once, under the port's lock.
  erl_drv_port_data_lock* data_lock = nullptr;

 private:
  class Running {
   public:
    explicit Running(LinkedPort& port, Term caller = Term::nil());
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    LinkedPort& port_;
    LinkedPort* const outer_;
    const Term outer_caller_;
  };
  void settle();
  void release_all();
  void forget_watched(ReferenceNumber reference);
  void discard_queue();
  void deselect_all();
  void missing(const char* kind, const char* function);

  Port& port_;
  LoadedDriver* const driver_;
  std::shared_ptr<LoadedDriver> hold_;
  const PortOptions options_;
  InputFraming framing_;
  ErlDrvData data_ = nullptr;
  Term caller_ = Term::nil();
  int control_flags_ = 0;
  std::optional<int64_t> os_pid_;
  ErlDrvSizeT waiting_low_ = 4096, waiting_high_ = 8192;
  int depth_ = 0;  // functions of the driver that run for this port
  bool is_starting_ = false;
  bool flushes_ = false;  // closes once its queue is empty
  std::atomic<bool> stopped_{false};  // written under the lock, read by threads of the driver that have its data lock
  bool released_ = false;
  std::atomic<Reach> reach_{Reach::open};  // written under the lock, read by threads of the driver
  Term failed_early_ = Term::none();  // before the port could be closed
  Deadline deadline_;
  uint64_t deadline_ns_ = 0;

  struct Watched {
    ReferenceNumber reference;
    Term process;
  };
  std::mutex watched_mutex_;  // threads of the driver may watch, too
  std::vector<Watched> watched_;
};

// All that exist and are not closed, for a driver or for all.
std::vector<Ref<Port>> ports_of(const LoadedDriver& driver);

struct Reached {
  Reach reach;
  Term owner;
};
Reached reach(Term port);

}  // namespace hanse::driver
