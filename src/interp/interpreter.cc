#include "interp/interpreter.h"

#include "code/stub.h"
#include "heap/hibernation.h"
#include "interp/breakpoints.h"
#include "interp/entries.h"
#include "interp/handler.h"
#include "interp/hot_code.h"
#include "interp/trace.h"
#include "process/call.h"
#include "process/heap_report.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/observed_collection.h"
#include "process/spawn.h"

namespace hanse {

HotCode hot_code = nullptr;

// Never runs: its address is what handlers are measured from.
extern "C" HANSE_PRESERVE_NONE void hanse_handler_anchor(ENGINE_PARAMETERS) { __builtin_trap(); }

namespace {

const HandlerTable* const tables[] = {
#define INSTRUCTION(name, meaning, ...) &handlers_##name,
#include "code/instructions.def"
#undef INSTRUCTION
};

int32_t offset_of_handler(Instruction instruction, size_t variant) {
  const HandlerTable& table = *tables[static_cast<size_t>(instruction)];
  CHECK(variant < table.count);
  uintptr_t distance = reinterpret_cast<uintptr_t>(table.handlers[variant]) - handler_base();
  CHECK(static_cast<uintptr_t>(static_cast<int32_t>(distance)) == distance);
  return static_cast<int32_t>(distance);
}

uint32_t word_of(Instruction instruction) { return static_cast<uint32_t>(offset_of_handler(instruction, 0)); }

bool is_row(const BifRow* row, std::string_view name, uint32_t arity) {
  return std::string_view(row->module) == "erlang" && row->name == name && row->arity == arity;
}

// The words behind an export without loaded code.
void prepare_stub(Export& target) {
  Instruction instruction = Instruction::export_undefined;
  if (const BifRow* row = target.bif; row != nullptr) {
    if (is_dirty(row->kind)) instruction = Instruction::export_dirty;
    else if (row->kind != BifKind::engine) instruction = Instruction::export_bif;
    else if (is_row(row, "apply", 3)) instruction = Instruction::apply_list;
    else if (is_row(row, "apply", 2)) instruction = Instruction::apply_fun_list;
    else if (is_row(row, "hibernate", 3)) instruction = Instruction::hibernate_list;
  }
  target.stub[0] = word_of(instruction);
  target.entry.store(target.stub, std::memory_order_release);
}

alignas(8) uint32_t apply_words[2];
alignas(8) uint32_t end_words[2];
alignas(8) uint32_t trace_return_words[2];
alignas(8) uint32_t hibernated_words[2];
Entries the_entries;

// Roots of a process that is running: the thread's live registers, and what the process holds.
class RunningRoots final : public RootSet {
 public:
  RunningRoots(Process& process, Term* x, uint32_t live) : process_(process), x_(x), live_(live) {}
  void visit_roots(RootVisitor& visitor) override {
    visitor.visit({x_, live_});
    process_.visit_roots(visitor);
  }

 private:
  Process& process_;
  Term* x_;
  uint32_t live_;
};

}  // namespace

const Entries& entries() { return the_entries; }

// Gives the heap its usual size again. False: the process has been told to end.
static bool wake_from_hibernation(Process& process, Term* x) {
  constexpr uint32_t registers = 3;
  return collect_garbage(&process, x, process.heap.settings.minimum_words * size_t{3} / 4, registers);
}

class Interpreter final : public Engine {
 public:
  SliceEnd run(Process& process, SchedulerThread& thread) override {
    process.load_registers(thread.x);
    process.live = 0;
    ProcessHeap& heap = process.heap;
    if (process.ip == the_entries.hibernated && !wake_from_hibernation(process, thread.x)) [[unlikely]] {
      thread.slice_end = SliceEnd::yielded;
      process.save_registers(thread.x, 0);
      return thread.slice_end;
    }
    if (heap.stack_words() == 0) {  // a new process: its first function returns to the end
      Word* bottom = heap.stack_bottom() - 1;
      *bottom = reinterpret_cast<Word>(the_entries.end_process);
      heap.set_top_and_stack(heap.top, bottom);
    }
    handler_at(process.ip)(&process, process.ip, reinterpret_cast<Term*>(process.heap.stack_top()), thread.x,
                           process.heap.top, process.reductions_left);
    if (thread.slice_end == SliceEnd::yielded && hot_code != nullptr)
      if (Module* module = module_of(process.ip)) hot_code(*module);
    return thread.slice_end;
  }
  SliceEnd run_dirty(Process& process, SchedulerThread& thread) override {
    process.reductions_left = 0;  // back at the next call
    return run(process, thread);
  }
  Ip apply_entry() override { return the_entries.apply_list; }
  Term stack_trace(Arena& arena, Process& process, size_t depth) override {
    return stack_trace_of_process(arena, process, depth);
  }
  std::string backtrace(Process& process) override { return backtrace_of_process(process); }

  static Safepoint make_safepoint() { return safepoint(); }
};

enum class Room : uint8_t { as_usual, none };

static bool collect_with(Process* p, Term* x, CollectionKind kind, size_t need, uint32_t live, Room room = Room::as_usual) {
  if (queue_exceeds_heap_limit(*p) && !heap_limit_reached(*p, need, false)) return false;
  if (Guest* guest = p->machine.guest(); guest != nullptr && !guest->check_memory(*p, need * sizeof(Word))) return false;
  // process.live counts registers saved in the process: none while it runs.
  uint32_t saved = p->live;
  p->live = 0;
  RunningRoots roots(*p, x, live);
  CollectionResult result = observed_collection(*p, kind, need, [&](CollectionKind chosen) {
    if (room == Room::none) return collect_to_fit(Interpreter::make_safepoint(), p->heap, roots);
    return collect(Interpreter::make_safepoint(), p->heap, roots, chosen, need);
  });
  p->live = saved;
  if (result.heap_limit_exceeded || result.out_of_memory) {
    if (!heap_limit_reached(*p, need, result.out_of_memory)) return false;
    return collect_with(p, x, kind, need, live, room);
  }
  p->charge(result.work_words / 16);
  Guest* guest = p->machine.guest();
  return guest == nullptr || guest->check_memory(*p);
}

bool collect_garbage(Process* p, Term* x, size_t need, uint32_t live) {
  // The message under the cursor may be in x0: its fragment joins the heap.
  if (Message* message = p->mailbox.peek(); message != nullptr && message->fragment != nullptr) {
    p->heap.attach(message->fragment);
    message->fragment = nullptr;
    message->attached = true;
    p->mailbox.count_attached();
  }
  return collect_with(p, x, CollectionKind::minor, need, live);
}

bool collect_before_message(Process* p, Term* x) { return collect_with(p, x, CollectionKind::minor, 0, 0); }

bool collect_for_hibernation(Process* p, Term* x, uint32_t live) {
  return collect_with(p, x, CollectionKind::full, 0, live, Room::none);
}

HANSE_PRESERVE_NONE void collect_and_retry(ENGINE_PARAMETERS) {
  SYNC();
  if (!collect_garbage(p, x, register_file(x).collect_need, register_file(x).collect_live)) TAIL_CALL(unwind);
  RELOAD_ALL();
  tell_again_not(*p, ip);
  register_file(x).collected = true;
  DISPATCH(ip);
}

HANDLER(end_process) {
  SYNC();
  exit_process(*p, am::normal);
  register_file(x).slice_end = SliceEnd::exited;
}
HANDLERS_OF(end_process)

// Registers are saved and the C++ frame that started the slice is returned to.
HANSE_PRESERVE_NONE void end_slice_yielded(ENGINE_PARAMETERS) {
  SYNC();
  p->ip = ip;
  p->save_registers(x, p->live);
  register_file(x).slice_end = SliceEnd::yielded;
}

HANSE_PRESERVE_NONE void end_slice_waiting(ENGINE_PARAMETERS) {
  SYNC();
  p->ip = ip;
  p->save_registers(x, p->live);
  register_file(x).slice_end = SliceEnd::waiting;
}

void initialize_interpreter() {
  handler_offset = offset_of_handler;
  prepare_export_stub = prepare_stub;
}

std::unique_ptr<Engine> make_interpreter(Realm& realm) {
  apply_words[0] = word_of(Instruction::apply_list);
  end_words[0] = word_of(Instruction::end_process);
  trace_return_words[0] = word_of(Instruction::trace_return);
  hibernated_words[0] = apply_words[0];
  auto row = [&](const char* name, uint32_t arity) {
    return realm.export_for(am::erlang, make_atom(name), arity)->bif;
  };
  the_entries = {.apply_list = apply_words,
                 .hibernated = hibernated_words,
                 .trace_return = trace_return_words,
                 .end_process = end_words,
                 .apply_row = row("apply", 3),
                 .apply_fun_row = row("apply", 2),
                 .hibernate_row = row("hibernate", 3),
                 .send_row = row("send", 2),
                 .element_row = row("element", 2),
                 .tuple_size_row = row("tuple_size", 1)};
  return std::make_unique<Interpreter>();
}

static constexpr BifRow rows[] = {
    {"erlang", "apply", 2, nullptr, BifKind::engine, Authority::pure},
    {"erlang", "apply", 3, nullptr, BifKind::engine, Authority::own_machine},
    {"erlang", "hibernate", 3, nullptr, BifKind::engine, Authority::own_process},
};
const BifTable engine_bifs = rows;

}  // namespace hanse
