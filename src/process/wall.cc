#include "process/wall.h"

#include "base/epoch.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "term/copy.h"

namespace hanse {

Machine& acting_machine() {
  SchedulerThread* thread = this_scheduler_thread();
  return thread != nullptr && thread->running != nullptr ? thread->running->machine : host_machine();
}

bool crosses_wall(const Process& receiver) {
  return guests_exist.load(std::memory_order_relaxed) && &receiver.machine != &acting_machine();
}

namespace {

class WallCrossing final : public Crossing {
 public:
  explicit WallCrossing(Machine& to) : to_(to) {}

  Export* export_for(Export* target) override { return to_.realm.export_for(target->module, target->function, target->arity); }
  FunEntry* replacement(FunEntry* entry) override {
    static constexpr uint8_t md5[16] = {};
    // Nobody will ever load code for it.
    return entry->is_guest ? host_machine().realm.fun_entry(am::outside_fun, 0, 0, md5, entry->arity, 0) : nullptr;
  }

 private:
  Machine& to_;
};

}  // namespace

Term copy_across(Arena& arena, Machine& to, Term term) {
  WallCrossing crossing(to);
  return copy_crossing(arena, term, crossing);
}

Message* message_across(Machine& to, Term term) {
  if (!term.is_pointer()) return Message::create(term);
  FragmentArena arena(flat_size_with_literals(term));
  Term copied = copy_across(arena, to, term);
  return Message::adopt(copied, arena.take());
}

bool deliver_outside(Term to, Term message) {
  epoch::Guard guard;
  Process* receiver = find_process(to);
  return receiver != nullptr && deliver_message(to, message_across(receiver->machine, message));
}

}  // namespace hanse
