// Calls, returns, frames. A call pushes the address of the next instruction; allocate makes the frame below it:
//
//   e -> | y0 | y1 | ... | return address | caller's frame ...
//
// A slice ends at the entry of a function, when the reductions are used up.
#include "interp/breakpoints.h"
#include "interp/enter.h"
#include "interp/entries.h"
#include "interp/handler.h"
#include "code/module_table.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/scheduler.h"

namespace hanse {

HANDLER(call) {
  push_return(e, ip + L::words);
  ENTER_LOCAL(LABEL(0));
}
HANDLERS_OF(call)

HANDLER(call_last) {
  e += NUMBER(1);
  ENTER_LOCAL(LABEL(0));
}
HANDLERS_OF(call_last)

HANDLER(call_only) { ENTER_LOCAL(LABEL(0)); }
HANDLERS_OF(call_only)

HANDLER(call_ext) {
  push_return(e, ip + L::words);
  ENTER_EXPORT(POINTER(Export, 0));
}
HANDLERS_OF(call_ext)

HANDLER(call_ext_last) {
  e += NUMBER(1);
  ENTER_EXPORT(POINTER(Export, 0));
}
HANDLERS_OF(call_ext_last)

HANDLER(call_ext_only) { ENTER_EXPORT(POINTER(Export, 0)); }
HANDLERS_OF(call_ext_only)

HANDLER(return_) {
  RETURN();
}
HANDLERS_OF(return_)

HANDLER(deallocate_return) {
  e += NUMBER(0);
  RETURN();
}
HANDLERS_OF(deallocate_return)

HANDLER(allocate) {
  ENSURE_HEAP(NUMBER(0), NUMBER(1));
  e -= NUMBER(0);
  NEXT();
}
HANDLERS_OF(allocate)

HANDLER(allocate_heap) {
  ENSURE_HEAP(NUMBER(0) + NUMBER(1), NUMBER(2));
  e -= NUMBER(0);
  NEXT();
}
HANDLERS_OF(allocate_heap)

HANDLER(test_heap) {
  ENSURE_HEAP(NUMBER(0), NUMBER(1));
  NEXT();
}
HANDLERS_OF(test_heap)

HANDLER(deallocate) {
  e += NUMBER(0);
  NEXT();
}
HANDLERS_OF(deallocate)

HANDLER(trim) {
  e += NUMBER(0);
  NEXT();
}
HANDLERS_OF(trim)

HANDLER(init_yregs) {
  uint32_t count = NUMBER(0);
  for (uint32_t i = 0; i < count; i++) e[TAIL()[i]] = Term::nil();
  DISPATCH(after_tail(TAIL() + count));
}
HANDLERS_OF(init_yregs)

HANDLER(func_info) {
  SYNC();
  set_error_with_arguments(p, am::function_clause, make_list(p->heap, {x, NUMBER(0)}));
  RELOAD();
  TAIL_CALL(unwind);
}
HANDLERS_OF(func_info)

// --- built-in functions ---

// What a built-in function answered other than a term is in the register file.
HANSE_PRESERVE_NONE void bif_has_no_value(ENGINE_PARAMETERS) {
  Result result = register_file(x).bif_result;
  if (result.is_raised()) TAIL_CALL(unwind);
  p->live = register_file(x).bif_arity;
  tell_again_not(*p, ip);
  if (result.is_wait()) TAIL_CALL(end_slice_waiting);
  TAIL_CALL(end_slice_yielded);
}

HANDLER(call_bif) {
  auto* target = POINTER(Export, 0);
  const BifRow* row = target->bif;
  reds--;
  SYNC();
  Call call{*p, x, row};
  p->ip = ip;
  Result result = target->bif_call.load(std::memory_order_relaxed)(call);
  RELOAD_ALL();  // others may have collected in a window of a dirty call
  if (result.is_term()) [[likely]] {
    x[0] = result.term();
    if (p->heap.wants_collection() || collect_always) [[unlikely]] {
      if (!collect_garbage(p, x, 0, 1)) TAIL_CALL(unwind);
      RELOAD_ALL();
    }
    NEXT();
  }
  if (result.is_trap()) {
    push_return(e, ip + L::words);
    ENTER_EXPORT(p->trap_target);
  }
  register_file(x).bif_result = result;
  register_file(x).bif_arity = row->arity;
  TAIL_CALL(bif_has_no_value);
}
HANDLERS_OF(call_bif)

// The rest is for a worker: a process that was suspended meanwhile does nothing more.
HANSE_PRESERVE_NONE static void leave_dirty_thread(ENGINE_PARAMETERS) {
  Ip caller = reinterpret_cast<Ip>((*e++).word());
  p->live = 1;
  TAIL_CALL_AT(end_slice_yielded, caller);
}

HANDLER(export_bif) {
  const BifRow* row = export_of_stub(ip)->bif;
  SYNC();
  Call call{*p, x, row};
  p->ip = ip;
  Result result = entry_of(*row)(call);
  RELOAD_ALL();
  if (result.is_term()) [[likely]] {
    x[0] = result.term();
    if (p->heap.wants_collection() || collect_always) [[unlikely]] {
      if (!collect_garbage(p, x, 0, 1)) TAIL_CALL(unwind);
      RELOAD_ALL();
    }
    if (register_file(x).is_dirty) [[unlikely]] TAIL_CALL(leave_dirty_thread);
    RETURN();
  }
  if (result.is_trap()) ENTER_EXPORT(p->trap_target);
  register_file(x).bif_result = result;
  register_file(x).bif_arity = row->arity;
  TAIL_CALL(bif_has_no_value);
}
HANDLERS_OF(export_bif)

// The process moves to a dirty pool, makes the call there and goes back with what that returns.
HANDLER(export_dirty) {
  if (register_file(x).is_dirty) TAIL_CALL(handler_export_bif<>::run);
  const BifRow* row = export_of_stub(ip)->bif;
  SYNC();
  p->ip = ip;
  p->save_registers(x, row->arity);
  register_file(x).slice_end = row->kind == BifKind::dirty_cpu ? SliceEnd::dirty_cpu : SliceEnd::dirty_io;
}
HANDLERS_OF(export_dirty)

HANDLER(jump_export) { DISPATCH(POINTER(Export, 0)->entry.load(std::memory_order_acquire)); }
HANDLERS_OF(jump_export)

// --- calls of what is known only now ---

// Places the arguments of a call through the error handler: module, function, list of the first `arity` X registers.
static Export* call_error_handler(Process* p, Term* x, Term module, Term function, uint32_t arity) {
  Term arguments = make_list(p->heap, {x, arity});
  Export* handler = p->machine.realm.export_for(p->error_handler, am::undefined_function, 3);
  if (!handler->is_loaded()) {
    set_error(p, am::undef);
    p->exception.arguments = arguments;
    p->exception.undefined_module = module;
    p->exception.undefined_function = function;
    return nullptr;
  }
  x[0] = module;
  x[1] = function;
  x[2] = arguments;
  return handler;
}

HANDLER(export_undefined) {
  Export* target = export_of_stub(ip);
  SYNC();
  Export* handler = call_error_handler(p, x, target->module, target->function, target->arity);
  RELOAD();
  if (handler == nullptr) TAIL_CALL(unwind);
  ENTER_EXPORT(handler);
}
HANDLERS_OF(export_undefined)

// Of a closure of that arity whose code is loaded; its environment follows the arguments. nullptr: resolve_fun knows more.
HANSE_INLINE Ip closure_entry(Term* x, Term fun, uint32_t arity) {
  if (!fun.is_local_fun()) return nullptr;
  Fun* closure = as_fun(fun);
  if (closure->entry->arity != arity) return nullptr;
  Ip code = closure->entry->entry.load(std::memory_order_acquire);
  if (code == nullptr) return nullptr;
  size_t free_count = closure->free_count();
  for (size_t i = 0; i < free_count; i++) x[arity + i] = closure->environment[i];
  return code;
}

// The fun `fun` is called with `arity` arguments in x: the export to continue at, or the entry; its environment follows the
// arguments. Neither: p->exception is set.
struct FunCall {
  Export* target = nullptr;
  Ip entry = nullptr;
  uint32_t live = 0;
};
// The slice ends at the next function. False: the purge is over.
static bool suspend_until_purged(Process* p, ModuleTable& modules, Term module) {
  p->suspend_count.fetch_add(1, std::memory_order_relaxed);
  p->state.fetch_or(process_state::suspended, std::memory_order_acq_rel);
  if (modules.await_purge(module, p->self)) {
    p->interrupt = true;
    p->reductions_left = 0;
    return true;
  }
  if (p->suspend_count.fetch_sub(1, std::memory_order_relaxed) == 1)
    p->state.fetch_and(~process_state::suspended, std::memory_order_acq_rel);
  return false;
}

FunCall resolve_fun(Process* p, Term* x, Term fun, uint32_t arity) {
  if (fun.is_local_fun()) {
    FunEntry* entry = as_fun(fun)->entry;
    if (entry->arity == arity) [[likely]] {
      if (Ip code = closure_entry(x, fun, arity))
        return {.entry = code, .live = static_cast<uint32_t>(arity + as_fun(fun)->free_count())};
      // While the fun's code is being purged, which may be given up, the caller is suspended; then it tries again. If other
      // code of the module is there, the fun's own is gone. Else the module is loaded: error_handler:undefined_lambda/3.
      ModuleTable& modules = p->machine.realm.modules();
      if (modules.purged(entry->module) != nullptr && suspend_until_purged(p, modules, entry->module)) {
        Term arguments = make_list(p->heap, {x, arity});
        x[0] = entry->module;
        x[1] = fun;
        x[2] = arguments;
        return {.target = p->machine.realm.export_for(make_atom("erts_code_purger"), make_atom("pending_purge_lambda"), 3)};
      }
      if (modules.current(entry->module) != nullptr && modules.purged(entry->module) == nullptr &&
          entry->entry.load(std::memory_order_acquire) == nullptr) {
        set_error_pair(p, am::badfun, fun);
        return {};
      }
      Term arguments = make_list(p->heap, {x, arity});
      x[0] = entry->module;
      x[1] = fun;
      x[2] = arguments;
      return {.target = p->machine.realm.export_for(p->error_handler, am::undefined_lambda, 3)};
    }
  } else if (fun.is_export_fun() && fun.as<ExportFun>()->target->arity == arity) {
    return {.target = fun.as<ExportFun>()->target};
  }
  if (!fun.is_fun()) {
    set_error_pair(p, am::badfun, fun);
  } else {
    Term arguments = make_list(p->heap, {x, arity});
    set_error_pair(p, am::badarity, make_tuple(p->heap, fun, arguments));
  }
  return {};
}

#define ENTER_FUN(fun_call)                                \
  do {                                                     \
    if ((fun_call).entry != nullptr) [[likely]] {          \
      Ip entry_ = (fun_call).entry;                        \
      if (--reds < 0) [[unlikely]] {                       \
        p->live = (fun_call).live;                         \
        TAIL_CALL_AT(end_slice_yielded, entry_);           \
      }                                                    \
      TAIL_CALL_AT(handler_at(entry_), entry_);            \
    }                                                      \
    ENTER_EXPORT((fun_call).target);                       \
  } while (false)

HANDLER(call_fun) {
  uint32_t arity = NUMBER(0);
  if (Ip code = closure_entry(x, x[arity], arity)) [[likely]] {
    push_return(e, ip + L::words);
    ENTER_LOCAL(code);
  }
  SYNC();
  FunCall target = resolve_fun(p, x, x[arity], arity);
  RELOAD();
  if (target.entry == nullptr && target.target == nullptr) [[unlikely]] TAIL_CALL(unwind);
  push_return(e, ip + L::words);
  ENTER_FUN(target);
}
HANDLERS_OF(call_fun)

HANDLER(call_fun2) {
  if (Ip code = closure_entry(x, GET(1), NUMBER(0))) [[likely]] {
    push_return(e, ip + L::words);
    ENTER_LOCAL(code);
  }
  SYNC();
  FunCall target = resolve_fun(p, x, GET(1), NUMBER(0));
  RELOAD();
  if (target.entry == nullptr && target.target == nullptr) [[unlikely]] TAIL_CALL(unwind);
  push_return(e, ip + L::words);
  ENTER_FUN(target);
}
HANDLERS_OF(call_fun2)

HANDLER(call_fun_last) {
  uint32_t arity = NUMBER(0);
  if (Ip code = closure_entry(x, x[arity], arity)) [[likely]] {
    e += NUMBER(1);
    ENTER_LOCAL(code);
  }
  SYNC();
  FunCall target = resolve_fun(p, x, x[arity], arity);
  RELOAD();
  if (target.entry == nullptr && target.target == nullptr) [[unlikely]] TAIL_CALL(unwind);
  e += NUMBER(1);
  ENTER_FUN(target);
}
HANDLERS_OF(call_fun_last)

HANDLER(call_fun2_last) {
  if (Ip code = closure_entry(x, GET(1), NUMBER(0))) [[likely]] {
    e += NUMBER(2);
    ENTER_LOCAL(code);
  }
  SYNC();
  FunCall target = resolve_fun(p, x, GET(1), NUMBER(0));
  RELOAD();
  if (target.entry == nullptr && target.target == nullptr) [[unlikely]] TAIL_CALL(unwind);
  e += NUMBER(2);
  ENTER_FUN(target);
}
HANDLERS_OF(call_fun2_last)

// module:function with `arity` arguments in x. nullptr: p->exception is set.
Export* resolve_apply(Process* p, Term* x, Term module, Term function, uint32_t arity) {
  if (!module.is_atom() || !function.is_atom()) {
    Term arguments = make_list(p->heap, {x, arity});
    set_error(p, am::badarg);
    p->exception.bif = entries().apply_row;
    p->exception.arguments = make_list(p->heap, std::initializer_list<Term>{module, function, arguments});
    return nullptr;
  }
  Export* target = p->machine.realm.find_export(module, function, arity);
  if (target != nullptr) return target;
  return call_error_handler(p, x, module, function, arity);
}

HANDLER(apply) {
  uint32_t arity = NUMBER(0);
  SYNC();
  Export* target = resolve_apply(p, x, x[arity], x[arity + 1], arity);
  RELOAD();
  if (target == nullptr) TAIL_CALL(unwind);
  push_return(e, ip + L::words);
  ENTER_EXPORT(target);
}
HANDLERS_OF(apply)

// erlang:error/1,2,3, exit/1, throw/1: they never return. The frame of their caller stays, so that the stack trace names it.
static bool only_raises(const Export* target) {
  if (target->bif == nullptr || target->module != am::erlang) return false;
  Term name = target->function;
  return name == am::error || ((name == am::exit || name == am::throw_) && target->arity == 1);
}

static Export* resolve_apply_list(Process* p, Term* x);

HANDLER(apply_last) {
  uint32_t arity = NUMBER(0);
  SYNC();
  Export* target = resolve_apply(p, x, x[arity], x[arity + 1], arity);
  if (target != nullptr && target->bif != nullptr && target->bif == entries().apply_row) target = resolve_apply_list(p, x);
  RELOAD();
  if (target == nullptr) TAIL_CALL(unwind);
  if (only_raises(target)) [[unlikely]] push_return(e, ip + L::words);
  else e += NUMBER(1);
  ENTER_EXPORT(target);
}
HANDLERS_OF(apply_last)

// No function has more than 255 arguments, but only longer lists than these are a system_limit: shorter ones are undef and badarity,
// as on stock. They fit into the X registers.
static constexpr uint32_t max_apply_arguments = 1023, max_fun_arguments = 1022;
static_assert(max_apply_arguments < register_count);

// Spreads a proper list of at most `limit` elements over the X registers; its length, or -1 and the rest of the list.
static int64_t spread_arguments(Term* x, Term& list, uint32_t limit) {
  uint32_t arity = 0;
  for (; list.is_cons() && arity < limit; list = list.as_cons()->tail) x[arity++] = list.as_cons()->head;
  return list.is_nil() ? static_cast<int64_t>(arity) : -1;
}

// rest: what spread_arguments left of the list of apply/2,3.
static void set_apply_error(Process* p, const BifRow* row, std::initializer_list<Term> arguments, Term rest) {
  set_error(p, rest.is_cons() ? am::system_limit : am::badarg);
  p->exception.bif = row;
  p->exception.arguments = make_list(p->heap, std::span<const Term>(arguments.begin(), arguments.size()));
}

// x0:x1 with the list x2, spread over the X registers. nullptr: p->exception is set.
static Export* resolve_apply_list(Process* p, Term* x) {
  for (;;) {
    Term module = x[0], function = x[1], list = x[2], rest = list;
    int64_t arity = spread_arguments(x, rest, max_apply_arguments);
    if (arity < 0) {
      if (!module.is_atom() || !function.is_atom()) rest = Term::nil();  // that comes first
      set_apply_error(p, entries().apply_row, {module, function, list}, rest);
      return nullptr;
    }
    Export* target = resolve_apply(p, x, module, function, static_cast<uint32_t>(arity));
    if (target == nullptr || target->bif != entries().apply_row) return target;
  }
}

HANDLER(apply_list) {
  SYNC();
  Export* target = resolve_apply_list(p, x);
  RELOAD();
  if (target == nullptr) TAIL_CALL(unwind);
  ENTER_EXPORT(target);
}
HANDLERS_OF(apply_list)

HANDLER(apply_list_last) {
  SYNC();
  Export* target = resolve_apply_list(p, x);
  RELOAD();
  if (target == nullptr) TAIL_CALL(unwind);
  if (only_raises(target)) [[unlikely]] push_return(e, ip + L::words);
  else e += NUMBER(0);
  ENTER_EXPORT(target);
}
HANDLERS_OF(apply_list_last)

// The fun x0 with the list x1, spread over the X registers. None: p->exception is set.
static FunCall resolve_fun_list(Process* p, Term* x) {
  Term fun = x[0], list = x[1], rest = list;
  int64_t arity = spread_arguments(x, rest, max_fun_arguments);
  if (arity >= 0) return resolve_fun(p, x, fun, static_cast<uint32_t>(arity));
  set_apply_error(p, entries().apply_fun_row, {fun, list}, rest);
  return {};
}

HANDLER(apply_fun_list) {
  SYNC();
  FunCall target = resolve_fun_list(p, x);
  RELOAD();
  if (target.entry == nullptr && target.target == nullptr) TAIL_CALL(unwind);
  ENTER_FUN(target);
}
HANDLERS_OF(apply_fun_list)

HANDLER(apply_fun_list_last) {
  SYNC();
  FunCall target = resolve_fun_list(p, x);
  RELOAD();
  if (target.entry == nullptr && target.target == nullptr) TAIL_CALL(unwind);
  e += NUMBER(0);
  ENTER_FUN(target);
}
HANDLERS_OF(apply_fun_list_last)

// --- first and last things of a process ---

HANDLER(hibernate_list) {
  Term list = x[2];
  size_t arity = 0;
  for (; list.is_cons(); list = list.as_cons()->tail) arity++;
  bool valid = x[0].is_atom() && x[1].is_atom() && list.is_nil();
  SYNC();
  if (!valid || arity > max_apply_arguments) {
    set_error(p, valid ? am::system_limit : am::badarg);
    p->exception.bif = entries().hibernate_row;
    p->exception.arguments = make_list(p->heap, {x, 3});
    RELOAD();
    TAIL_CALL(unwind);
  }
  // The stack goes, but for the return address that ends the process.
  e = reinterpret_cast<Term*>(p->heap.stack_bottom()) - 1;
  *e = Term::from_word(reinterpret_cast<Word>(entries().end_process));
  if (p->mailbox.length() > 0) DISPATCH(entries().hibernated);
  SYNC();
  p->live = 3;
  if (!collect_for_hibernation(p, x, 3)) TAIL_CALL(unwind);
  RELOAD_ALL();
  TAIL_CALL_AT(end_slice_waiting, entries().hibernated);
}
HANDLERS_OF(hibernate_list)

}  // namespace hanse
