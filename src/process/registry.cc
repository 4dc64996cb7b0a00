#include "process/registry.h"

#include "base/epoch.h"
#include "process/machine.h"
#include "process/ports_interface.h"
#include "process/process_table.h"

namespace hanse {

static Process* live_process(Term pid) {
  Process* process = find_process(pid);
  return process && !(process->state.load(std::memory_order_acquire) & process_state::exited) ? process : nullptr;
}

void Registry::set(Term name, Term holder) {
  holders_.at(name.atom_index()).store(holder.word(), std::memory_order_release);
}

Registry::Outcome Registry::add(Term name, Term holder) {
  epoch::Guard guard;
  Lock lock(mutex_);
  bool taken = !find(name).is_none();
  if (holder.is_local_pid()) {
    // A process that exits sets its state first and then takes this lock (remove_holder): it is seen here, or sees us.
    Process* process = live_process(holder);
    if (!process || &process->machine.registry != this) return Outcome::no_such_process;
    if (!process->registered_name.is_none()) return Outcome::has_name;
    if (taken) return Outcome::taken;
    process->registered_name = name;
  } else {
    PortSignals* ports = this == &host_machine().registry ? port_signals() : nullptr;
    if (!ports || !ports->is_alive(holder)) return Outcome::no_such_process;
    if (taken) return Outcome::taken;
    if (!ports->set_name(holder, name)) return Outcome::has_name;
  }
  set(name, holder);
  return Outcome::ok;
}

bool Registry::remove(Term name) {
  epoch::Guard guard;
  Lock lock(mutex_);
  Term holder = find(name);
  if (holder.is_none()) return false;
  set(name, Term::none());
  if (holder.is_local_pid()) {
    if (Process* process = find_process(holder)) process->registered_name = Term::none();
  } else if (PortSignals* ports = port_signals()) {
    ports->clear_name(holder);
  }
  return true;
}

void Registry::remove_holder(Term holder) {
  epoch::Guard guard;
  Lock lock(mutex_);
  Process* process = find_process(holder);
  if (!process || process->registered_name.is_none()) return;
  set(process->registered_name, Term::none());
  process->registered_name = Term::none();
}

Term Registry::remove_port(Term port, const std::atomic<Word>& name) {
  Lock lock(mutex_);
  Term held = Term::from_word(name.load(std::memory_order_relaxed));
  if (!held.is_none() && find(held) == port) set(held, Term::none());
  return held;
}

std::vector<Term> Registry::names() const {
  std::vector<Term> result;
  holders_.for_each([&](size_t index, const std::atomic<Word>& holder) {
    if (holder.load(std::memory_order_relaxed) != 0) result.push_back(Term::atom(static_cast<uint32_t>(index)));
  });
  return result;
}

}  // namespace hanse
