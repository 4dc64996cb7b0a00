#include "process/tracer.h"

#include "process/ports_interface.h"
#include "process/process_table.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/copy_whole.h"

namespace hanse {

static std::atomic<TracerModules*> the_tracer_modules{nullptr};
void set_tracer_modules(TracerModules* modules) { the_tracer_modules.store(modules, std::memory_order_release); }
TracerModules& tracer_modules() { return *the_tracer_modules.load(std::memory_order_acquire); }

Tracer Tracer::of_module(Term module, Term state) {
  FragmentArena arena(whole_size(state) + 3);
  Term pair = make_tuple(arena, module, copy_whole(arena, state));
  Tracer tracer(pair);
  tracer.held_ = Ref<Held>::adopt(new Held(StoredTerm(pair, arena.take())));
  return tracer;
}

Tracer Tracer::kept() const { return is_module() && !held_ ? of_module(module(), state()) : *this; }

bool Tracer::operator==(const Tracer& other) const { return term_ == other.term_ || (is_module() && exactly_equal(term_, other.term_)); }

Term Tracer::module() const { return as_tuple(term_)->elements[0]; }
Term Tracer::state() const { return as_tuple(term_)->elements[1]; }

static bool is_there(Term tracer) {
  epoch::Guard guard;
  if (tracer.is_local_port()) return port_signals() && port_signals()->is_alive(tracer);
  Process* process = tracer.is_local_pid() ? find_process(tracer) : nullptr;
  return process && !(process->state.load(std::memory_order_acquire) & (process_state::exiting | process_state::exited));
}

TracerAnswer ask_tracer(const Tracer& tracer, Term tag, Term tracee) {
  if (tracer.is_module()) return tracer_modules().enabled(tracer, tag, tracee);
  return is_there(tracer.term()) ? TracerAnswer::trace : TracerAnswer::remove;
}

bool tracer_is_alive(const Tracer& tracer, Term tracee) { return ask_tracer(tracer, am::trace_status, tracee) != TracerAnswer::remove; }

}  // namespace hanse
