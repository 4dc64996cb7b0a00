#include "process/process.h"

#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/receive_timer.h"
#include "process/tracing.h"

namespace hanse {

Process::MachineHold::MachineHold(Machine& machine) : machine(machine) { machine.retain(); }
Process::MachineHold::~MachineHold() { machine.release(); }

Process::Process(Machine& owner, Term pid, const SpawnOptions& options)
    : hold_(owner),
      heap(owner.account, options.heap),
      machine(owner),
      self(pid),
      group_leader(pid),
      priority(options.priority),
      system_process(options.system_process),
      message_queue_off_heap(options.message_queue_off_heap) {
  owner.account.charge(MemoryKind::system, sizeof(Process));
  heap.budget = owner.guest();
  owner.process_count.fetch_add(1, std::memory_order_relaxed);
}

Process::~Process() {
  delete receive_timer;
  delete trace.load(std::memory_order_relaxed);
  if (saved_ != inline_saved_) std::free(saved_);
  machine.account.charge(MemoryKind::system, -static_cast<int64_t>(sizeof(Process) + charged_bytes));
}

void Process::save_registers(const Term* registers, uint32_t count) {
  if (count > saved_capacity_) {
    if (saved_ != inline_saved_) std::free(saved_);
    saved_ = static_cast<Term*>(std::malloc(count * sizeof(Term)));
    CHECK(saved_ != nullptr);
    saved_capacity_ = count;
  }
  std::memcpy(static_cast<void*>(saved_), registers, count * sizeof(Term));
  live = count;
}

void Process::load_registers(Term* registers) const {
  std::memcpy(static_cast<void*>(registers), saved_, live * sizeof(Term));
}

// What a guest's mailbox holds is its memory as soon as it is there.
void Process::append_message(Message& message) {
  if (machine.guest() != nullptr && message.fragment != nullptr && !message.attached) [[unlikely]] {
    heap.attach(message.fragment);
    message.fragment = nullptr;
    message.attached = true;
  }
  mailbox.append(&message);
  activated = true;
}

size_t Process::handle_signals() {
  // The flag goes first: a signal that arrives now sets it again, at worst for nothing.
  state.fetch_and(~process_state::signals, std::memory_order_acq_rel);
  size_t count = 0;
  Guest* guest = machine.guest();
  for (Signal *signal = inbox.take_all(), *next; signal; signal = next, count++) {
    next = signal->next;
    if (guest != nullptr) [[unlikely]] discharge_signal(machine, *signal);
    if (!pending_exit.is_none()) [[unlikely]] {
      signal->undeliverable();  // it is as if it had exited already
    } else if (signal->is_message && !is_traced(*this, trace_flag::receive)) [[likely]] {
      append_message(*static_cast<Message*>(signal));
    } else {
      signal->deliver(*this);
    }
  }
  if (guest != nullptr && activated) [[unlikely]] guest->check_mailbox(*this);
  return count;
}

void Process::visit_roots(RootVisitor& visitor) {
  visitor.visit(saved_registers());
  Term* fixed[] = {&group_leader,         &parent,          &pending_exit,    &exception.reason,
                   &exception.arguments,  &exception.cause, &exception.trace, &exception.error_info};
  for (Term* root : fixed) visitor.visit({root, 1});
  dictionary.visit_roots(visitor);
  mailbox.visit_roots(visitor);
  relations.visit_roots(visitor);
  if (resume) resume->visit_roots(visitor);
  if (ProcessTrace* own = trace.load(std::memory_order_acquire)) visitor.visit({&own->token, 1});
}

}  // namespace hanse
