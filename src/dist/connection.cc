// The life of a connection, and sending as senders see it. connection_output.cc has what the carrier sees.
#include "dist/connection.h"

#include <algorithm>

#include "base/epoch.h"
#include "dist/control.h"
#include "dist/incoming.h"
#include "dist/node_monitors.h"
#include "dist/receiver.h"
#include "process/distribution.h"
#include "process/last_signals.h"
#include "process/machine.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/signals.h"
#include "process/spawn.h"
#include "process/system_monitor.h"
#include "term/build.h"
#include "term/copy.h"

namespace hanse::dist {

static std::atomic<size_t> busy_limit_bytes{1 << 20};
size_t busy_limit() { return busy_limit_bytes.load(std::memory_order_relaxed); }
void set_busy_limit(size_t bytes) { busy_limit_bytes.store(bytes, std::memory_order_relaxed); }

// The connection whose input this thread works on: its carrier looks for output by itself afterwards.
static thread_local Connection* current_input = nullptr;

Connection::Connection(RemoteNode& remote, uint64_t number) : id(number), node(remote) {}
Connection::~Connection() = default;

Connection::State Connection::state() {
  Lock lock(mutex_);
  return state_;
}

bool Connection::is_hidden() const { return !has(flag::published); }

// --- the life of it ---

// Nobody else will answer a request to start a process of which the peer cannot be told.
void Connection::answer_unsent_request(Term control) {
  std::span<Term> request = as_tuple(control)->span();
  auto operation = static_cast<Operation>(request[0].as_small());
  if (operation != Operation::spawn_request && operation != Operation::spawn_request_tt) return;
  Term reply[] = {Term::small(static_cast<int64_t>(Operation::spawn_reply)), request[1], request[2], Term::small(0), am::notsup};
  (void)handle_spawn_reply(*this, reply, Term::nil());
}

bool Connection::go_up(uint64_t flags, uint32_t creation, Term carrier) {
  Lock lock(mutex_);
  if (state_ != State::pending) return false;
  flags_ = flags;
  creation_ = creation;
  node.creation.store(creation, std::memory_order_relaxed);
  carrier_ = carrier;
  length_prefix_ = carrier.is_local_port();
  state_ = State::up;
  queued_signal_bytes_ = load_bytes_ = 0;
  size_t size;
  for (Waiting& signal : std::exchange(waiting_, {})) {
    if (Queued encoded = encode(signal.sender, signal.control.term(), signal.payload.term(), size)) enqueue(std::move(encoded));
    else answer_unsent_request(signal.control.term());
  }
  return true;
}

void Connection::start() {
  {
    Lock lock(mutex_);
    if (!has_signals() || !wants_announcement()) return;
  }
  announce_output();
}

namespace {
struct ConnectionLostSignal final : ControlSignal {
  ConnectionLostSignal(Term name, uint64_t number) : node(name), connection(number) {}
  Term node;
  uint64_t connection;
  void deliver(Process& receiver) override {
    connection_lost(receiver, node, connection);
    delete this;
  }
  void undeliverable() override { delete this; }
};
}  // namespace

void Connection::end(Term reason) {
  std::unordered_set<Word> involved;
  std::vector<Term> suspended;
  std::vector<Process*> ending;
  bool was_up;
  {
    Lock lock(mutex_);
    if (state_ == State::ended) return;
    was_up = state_ == State::up;
    state_ = State::ended;
    involved.swap(involved_);
    suspended.swap(suspended_);
    ending.swap(ending_);
    waiting_.clear();
    small_.clear();
    large_.clear();
    held_.clear();
    out_.clear();
    out_bytes_ = out_consumed_ = queued_signal_bytes_ = load_bytes_ = 0;
  }
  for (Word pid : involved) deliver_signal(Term::from_word(pid), new ConnectionLostSignal(node.name, id));
  epoch::Guard guard;
  for (Term pid : suspended)
    if (Process* process = find_process(pid)) wake_process(*process);
  for (Process* process : ending) schedule_end(*process);
  if (was_up) node_monitors().node_down(*this, reason);
  node.forget(*this);
}

void Connection::fail(const char* expected) {
  {
    Lock lock(mutex_);
    if (state_ != State::up || failed_.exchange(true)) return;
  }
  FragmentArena arena(64);
  Term arguments[] = {node.name, carrier_, make_string(arena, expected)};
  log_to_logger(am::error, "Got invalid data from node ~p on distribution channel ~p: expected ~s. The connection is closed.~n",
                make_list(arena, arguments), nullptr);
  if (carrier_.is_local_pid()) send_exit_signal(carrier_, carrier_, am::kill, ExitKind::direct);
  else if (current_input != this && port_signals()) port_signals()->exit(carrier_, carrier_, am::kill, ExitKind::direct);
}

void Connection::closed(Term reason) { end(reason); }

bool Connection::input(Bytes frame) {
  frames_in_.fetch_add(1, std::memory_order_relaxed);
  if (frame.empty()) return true;
  if (!receiver_) receiver_ = std::make_unique<Receiver>(*this);
  Connection* outer = std::exchange(current_input, this);
  bool fine = receiver_->frame(frame) && !failed_.load(std::memory_order_relaxed);
  current_input = outer;
  return fine;
}

// --- sending ---

Connection::Queued Connection::encode(Word sender, Term control, Term payload, size_t& size) const {
  FragmentArena arena(0);
  size = 0;
  if (!adapt_to_flags(arena, flags_, control, payload)) return nullptr;
  Queued signal = encode_signal(sender, control, payload, {.atom_cache = has(flag::header_atom_cache)});
  size = signal ? signal->total_size : too_large;
  return signal;
}

size_t Connection::transmit(Word sender, Term control, Term payload) {
  {
    Lock lock(mutex_);
    if (state_ == State::ended) return 0;
    if (state_ == State::pending) {
      waiting_.push_back({sender, StoredTerm(control), StoredTerm(payload)});
      size_t size = 64 + (payload.is_none() ? 0 : flat_size(payload) * sizeof(Word));
      queued_signal_bytes_ += size;
      load_bytes_ += size;
      return size;
    }
  }
  size_t size;
  Queued signal = encode(sender, control, payload, size);
  if (!signal) return size;
  {
    Lock lock(mutex_);
    if (state_ != State::up) return 0;
    enqueue(std::move(signal));
    if (put_off() || !wants_announcement()) return size;
  }
  announce_output();
  return size;
}

// What is sent by the time the slice ends goes out in one piece, unless that is a lot already.
bool Connection::put_off() {
  static constexpr size_t enough_bytes = 64 * 1024;
  SchedulerThread* thread = this_scheduler_thread();
  if (thread == nullptr || thread->is_dirty || thread->running == nullptr) return false;
  if (announced_ || !carrier_.is_local_port()) return false;
  if (queued_signal_bytes_ + out_bytes_ >= enough_bytes) return false;
  if (std::find(thread->put_off.begin(), thread->put_off.end(), this) != thread->put_off.end()) return true;
  retain();
  thread->put_off.push_back(this);
  return true;
}

void Connection::slice_ended() {
  bool announce;
  {
    Lock lock(mutex_);
    announce = state_ == State::up && (has_signals() || !out_.empty()) && wants_announcement();
  }
  if (announce) announce_output();
  release();
}

bool Connection::wants_announcement() {
  if (carrier_.is_local_pid()) return !notified_.is_none();
  return !std::exchange(announced_, true);
}

void Connection::announce_output() {
  if (carrier_.is_local_port()) {
    if (current_input != this && port_signals()) port_signals()->carrier_output(carrier_);
    return;
  }
  Term process;
  {
    Lock lock(mutex_);
    process = std::exchange(notified_, Term::none());
  }
  if (!process.is_none()) deliver(process, am::dist_data);
}

// Once senders wait it is busy until they go on.
bool Connection::is_over_limit(Term sender) const {
  size_t load = load_bytes_ + out_bytes_;
  if (load >= busy_limit() || (load > busy_limit() / 2 && !suspended_.empty())) return true;
  auto held = held_.find(sender.word());
  return held != held_.end() && held->second.bytes >= busy_limit();
}

bool Connection::is_busy(Term sender) {
  Lock lock(mutex_);
  return state_ != State::ended && is_over_limit(sender);
}

bool Connection::delays(Term sender) {
  {
    Lock lock(mutex_);
    if (state_ == State::ended || !is_over_limit(sender)) return false;
    if (std::find(suspended_.begin(), suspended_.end(), sender) != suspended_.end()) return true;
    suspended_.push_back(sender);
  }
  tell_busy(sender);
  return true;
}

void Connection::tell_busy(Term sender) {
  if ((monitored_events.load(std::memory_order_relaxed) & monitored_event::busy_dist_port) != 0)
    monitor_busy(sender, am::busy_dist_port, carrier_);
}

bool Connection::delays_end(Process& process) {
  // Who is told may run it: nothing is done with the process afterwards.
  Term self = process.self;
  {
    Lock lock(mutex_);
    if (state_ == State::ended || !is_over_limit(self)) return false;
    process.machine.process_count.fetch_add(1, std::memory_order_relaxed);
    ending_.push_back(&process);
  }
  tell_busy(self);
  return true;
}

bool Connection::holds_up(Term process) {
  Lock lock(mutex_);
  return std::find(suspended_.begin(), suspended_.end(), process) != suspended_.end();
}

size_t Connection::queued_bytes() {
  Lock lock(mutex_);
  return queued_signal_bytes_ + out_bytes_;
}

void Connection::wake_senders() {
  if ((suspended_.empty() && ending_.empty()) || load_bytes_ + out_bytes_ > busy_limit() / 2) return;
  epoch::Guard guard;
  std::vector<Term> still_suspended;
  for (Term pid : suspended_) {
    Process* process;
    if (is_over_limit(pid)) still_suspended.push_back(pid);
    else if ((process = find_process(pid)) != nullptr) wake_process(*process);
  }
  suspended_.swap(still_suspended);
  std::erase_if(ending_, [&](Process* process) REQUIRES_LOCK(mutex_) {
    if (is_over_limit(process->self)) return false;
    schedule_end(*process);
    return true;
  });
}

void Connection::tell_if_ended(Term process) {
  if (state() == State::ended) deliver_signal(process, new ConnectionLostSignal(node.name, id));
}

bool Connection::involve(Term process) {
  Lock lock(mutex_);
  if (state_ == State::ended) return false;
  if (involved_.size() >= prune_at_) {
    // Those that have exited need no telling; those that are about to start are not in the table yet.
    epoch::Guard guard;
    std::erase_if(involved_, [](Word pid) { return !is_or_will_be_process(Term::from_word(pid)); });
    prune_at_ = involved_.size() * 2 + 64;
  }
  involved_.insert(process.word());
  return true;
}

}  // namespace hanse::dist
