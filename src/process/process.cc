#include "process/process.h"

#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "process/machine.h"
#include "process/receive_timer.h"
#include "process/tracing.h"

namespace hanse {

Process::Process(Machine& owner, Term pid, const SpawnOptions& options)
    : heap(owner.account, options.heap),
      machine(owner),
      self(pid),
      group_leader(pid),
      priority(options.priority),
      system_process(options.system_process),
      message_queue_off_heap(options.message_queue_off_heap) {
  owner.account.charge(MemoryKind::system, sizeof(Process));
  owner.process_count.fetch_add(1, std::memory_order_relaxed);
}

Process::~Process() {
  delete receive_timer;
  delete trace.load(std::memory_order_relaxed);
  if (saved_ != inline_saved_) std::free(saved_);
  machine.account.charge(MemoryKind::system, -static_cast<int64_t>(sizeof(Process)));
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

size_t Process::handle_signals() {
  // The flag goes first: a signal that arrives now sets it again, at worst for nothing.
  state.fetch_and(~process_state::signals, std::memory_order_acq_rel);
  size_t count = 0;
  for (Signal *signal = inbox.take_all(), *next; signal; signal = next, count++) {
    next = signal->next;
    if (!pending_exit.is_none()) [[unlikely]] {
      signal->undeliverable();  // it is as if it had exited already
    } else if (signal->is_message) {
      if (is_traced(*this, trace_flag::receive)) [[unlikely]] trace_receive(*this, *static_cast<Message*>(signal));
      mailbox.append(static_cast<Message*>(signal));
      activated = true;
    } else {
      signal->deliver(*this);
    }
  }
  return count;
}

void Process::visit_roots(RootVisitor& visitor) {
  visitor.visit(saved_registers());
  Term* fixed[] = {&group_leader,         &parent,          &pending_exit,    &exception.reason,
                   &exception.arguments,  &exception.cause, &exception.trace};
  for (Term* root : fixed) visitor.visit({root, 1});
  dictionary.visit_roots(visitor);
  mailbox.visit_roots(visitor);
  relations.visit_roots(visitor);
  if (resume) resume->visit_roots(visitor);
  if (ProcessTrace* own = trace.load(std::memory_order_acquire)) visitor.visit({&own->token, 1});
}

}  // namespace hanse
