// A port: an identity that processes link to, watch and own, with a driver behind it. Reference counted; found through the
// port table. One lock for each port: the methods marked "locked" are called with it held, drivers are always.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/ref.h"
#include "io/driver.h"
#include "io/poller.h"
#include "process/microstates.h"
#include "process/stored_term.h"
#include "process/tracer.h"
#include "term/off_heap_binary.h"
#include "term/reference.h"

namespace hanse {

class Machine;

using PortMutex = Mutex<LockRank::port>;

class Port final : public RefCounted<Port>, public PollTarget {
 public:
  // Not visible yet. nullptr at the limit of ports. name: what port_info(Port, name) tells. shared: the lock that it has in common with
  // other ports, instead of its own.
  static Ref<Port> create(Machine& machine, Term owner, std::string name, std::shared_ptr<PortMutex> shared = nullptr);
  static void destroy(Port* port);
  // A port that exists and is not closing; nullptr otherwise.
  static Ref<Port> find(Term port);
  // The same without taking a reference: the caller holds an epoch::Guard.
  static Port* peek(Term port);
  // All that exist and are not closing, oldest slot first.
  static std::vector<Term> all();
  static size_t count();
  static size_t limit();
  // Of all ports. Whether one, closing ones included, has bytes left to write.
  static bool close_what_is_written();

  PortMutex& mutex;
  // For ports that are to share it.
  const std::shared_ptr<PortMutex>& shared_mutex() const { return shared_mutex_; }

  const Term self;
  Machine& machine;

  // --- locked ---
  void attach(std::unique_ptr<Driver> driver);
  // Makes the port visible, linked to its owner.
  void publish();
  Driver* driver() { return driver_.get(); }
  bool is_open() const { return state_ == State::open; }
  void set_owner(Term owner) { owner_.store(owner.word(), std::memory_order_release); }
  const std::string& name() const { return name_; }
  const StoredTerm& data() const { return data_; }
  void set_data(Term data) { data_.set(data); }

  // Sends to the owner, or to another process. The message was built in `arena`.
  void send_to_owner(class FragmentArena& arena, Term message) { send_to(owner(), arena, message); }
  void send_to(Term process, class FragmentArena& arena, Term message);
  // {Port, {data, Data}}: a binary or a list.
  void send_data(Bytes data, bool binary);
  void send_data(Ref<OffHeapBinary> data);
  void count_input(size_t bytes) { bytes_in_ += bytes; }
  void count_output(size_t bytes) { bytes_out_ += bytes; }
  bool parallelism = false;  // as open_port/2 was told
  uint64_t bytes_in() const { return bytes_in_; }
  uint64_t bytes_out() const { return bytes_out_; }

  // A busy port suspends who sends to it. Ending it wakes them.
  void set_busy(bool busy);
  bool is_busy() const { return busy_; }
  // The process is woken when the port is no longer busy, or is gone.
  void wait_until_free(Term process);
  // Whether the process waits for some busy port. Takes a lock; no port's is needed.
  static bool holds_up(Term process);

  // The port ends: links and monitors are told, the name becomes free, and the driver writes what is left.
  void close(Term reason);
  // The driver has nothing left to write (see Driver::closing).
  void finish();

  void add_link(Term process);
  void remove_link(Term process);
  // Before a port ends whose owner has been told by a message: no exit signal for it.
  void unlink_owner();
  const std::vector<Term>& links() const { return links_; }
  struct Monitor {
    Term watcher;
    ReferenceNumber reference;
  };
  void add_monitor(Term watcher, ReferenceNumber reference) { monitors_.push_back({watcher, reference}); }
  void remove_monitor(Term watcher, ReferenceNumber reference);
  const std::vector<Monitor>& monitors() const { return monitors_; }

  // --- any thread, no lock ---
  Term owner() const { return Term::from_word(owner_.load(std::memory_order_acquire)); }
  // none() while it has no name. Written under LockRank::registry.
  std::atomic<Word> registered_name{0};

  // What is traced of it: trace_flag bits (process/tracing.h), and to whom.
  std::atomic<uint32_t> trace_flags{0};
  TraceSlot traced;

  // --- PollTarget ---
  void descriptor_ready(uint32_t role, uint32_t events) override;
  void deadline_passed(uint64_t timer) override;
  void retain_target() override { retain(); }
  void release_target() override { release(); }

 private:
  enum class State : uint8_t { opening, open, closing, closed };
  Port(Term port, Machine& m, Term owner, std::string name, std::shared_ptr<PortMutex> lock)
      : mutex(*lock), self(port), machine(m), shared_mutex_(std::move(lock)), owner_(owner.word()), name_(std::move(name)) {}
  ~Port() = default;
  void tell_partners(Term reason);

  const std::shared_ptr<PortMutex> shared_mutex_;
  State state_ = State::opening;
  // Between publish() and close(). Written under the port's lock and the table's, so that lists of all ports are snapshots; read by everybody.
  std::atomic<bool> visible_{false};
  bool busy_ = false;
  std::atomic<Word> owner_;  // written under the lock; read by everybody
  std::string name_;
  StoredTerm data_;
  std::unique_ptr<Driver> driver_;
  std::vector<Term> links_;
  std::vector<Monitor> monitors_;
  std::vector<Term> waiting_;
  uint64_t bytes_in_ = 0;
  uint64_t bytes_out_ = 0;
};

// Holds a port's lock. A thread never holds two.
class SCOPED_CAPABILITY PortLock {
 public:
  explicit PortLock(Port& port) ACQUIRE_LOCK(port.mutex) : port_(port) {
    port.mutex.lock();
    held_ = true;
  }
  ~PortLock() RELEASE_LOCK() {
    held_ = false;
    port_.mutex.unlock();
  }
  PortLock(const PortLock&) = delete;
  PortLock& operator=(const PortLock&) = delete;
  static bool held_by_this_thread() { return held_; }

 private:
  static inline thread_local bool held_ = false;
  Port& port_;
  MicrostateScope microstate_{Microstate::port};
};

}  // namespace hanse
