// erlang: start_timer, send_after, cancel_timer, read_timer. A timer that is set belongs to the table of its reference's
// shard; whoever takes it out there (expiry, cancellation or the end of its receiver) decides its fate, so that it happens once.
#include "bif/process_timers.h"

#include "base/flat_table.h"
#include "base/mutex.h"
#include "bif/memory_info.h"
#include "bif/tables.h"
#include "bif/time_units.h"
#include "process/call.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/relations.h"
#include "process/send.h"
#include "process/spawn.h"
#include "process/timer_service.h"
#include "term/big.h"

namespace hanse {

namespace {

class MessageTimer final : public Timer {
 public:
  MessageTimer(ReferenceNumber number, Term receiver, Machine& machine, Message* message)
      : number_(number), receiver_(receiver), machine_(machine), message_(message) {
    machine.retain();
    if (machine.guest() != nullptr) charge_signal(machine, *message);
  }
  ~MessageTimer() override {
    if (Guest* guest = machine_.guest()) {
      guest->give_back(Limit::timers);
      if (message_) discharge_signal(machine_, *message_);
    }
    machine_.release();
    if (message_) message_->undeliverable();
  }
  void deliver_now();
  // Whether it is the caller's to read and to cancel.
  bool belongs_to(const Call& call) const { return call.process.machine.guest() == nullptr || &machine_ == &call.process.machine; }
  ReferenceNumber number() const { return number_; }
  Term receiver() const { return receiver_; }

 private:
  friend class TimersOfReceivers;
  void expired() override;
  ReferenceNumber number_;
  Term receiver_;  // local pid or name
  // Among those of the same receiver; see TimersOfReceivers.
  MessageTimer* next_ = nullptr;
  MessageTimer* previous_ = nullptr;
  bool is_listed_ = false;
  Machine& machine_;
  Message* message_;
};

struct Shard {
  Mutex<LockRank::timer> mutex;
  FlatTable<ReferenceNumber, MessageTimer*, ReferenceTraits> timers GUARDED_BY(mutex);
};

constexpr uint64_t shard_count = 64;
Shard* shards() {
  static auto* all = new Shard[shard_count];
  return all;
}
Shard& shard_of(ReferenceNumber number) { return shards()[(ReferenceTraits::hash(number) >> 7) % shard_count]; }

// Takes the timer out of its table: the caller owns its fate. nullptr if it is not there.
MessageTimer* take_timer(ReferenceNumber number, const Call* call = nullptr) {
  Shard& shard = shard_of(number);
  Lock lock(shard.mutex);
  MessageTimer** found = shard.timers.find(number);
  if (!found || (call && !(*found)->belongs_to(*call))) return nullptr;
  MessageTimer* timer = *found;
  shard.timers.erase(number);
  return timer;
}

// The timers of each process, so that they end with it.
class TimersOfReceivers final : public ProcessExitHook {
 public:
  static TimersOfReceivers& instance() {
    static auto* all = new TimersOfReceivers;
    return *all;
  }

  // Makes the timer known by its reference and sets it. False: its receiver ends, or has ended.
  bool set(MessageTimer& timer, uint64_t deadline_ms) {
    if (timer.receiver().is_atom()) {
      publish(timer, deadline_ms);
      return true;
    }
    epoch::Guard guard;
    List& list = list_of(timer.receiver());
    list.size.fetch_add(1, std::memory_order_seq_cst);  // before the state is read: process_exits() looks the other way round
    Lock lock(list.mutex);
    const Process* process = find_process(timer.receiver());
    if (process == nullptr || (process->state.load(std::memory_order_seq_cst) & process_state::exiting) != 0) {
      list.size.fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
    link(list, timer);
    publish(timer, deadline_ms);  // still locked: nobody may find the timer in one place and not yet in the other
    return true;
  }

  // For whoever has taken the timer; afterwards nobody else knows it, but for the wheel.
  void forget(MessageTimer& timer) {
    if (timer.receiver().is_atom()) return;
    List& list = list_of(timer.receiver());
    Lock lock(list.mutex);
    if (timer.is_listed_) unlink(list, timer);
  }

  void process_exits(Process& process, Term) override {
    List& list = list_of(process.self);
    if (list.size.load(std::memory_order_seq_cst) == 0) return;
    MessageTimer* ended = nullptr;
    {
      Lock lock(list.mutex);
      MessageTimer** first = list.first.find(process.self);
      for (MessageTimer *timer = first ? *first : nullptr, *next; timer; timer = next) {
        next = timer->next_;
        if (take_timer(timer->number()) == nullptr) continue;  // it expires or is cancelled: forget() waits for us
        unlink(list, *timer);
        timer->next_ = ended;
        ended = timer;
      }
    }
    for (MessageTimer* next; ended; ended = next) {
      next = ended->next_;
      process.charge(1);
      if (cancel_timer(*ended)) delete ended;  // else it is about to expire, and deletes itself
    }
  }

 private:
  struct PidTraits {
    static size_t hash(Term pid) { return StoredTermTraits::hash(pid) >> 6; }
    static bool equal(Term a, Term b) { return a == b; }
  };
  struct List {
    // Held outside the timers' own locks. Of a rank that none is of which is held when timers are set, expire or end.
    Mutex<LockRank::machines> mutex;
    std::atomic<size_t> size{0};
    FlatTable<Term, MessageTimer*, PidTraits> first GUARDED_BY(mutex);
  };
  List& list_of(Term pid) { return lists_[StoredTermTraits::hash(pid) % list_count]; }
  static void publish(MessageTimer& timer, uint64_t deadline_ms) {
    {
      // The table first: expiry looks the timer up in it. Nobody else knows the reference yet.
      Shard& shard = shard_of(timer.number());
      Lock lock(shard.mutex);
      shard.timers.insert(timer.number(), &timer);
    }
    set_timer(timer, deadline_ms);
  }
  static void link(List& list, MessageTimer& timer) REQUIRES_LOCK(list.mutex) {
    timer.is_listed_ = true;
    if (MessageTimer** first = list.first.find(timer.receiver())) {
      timer.next_ = *first;
      (*first)->previous_ = &timer;
      *first = &timer;
    } else {
      list.first.insert(timer.receiver(), &timer);
    }
  }
  static void unlink(List& list, MessageTimer& timer) REQUIRES_LOCK(list.mutex) {
    timer.is_listed_ = false;
    list.size.fetch_sub(1, std::memory_order_relaxed);
    if (timer.next_) timer.next_->previous_ = timer.previous_;
    if (timer.previous_) timer.previous_->next_ = timer.next_;
    else if (timer.next_) *list.first.find(timer.receiver()) = timer.next_;
    else list.first.erase(timer.receiver());
  }

  static constexpr size_t list_count = 64;
  List lists_[list_count];
};

void MessageTimer::deliver_now() {
  Message* message = std::exchange(message_, nullptr);
  if (machine_.guest() != nullptr) discharge_signal(machine_, *message);
  Term to = receiver_.is_atom() ? machine_.registry.find(receiver_) : receiver_;
  if (to.is_local_pid()) deliver_message(to, message);
  else message->undeliverable();
}

void MessageTimer::expired() {
  if (take_timer(number_) == this) {
    TimersOfReceivers::instance().forget(*this);
    deliver_now();
    delete this;
    return;
  }
  // Taken just now: it is left to us to delete, but the taker may not have asked the wheel yet.
  epoch::retire(this);
}

// As stock's take, about.
constexpr size_t bytes_of_timer = 96;

}  // namespace

ProcessExitHook& timers_exit_hook() { return TimersOfReceivers::instance(); }

size_t guest_timer_bytes() {
  size_t count = 0;
  for (uint64_t i = 0; i < shard_count; i++) {
    Lock lock(shards()[i].mutex);
    count += shards()[i].timers.size();
  }
  return count * bytes_of_timer;
}

static constexpr int64_t ns_per_ms = 1000000;
// Stock's last point in time, in milliseconds of erlang:monotonic_time.
static constexpr int64_t end_of_time_ms = 8646911284550;

static uint64_t current_ms_ceiling() { return (monotonic_now_ns() + ns_per_ms - 1) / ns_per_ms; }

// The milliseconds of erlang:monotonic_time(millisecond) at which the wheel's clock is zero, rounded down:
// an absolute time is never reached early.
static int64_t wheel_origin_ms() { return (Term::small_min - ns_per_ms + 1) / ns_per_ms; }

// {abs, Boolean} only. False: bad option.
static bool parse_options(Term list, bool& absolute) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (!is_tuple_of_arity(option, 2) || as_tuple(option)->elements[0] != am::abs) return false;
    Term value = as_tuple(option)->elements[1];
    if (value != am::true_ && value != am::false_) return false;
    absolute = value == am::true_;
  }
  return list.is_nil();
}

enum class TimerMessage : uint8_t { plain, with_reference };

// Arguments of the call: time, destination, message[, options].
static Result start(Call& call, TimerMessage kind, Term options) {
  bool absolute = false;
  if (!parse_options(options, absolute)) return raise_badarg(call, am::badopt);
  Term time = call.args[0], receiver = call.args[1];
  if (!time.is_small()) return raise_badarg(call, am::time);
  int64_t ms = time.as_small();
  int64_t begin = wheel_origin_ms(), now = static_cast<int64_t>(monotonic_now_ns() / ns_per_ms);
  bool in_time = absolute ? ms > begin + 2 && ms < end_of_time_ms : ms >= 0 && ms < end_of_time_ms - begin - now;
  if (!in_time) return raise_badarg(call, am::time);
  if (!receiver.is_local_pid() && !receiver.is_atom()) return raise_badarg(call);
  Guest* guest = call.process.machine.guest();
  if (receiver.is_local_pid() && !may_control(call.process, receiver)) return raise_badarg(call);
  if (guest != nullptr && !guest->take(Limit::timers)) return raise_system_limit(call);
  ReferenceNumber number = next_reference_number();
  Term reference = make_reference(call.arena(), number);
  Term content = call.args[2];
  if (kind == TimerMessage::with_reference) content = make_tuple(call.arena(), am::timeout, reference, content);
  auto* timer = new MessageTimer(number, receiver, call.process.machine, Message::create(content));
  call.charge(8);
  uint64_t deadline;
  if (absolute) deadline = static_cast<uint64_t>(ms - begin);
  else deadline = deadline_after_ms(static_cast<uint64_t>(ms));
  if (deadline <= monotonic_now_ns() / ns_per_ms || (!absolute && ms == 0)) {
    timer->deliver_now();
    delete timer;
    return reference;
  }
  if (!TimersOfReceivers::instance().set(*timer, deadline)) delete timer;
  return reference;
}

static Result erlang_start_timer_3(Call& call) { return start(call, TimerMessage::with_reference, Term::nil()); }
static Result erlang_start_timer_4(Call& call) { return start(call, TimerMessage::with_reference, call.args[3]); }
static Result erlang_send_after_3(Call& call) { return start(call, TimerMessage::plain, Term::nil()); }
static Result erlang_send_after_4(Call& call) { return start(call, TimerMessage::plain, call.args[3]); }

// Milliseconds left, or false.
static Term remaining(Arena& arena, const MessageTimer& timer) {
  uint64_t now = current_ms_ceiling(), deadline = timer.deadline_ms();
  return make_unsigned(arena, deadline > now ? deadline - now : 0);
}

static Term cancel(Call& call) {
  Arena& arena = call.arena();
  Term reference = call.args[0];
  if (!reference.is_internal_reference()) return am::false_;
  MessageTimer* timer = take_timer(reference_number(reference), &call);
  if (!timer) return am::false_;
  TimersOfReceivers::instance().forget(*timer);
  Term left = remaining(arena, *timer);
  if (cancel_timer(*timer)) delete timer;  // else it is about to expire, and deletes itself
  return left;
}

static Term read(Call& call) {
  Arena& arena = call.arena();
  Term reference = call.args[0];
  if (!reference.is_internal_reference()) return am::false_;
  ReferenceNumber number = reference_number(reference);
  Shard& shard = shard_of(number);
  Lock lock(shard.mutex);
  MessageTimer** timer = shard.timers.find(number);
  return timer && (*timer)->belongs_to(call) ? remaining(arena, **timer) : am::false_;
}

struct AnswerOptions {
  bool async = false;
  bool info = true;
};
static bool parse_answer_options(Term list, AnswerOptions& options, bool allow_info) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (!is_tuple_of_arity(option, 2)) return false;
    Term key = as_tuple(option)->elements[0], value = as_tuple(option)->elements[1];
    if (value != am::true_ && value != am::false_) return false;
    if (key == am::async) options.async = value == am::true_;
    else if (key == am::info && allow_info) options.info = value == am::true_;
    else return false;
  }
  return list.is_nil();
}

static Result answer(Call& call, const AnswerOptions& options, Term tag, Term value) {
  call.charge(8);
  if (options.async) {
    if (options.info) deliver(call.process.self, make_tuple(call.arena(), tag, call.args[0], value));
    return am::ok;
  }
  return options.info ? value : am::ok;
}

static Result erlang_cancel_timer_1(Call& call) {
  if (!call.args[0].is_reference()) return raise_badarg(call);
  return answer(call, {}, am::cancel_timer, cancel(call));
}
static Result erlang_cancel_timer_2(Call& call) {
  AnswerOptions options;
  if (!call.args[0].is_reference() || !parse_answer_options(call.args[1], options, true)) return raise_badarg(call);
  return answer(call, options, am::cancel_timer, cancel(call));
}
static Result erlang_read_timer_1(Call& call) {
  if (!call.args[0].is_reference()) return raise_badarg(call);
  return answer(call, {}, am::read_timer, read(call));
}
static Result erlang_read_timer_2(Call& call) {
  AnswerOptions options;
  if (!call.args[0].is_reference() || !parse_answer_options(call.args[1], options, false)) return raise_badarg(call);
  return answer(call, options, am::read_timer, read(call));
}

static constexpr BifRow rows[] = {
    {"erlang", "start_timer", 3, erlang_start_timer_3, BifKind::plain, Authority::own_machine},
    {"erlang", "start_timer", 4, erlang_start_timer_4, BifKind::plain, Authority::own_machine},
    {"erlang", "send_after", 3, erlang_send_after_3, BifKind::plain, Authority::own_machine},
    {"erlang", "send_after", 4, erlang_send_after_4, BifKind::plain, Authority::own_machine},
    {"erlang", "cancel_timer", 1, erlang_cancel_timer_1, BifKind::plain, Authority::own_machine},
    {"erlang", "cancel_timer", 2, erlang_cancel_timer_2, BifKind::plain, Authority::own_machine},
    {"erlang", "read_timer", 1, erlang_read_timer_1, BifKind::plain, Authority::own_machine},
    {"erlang", "read_timer", 2, erlang_read_timer_2, BifKind::plain, Authority::own_machine},
};
const BifTable process_timers_bifs = rows;

}  // namespace hanse
