#include "main/process_report.h"

#include <cstdio>

#include "code/module.h"
#include "process/engine.h"
#include "process/process_states.h"
#include "process/scheduler.h"
#include "term/atom.h"
#include "term/print.h"

namespace hanse {

// Of one term in a text of all processes.
static constexpr size_t term_limit_bytes = 2000;

bool is_running(const Process& process) { return (process.state.load(std::memory_order_acquire) & process_state::running) != 0; }

std::string address_text(const void* address) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%016llx", static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(address)));
  return text;
}

static std::string function_text(Term module, Term function, uint32_t arity) {
  return atom_to_text(module) + ":" + atom_to_text(function) + "/" + std::to_string(arity);
}

std::string place_text(Ip ip, const char* otherwise) {
  CodePlace place;
  return find_code(ip, place) ? function_text(place.module, place.function, place.arity) : otherwise;
}

static const char* state_text(uint32_t state) {
  if ((state & (process_state::exited | process_state::exiting)) != 0) return "Exiting";
  if ((state & process_state::suspended) != 0) return "Suspended";
  if ((state & process_state::running) != 0) return "Running";
  if ((state & (process_state::active | process_state::queued)) != 0) return "Scheduled";
  return "Waiting";
}

static void report_identity(ReportLines& out, Process& process) {
  out.line("=proc:" + pid_to_text(process.self));
  out.line(std::string("State: ") + state_text(process.state.load(std::memory_order_relaxed)));
  if (!process.registered_name.is_none()) out.line("Name: " + atom_to_text(process.registered_name));
  out.line("Spawned as: " + function_text(process.initial_module, process.initial_function, process.initial_arity));
  out.line("Spawned by: " + (process.parent.is_atom() ? std::string("[]") : pid_to_text(process.parent)));
  out.figure("Message queue length", process.mailbox.length());
}

static void report_figures(ReportLines& out, Process& process) {
  out.figure("Reductions", process.reductions_total);
  out.figure("Stack+heap", process.heap.heap_words());
  out.figure("OldHeap", process.heap.old_heap_words());
  out.figure("Heap unused", process.heap.heap_words() - process.heap.young_used_words() - process.heap.stack_words());
  out.figure("OldHeap unused", process.heap.old_heap_words() - process.heap.old_used_words());
  out.figure("BinVHeap", process.heap.off_heap_bytes() / sizeof(Word));
  out.figure("Memory", process.heap.total_bytes());
}

void report_process(ReportLines& out, Process& process) {
  report_identity(out, process);
  out.figure("Heap fragment data", process.heap.fragment_words());
  report_figures(out, process);
  if (process.ip != nullptr)
    out.line("Program counter: " + address_text(process.ip) + " (" + place_text(process.ip, "unknown function") + ")");
}

// "[A, B]"
class TextList {
 public:
  void add(std::string_view element) { text_.append(text_.empty() ? "" : ", ").append(element); }
  bool is_empty() const { return text_.empty(); }
  std::string text() const { return "[" + text_ + "]"; }

 private:
  std::string text_;
};

static void report_links(ReportLines& out, Process& process) {
  if (!process.relations.tables()) return;
  TextList list;
  process.relations.tables()->links.for_each([&](const StoredTerm& peer, Relations::Link& link) {
    if (link.unlinking == 0) list.add(term_to_text(peer.term()));
  });
  process.relations.tables()->monitors.for_each([&](ReferenceNumber, Monitor& monitor) {
    std::string target = monitor.name.is_none() ? term_to_text(monitor.target.term()) : "{" + atom_to_text(monitor.name) + "," + term_to_text(monitor.node) + "}";
    list.add("{to," + target + "}");
  });
  process.relations.tables()->watchers.for_each([&](ReferenceNumber, StoredTerm& watcher) {
    Term pid = watcher.term().is_cons() ? watcher.term().as_cons()->head : watcher.term();
    list.add("{from," + term_to_text(pid) + "}");
  });
  if (!list.is_empty()) out.line("Link list: " + list.text());
}

static void report_contents(ReportLines& out, Process& process) {
  process.mailbox.discard_unreadable();
  TextList messages, dictionary;
  for (Message* message = process.mailbox.first(); message; message = static_cast<Message*>(message->next))
    messages.add(term_to_text(message->term, term_limit_bytes));
  if (!messages.is_empty()) out.line("Message queue: " + messages.text());
  process.dictionary.for_each([&](Term key, Term value) {
    dictionary.add("{" + term_to_text(key, term_limit_bytes) + "," + term_to_text(value, term_limit_bytes) + "}");
  });
  if (!dictionary.is_empty()) out.line("Dictionary: " + dictionary.text());
}

void report_whole_process(ReportLines& out, Process& process) {
  auto* thread = this_scheduler_thread();
  bool is_own = thread != nullptr && thread->running == &process;
  uint32_t state = process.state.load(std::memory_order_acquire);
  bool rests = (state & (process_state::running | process_state::away | process_state::exiting | process_state::exited)) == 0 || is_own;
  bool is_open = rests && !process.sensitive;
  report_identity(out, process);
  if (is_open) report_links(out, process);
  if (is_open) report_contents(out, process);
  out.figure("Heap fragment data", process.heap.fragment_words());
  report_figures(out, process);
  if (is_open) out.line("Stack dump:\n" + engine().backtrace(process));
}

}  // namespace hanse
