// Who is told of what is traced: a process, a port, or a tracer module (erl_tracer(3)), whose native functions are called instead.
#pragma once

#include <atomic>

#include "base/ref.h"
#include "process/stored_term.h"

namespace hanse {

class Tracer {
 public:
  Tracer() = default;  // nobody
  // A local pid or port, or none(). {Module, State}: has to live as long as this; kept() copies it.
  Tracer(Term term) : term_(term) {}
  static Tracer of_module(Term module, Term state);

  Tracer kept() const;
  bool is_none() const { return term_.is_none(); }
  bool is_module() const { return term_.is_pointer(); }
  bool is(Term pid_or_port) const { return term_ == pid_or_port; }
  bool operator==(const Tracer& other) const;

  Term term() const { return term_; }  // lives as long as this
  Term read(Arena& arena) const { return is_module() ? copy(arena, term_) : term_; }
  // Of a module.
  Term module() const;
  Term state() const;

 private:
  struct Held : RefCounted<Held> {
    explicit Held(StoredTerm whole) : pair(std::move(whole)) {}
    static void destroy(Held* held) { delete held; }
    StoredTerm pair;
  };
  Term term_ = Term::none();
  Ref<Held> held_;
};

enum class TracerAnswer : uint8_t { trace, discard, remove };

// Whether the tracer wants to be told of an event with that tag; remove: it is gone, or does not want to be told of anything any more.
// A module's functions are called: no lock may be held that they could need.
TracerAnswer ask_tracer(const Tracer& tracer, Term tag, Term tracee);
bool tracer_is_alive(const Tracer& tracer, Term tracee = Term::none());

struct TraceSettings {
  uint32_t flags = 0;  // trace_flag bits (process/tracing.h)
  Tracer tracer;
};

// What is traced of one process or port. Any thread. `flags` is what everything that can be traced tests: kept the same here, and
// bits that are not in trace_flag::all stay.
class TraceSlot {
 public:
  TraceSlot() = default;
  TraceSlot(const TraceSlot&) = delete;
  TraceSlot& operator=(const TraceSlot&) = delete;
  ~TraceSlot() { delete settings_.load(std::memory_order_relaxed); }
  TraceSettings read() const;
  void set(std::atomic<uint32_t>& flags, TraceSettings settings);
  // Adds or removes flags. tracer: to be used if flags are added where there is none. False: another one, which is alive, is in the way.
  bool change(std::atomic<uint32_t>& flags, Term tracee, uint32_t add, uint32_t remove, const Tracer& tracer);

 private:
  void replace(std::atomic<uint32_t>& flags, TraceSettings settings);
  // Written under LockRank::trace, read under an epoch guard. nullptr: not traced.
  std::atomic<const TraceSettings*> settings_{nullptr};
};

// Calls native functions of tracer modules. Implemented above, set once by main.
class TracerModules {
 public:
  virtual ~TracerModules() = default;
  // It is loaded, and has what a tracer needs: enabled/3 and trace/5.
  virtual bool is_tracer(Term module) = 0;
  virtual TracerAnswer enabled(const Tracer& tracer, Term tag, Term tracee) = 0;
  // what, options: as in erl_tracer(3).
  virtual void trace(const Tracer& tracer, Term tag, Term tracee, Term what, Term options) = 0;
};
void set_tracer_modules(TracerModules* modules);
TracerModules& tracer_modules();

}  // namespace hanse
