#include "process/guest.h"

#include <ctime>

#include "base/epoch.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/timer_service.h"
#include "process/guest_queue.h"
#include "process/wall.h"
#include "term/build.h"
#include "term/map.h"
#include "term/reference.h"

namespace hanse {

Term limit_name(Limit limit) {
  switch (limit) {
    case Limit::memory: return am::memory;
    case Limit::processes: return am::processes;
    case Limit::atoms: return am::atoms;
    case Limit::ets_tables: return am::ets_tables;
    case Limit::timers: return am::timers;
    case Limit::mailbox: return am::mailbox;
    case Limit::binary: return am::binary;
    case Limit::outside_messages: return am::outside_messages;
    case Limit::reductions: return am::reductions;
    case Limit::count: break;
  }
  return am::undefined;
}

// --- limits ---

void Guest::set_limit(Limit limit, int64_t soft, int64_t hard) {
  bound(limit).soft.store(soft, std::memory_order_relaxed);
  bound(limit).hard.store(hard, std::memory_order_relaxed);
}

void Guest::set_rate(Limit limit, int64_t per_second, int64_t burst) {
  if (limit == Limit::reductions) return set_reduction_budget(*this, per_second, burst);
  Lock lock(mutex_);
  outside_.set(per_second, burst, monotonic_now_ns());
}

std::pair<int64_t, int64_t> Guest::rate(Limit limit) const {
  if (limit == Limit::reductions) return reduction_budget(*this);
  Lock lock(mutex_);
  return {outside_.per_second(), outside_.burst()};
}

// The process whose code asks, if one does.
static Process* asking() {
  SchedulerThread* thread = this_scheduler_thread();
  return thread ? thread->running : nullptr;
}

void Guest::tell_limit(Limit limit, bool hard, int64_t value, Process* process, Term action) {
  static constexpr uint64_t pause_ns = 1000000000;
  std::atomic<uint64_t>& told_ns = hard ? bound(limit).told_hard_ns : bound(limit).told_soft_ns;
  uint64_t now = monotonic_now_ns(), last = told_ns.load(std::memory_order_relaxed);
  bool is_last_word = action == am::kill_machine;
  if (!is_last_word && last != 0 && now - last < pause_ns) return;
  if (!told_ns.compare_exchange_strong(last, now, std::memory_order_relaxed) && !is_last_word) return;
  FragmentArena arena(64);
  Term keys[] = {am::limit, am::threshold, am::value, am::maximum, am::pid, am::action};
  Term values[] = {limit_name(limit), hard ? am::hard : am::soft, make_integer(arena, value),
                   make_integer(arena, hard ? hard_limit(limit) : soft_limit(limit)),
                   process ? process->self : am::undefined, action};
  tell_observer(make_tuple(arena, am::machine_limit, make_unsigned(arena, machine_.serial), map_from_pairs(arena, keys, values)));
}

void Guest::note_soft(Limit limit, int64_t value) {
  if (value > soft_limit(limit)) [[unlikely]] tell_limit(limit, false, value, asking(), am::none);
}

static void end_process(Process& process, Limit limit) {
  if (!process.pending_exit.is_none()) return;
  process.pending_exit = make_tuple(process.heap, am::machine_limit, limit_name(limit));
  process.interrupt = true;
  process.reductions_left = 0;
}

void Guest::refuse(Limit limit, int64_t value, Process* process) {
  static constexpr Term actions[] = {am::error, am::kill_process, am::kill_machine};
  OnLimit what = policy();
  tell_limit(limit, true, value, process, actions[static_cast<size_t>(what)]);
  if (what == OnLimit::kill_process && process != nullptr && &process->machine == &machine_) end_process(*process, limit);
  if (what != OnLimit::kill_machine) return;
  FragmentArena arena(8);
  kill(make_tuple(arena, am::machine_limit, limit_name(limit)));
  if (process != nullptr && &process->machine == &machine_) process->reductions_left = 0;
}

bool Guest::counts(Limit limit, int64_t value) {
  if (value > hard_limit(limit)) [[unlikely]] {
    refuse(limit, value, asking());
    return false;
  }
  note_soft(limit, value);
  return true;
}

bool Guest::take(Limit limit) {
  if (counts(limit, used(limit).fetch_add(1, std::memory_order_relaxed) + 1)) return true;
  give_back(limit);
  return false;
}

bool Guest::admits_process() {
  return counts(Limit::processes, static_cast<int64_t>(machine_.process_count.load(std::memory_order_relaxed)) + 1);
}

// What processes that have ended leave behind is freed soon, and no other process is to suffer for it; but it is there. One that grows
// beyond the limit at once leaves up to twice as much: what is more than that counts.
int64_t Guest::held_bytes() const {
  int64_t limit = hard_limit(Limit::memory);
  int64_t ended = std::min(ended_bytes_.load(std::memory_order_relaxed), limit < unlimited / 2 ? 2 * limit : unlimited);
  return std::max<int64_t>(machine_.account.total() - ended, 0);
}

size_t Guest::most_words() {
  int64_t left = hard_limit(Limit::memory) - held_bytes();
  static constexpr int64_t least = 65536;  // whoever is at the limit may still say so
  return static_cast<size_t>(std::max(least, left / static_cast<int64_t>(sizeof(Word))));
}

void Guest::gone_too_far() {
  if (Process* process = asking()) end_over_limit(Limit::memory, machine_.account.total(), *process);
}

bool Guest::admits_atom() { return take(Limit::atoms); }

bool Guest::admits_bytes(size_t bytes) {
  if (bytes > static_cast<size_t>(unlimited)) return false;
  auto wanted = static_cast<int64_t>(bytes);
  if (!counts(Limit::binary, wanted)) return false;
  int64_t held = held_bytes();
  if (wanted <= hard_limit(Limit::memory) - held) return true;
  refuse(Limit::memory, held + wanted, asking());
  return false;
}

// Each block keeps the machine alive.
void Guest::off_heap_taken(size_t bytes) {
  machine_.retain();
  machine_.account.charge(MemoryKind::binary, static_cast<int64_t>(bytes));
}
void Guest::off_heap_resized(ptrdiff_t more_bytes) { machine_.account.charge(MemoryKind::binary, more_bytes); }
void Guest::off_heap_freed(size_t bytes) {
  machine_.account.charge(MemoryKind::binary, -static_cast<int64_t>(bytes));
  machine_.release();
}

bool Guest::admits_outside_message() {
  outside_messages.fetch_add(1, std::memory_order_relaxed);
  {
    Lock lock(mutex_);
    if (!outside_.is_limited()) return true;
    uint64_t now = monotonic_now_ns();
    if (!outside_.is_empty(now)) {
      outside_.take(1, now);
      return true;
    }
  }
  refuse(Limit::outside_messages, static_cast<int64_t>(outside_messages.load(std::memory_order_relaxed)), asking());
  return false;
}

// There is no call that could fail: the process ends, if the machine does not.
void Guest::end_over_limit(Limit limit, int64_t value, Process& process) {
  if (policy() == OnLimit::kill_machine) refuse(limit, value, &process);
  else tell_limit(limit, true, value, &process, am::kill_process);
  end_process(process, limit);
}

bool Guest::check_memory(Process& process, size_t more_bytes) {
  int64_t held = held_bytes() + static_cast<int64_t>(std::min(more_bytes, size_t{1} << 60));
  if (held > hard_limit(Limit::memory)) [[unlikely]] {
    end_over_limit(Limit::memory, held, process);
    return false;
  }
  note_soft(Limit::memory, held);
  return true;
}

void Guest::check_mailbox(Process& process) {
  auto length = static_cast<int64_t>(process.mailbox.length());
  if (length > hard_limit(Limit::mailbox)) [[unlikely]] return end_over_limit(Limit::mailbox, length, process);
  note_soft(Limit::mailbox, length);
}

void Guest::settle_tables(Process& process) {
  size_t bytes = process.mailbox.length() * sizeof(Message) + process.dictionary.bytes() + process.relations.bytes();
  if (bytes == process.charged_bytes) return;
  machine_.account.charge(MemoryKind::system, static_cast<int64_t>(bytes) - static_cast<int64_t>(process.charged_bytes));
  process.charged_bytes = bytes;
}

void Guest::check_gift() {
  int64_t held = machine_.account.total(), limit = hard_limit(Limit::memory);
  // Twice as much: its own processes look at the limit itself as soon as they run.
  if (limit == unlimited || held / 2 <= limit) [[likely]] return;
  tell_limit(Limit::memory, true, held, nullptr, am::kill_machine);
  FragmentArena arena(8);
  kill(make_tuple(arena, am::machine_limit, am::memory));
}

// --- permissions ---

void Guest::permit(Authority authority, bool allowed) {
  uint32_t bit = uint32_t{1} << static_cast<unsigned>(authority);
  if (allowed) permitted_.fetch_or(bit, std::memory_order_relaxed);
  else permitted_.fetch_and(~bit, std::memory_order_relaxed);
}

void Guest::set_watchable(std::vector<Term> pids) {
  Lock lock(mutex_);
  watchable_ = std::move(pids);
}
bool Guest::may_watch(Term pid) const {
  Lock lock(mutex_);
  return std::find(watchable_.begin(), watchable_.end(), pid) != watchable_.end();
}

void Guest::set_known_names(std::unordered_map<Word, Term> names) {
  Lock lock(mutex_);
  names_ = std::move(names);
}
Term Guest::known_name(Term name) const {
  Lock lock(mutex_);
  auto found = names_.find(name.word());
  return found == names_.end() ? Term::none() : found->second;
}

// --- life ---

bool Guest::add_process(Process& process) {
  Lock lock(mutex_);
  if (is_dying()) return false;
  process.machine_next = first_;
  process.machine_previous = nullptr;
  if (first_ != nullptr) first_->machine_previous = &process;
  first_ = &process;
  return true;
}

// Whoever suspends or resumes sends a signal to each process: none reaches one that is not published yet.
bool Guest::publish(Process& process, bool (*publish)(Process&)) {
  Lock lock(mutex_);
  if (suspended_) {
    process.suspend_count.store(1, std::memory_order_relaxed);
    process.state.fetch_or(process_state::suspended, std::memory_order_relaxed);
  }
  return publish(process);
}

void Guest::born(Term pid) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (is_dying()) send_exit_signal(am::undefined, pid, am::kill, ExitKind::direct);
}

void Guest::remove_process(Process& process) {
  StoredTerm reason;
  {
    Lock lock(mutex_);
    if (process.machine_previous != nullptr) process.machine_previous->machine_next = process.machine_next;
    else first_ = process.machine_next;
    if (process.machine_next != nullptr) process.machine_next->machine_previous = process.machine_previous;
    if (first_ != nullptr || !is_dying()) return;
    reason = std::move(reason_);
  }
  machine_.is_over(reason.term());
}

void Guest::retire_process(Process& process) {
  static constexpr size_t large_bytes = size_t{1} << 18;
  size_t bytes = process.heap.total_bytes();
  ended_bytes_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  remove_process(process);
  epoch::retire(&process, [](void* object) {
    auto* ended = static_cast<Process*>(object);
    Machine& machine = ended->machine;
    auto freed = static_cast<int64_t>(ended->heap.total_bytes());
    machine.retain();
    delete ended;
    machine.guest()->ended_bytes_.fetch_sub(freed, std::memory_order_relaxed);
    machine.release();
  });
  if (bytes >= large_bytes) epoch::collection_pays = true;
}

void Guest::suspend() {
  Lock lock(mutex_);
  if (std::exchange(suspended_, true)) return;
  for (Term pid : pids_locked()) send_suspend(pid, {});
}
void Guest::resume() {
  Lock lock(mutex_);
  if (!std::exchange(suspended_, false)) return;
  for (Term pid : pids_locked()) send_resume(pid);
}
bool Guest::is_suspended() const {
  Lock lock(mutex_);
  return suspended_;
}

std::vector<Term> Guest::pids() const {
  Lock lock(mutex_);
  return pids_locked();
}
std::vector<Term> Guest::pids_locked() const {
  std::vector<Term> all;
  for (Process* process = first_; process != nullptr; process = process->machine_next) all.push_back(process->self);
  return all;
}

void Guest::kill(Term reason) {
  bool is_empty;
  {
    Lock lock(mutex_);
    if (is_dying()) return;
    reason_.set(reason);
    dying_.store(true, std::memory_order_release);
    is_empty = first_ == nullptr;
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with born()
  for (Term pid : pids()) send_exit_signal(am::undefined, pid, am::kill, ExitKind::direct);
  let_guest_run(*this);  // an empty budget does not keep it from ending
  if (is_empty) machine_.is_over(reason);
}

void Guest::tell_observer(Term message) {
  Term observer = Term::from_word(observer_.load(std::memory_order_relaxed));
  if (observer.is_local_pid()) deliver_outside(observer, message);
}

void charge_signal(Machine& machine, const Signal& signal) {
  machine.account.charge(MemoryKind::mailbox, static_cast<int64_t>(signal.bytes()));
  if (&acting_machine() != &machine) machine.guest()->check_gift();
}
void discharge_signal(Machine& machine, const Signal& signal) {
  machine.account.charge(MemoryKind::mailbox, -static_cast<int64_t>(signal.bytes()));
}

// --- slices ---

// A server's time in the operating system, where it may wait for a disk, is not work.
static uint64_t used_ns(bool is_server) {
  SchedulerThread* thread = this_scheduler_thread();
  if (!is_server || thread == nullptr || !thread->is_dirty) return monotonic_now_ns();
  timespec used;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<uint64_t>(used.tv_sec) * 1000000000 + static_cast<uint64_t>(used.tv_nsec);
}

void GuestSlice::begin(const Process& process) {
  is_server_ = process.machine.guest() != guest_;
  if (!is_server_) {
    thread_budget = guest_;
    thread_walk_steps = steps_of_walk;
  }
  begin_ns_ = used_ns(is_server_);
}

void GuestSlice::check_limits(Process& process, int64_t reductions) {
  reductions_ = reductions;
  if (is_server_) return;
  guest_->settle_tables(process);
  guest_->check_memory(process);
}

void GuestSlice::end() {
  if (!is_server_) {
    thread_budget = nullptr;
    thread_walk_steps = steps_of_walk;
  }
  SchedulerThread* thread = this_scheduler_thread();
  bool was_expected = thread != nullptr && !thread->is_dirty;
  charge_turn(*guest_, used_ns(is_server_) - begin_ns_, reductions_, was_expected);
}

// --- the wall ---

bool may_control(const Process& self, Term pid) {
  if (self.machine.guest() == nullptr || pid == self.self) return true;
  if (!pid.is_local_pid()) return false;
  Process* other = find_process(pid);
  return other != nullptr && &other->machine == &self.machine;
}

bool may_name(const Process& self, Term identifier) {
  if (self.machine.guest() == nullptr) return true;
  epoch::Guard guard;
  if (identifier.is_pid()) return may_control(self, identifier);
  if (identifier.is_port()) return false;
  bool is_alias = identifier.is_boxed_kind(Boxed::reference) && identifier.as<Reference>()->has_pid();
  return !is_alias || may_control(self, Term::pid(identifier.as<Reference>()->pid_number));
}

bool may_watch(const Process& self, Term pid) {
  return may_control(self, pid) || self.machine.guest()->may_watch(pid);
}

}  // namespace hanse
