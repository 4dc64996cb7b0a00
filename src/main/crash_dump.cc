// Sections and lines are those of erl_crash.dump of OTP 25 ("How to interpret the Erlang crash dumps", ERTS User's Guide), so
// that OTP's viewer reads it. Heaps and mailboxes are not dumped; stacks are, of processes that do not run. Schedulers stop
// after the slices they are in; figures of a process whose slice does not end meanwhile are about right.
//
//   ERL_CRASH_DUMP           name of the file, erl_crash.dump if not set
//   ERL_CRASH_DUMP_SECONDS   0: no dump, also if it is not set and heart watches the node; a positive number: the node is killed if
//                            the dump takes longer
//   ERL_CRASH_DUMP_BYTES     the file is cut there; 0: no dump
#include "main/crash_dump.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "base/check_hook.h"
#include "base/epoch.h"
#include "base/mutex.h"
#include "driver/driver_layer.h"
#include "main/node_report.h"
#include "main/process_report.h"
#include "process/crash_dump.h"
#include "process/node_settings.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "term/atom.h"
#include "term/print.h"

namespace hanse {

namespace {

constexpr size_t slogan_limit_bytes = 1024;
constexpr unsigned internal_error_limit_s = 30;

// The file, up to its limit.
class DumpFile final : public ReportLines {
 public:
  DumpFile(const char* name, long long limit_bytes) : file_(std::fopen(name, "w")), left_bytes_(limit_bytes) {}
  ~DumpFile() override {
    if (file_ != nullptr) std::fclose(file_);
  }
  DumpFile(const DumpFile&) = delete;
  DumpFile& operator=(const DumpFile&) = delete;
  bool is_open() const { return file_ != nullptr; }

  void line(const std::string& text) override {
    if (left_bytes_ <= 0) return;
    auto size = static_cast<long long>(text.size() + 1);
    std::string whole = text + "\n";
    std::fwrite(whole.data(), 1, static_cast<size_t>(size < left_bytes_ ? size : left_bytes_), file_);
    left_bytes_ -= size;
  }

 private:
  FILE* file_;
  long long left_bytes_;
};

// Slots of one stack: a loop that recurses without end shall not hide the others.
constexpr size_t stack_limit_slots = 2000;
// How long slices may take to end before the dump is written.
constexpr int slices_end_ms = 500;

// Waits until nothing runs but the caller, not for long.
void stop_schedulers() {
  hold_schedulers();
  auto* thread = this_scheduler_thread();
  const Process* own = thread == nullptr ? nullptr : thread->running;
  for (int waited_ms = 0; waited_ms < slices_end_ms; waited_ms += 10) {
    ::usleep(10000);
    bool any = false;
    for_each_process([&](Process& process) { any = any || (&process != own && is_running(process)); });
    if (!any) return;
  }
}

void dump_head(DumpFile& out, std::string_view slogan) {
  time_t now = ::time(nullptr);
  char date[64] = {};
  struct tm local {};
  std::strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", ::localtime_r(&now, &local));
  out.line("=erl_crash_dump:0.5");
  out.line(date);
  out.line("Slogan: " + std::string(slogan));
  out.line(std::string("System version: Hanse ") + hanse_version + " (OTP " + otp_release + ") [erts-" + erts_version + "] [64-bit] [smp:" +
           std::to_string(scheduler_options().schedulers) + ":" + std::to_string(online_schedulers()) + "]");
  out.line("Taints: ");
  out.figure("Atoms", atom_count());
  auto* thread = this_scheduler_thread();
  out.line("Calling Thread: " + (thread == nullptr ? std::string("other") : "scheduler:" + std::to_string(thread->id)));
}

void dump_schedulers(DumpFile& out) {
  auto* thread = this_scheduler_thread();
  for (unsigned i = 0; i < scheduler_options().schedulers; i++) {
    out.line("=scheduler:" + std::to_string(i + 1));
    out.figure("Run Queue Normal Length", run_queue_length(i));
    Process* running = thread != nullptr && thread->id == i + 1 ? thread->running : nullptr;
    out.line("Current Process: " + (running == nullptr ? std::string() : pid_to_text(running->self)));
  }
}

// A term of a stack slot in the notation of crash dumps; what lies on the heap is an address only.
std::string slot_text(Term term) {
  if (term.is_nil()) return "N";
  if (term.is_small()) return "I" + std::to_string(term.as_small());
  if (term.is_local_pid()) return "P" + pid_to_text(term);
  if (term.is_local_port()) return "p" + port_to_text(term);
  if (term.is_catch_marker()) return "SCatch " + address_text(term.catch_handler());
  if (term.is_atom()) {
    std::string_view name = atom_name(term);
    char length[16];
    std::snprintf(length, sizeof length, "A%zX:", name.size());
    return length + std::string(name);
  }
  if (term.is_immediate_float()) {
    std::string text = term_to_text(term);
    char length[16];
    std::snprintf(length, sizeof length, "F%zX:", text.size());
    return length + text;
  }
  char address[24];
  std::snprintf(address, sizeof address, "H%llX", static_cast<unsigned long long>(term.word() & ~Word{7}));
  return address;
}

void dump_stack(DumpFile& out, Process& process) {
  if (is_running(process)) return;
  out.line("=proc_stack:" + pid_to_text(process.self));
  auto* slot = reinterpret_cast<const Term*>(process.heap.stack_top());
  auto* bottom = reinterpret_cast<const Term*>(process.heap.stack_bottom());
  size_t number = 0;
  for (size_t left = stack_limit_slots; slot < bottom && left > 0; slot++, left--) {
    if (slot->is_header()) {
      auto ip = reinterpret_cast<Ip>(slot->word());
      out.line(address_text(slot) + ":SReturn addr " + address_text(ip) + " (" + place_text(ip - 1, "<terminate process normally>") + ")");
      number = 0;
    } else {
      out.line("y" + std::to_string(number++) + ":" + slot_text(*slot));
    }
  }
}

// The newest first: if they are too many, these tell why.
void dump_atoms(DumpFile& out) {
  out.line("=atoms");
  for (size_t i = atom_count(); i-- > 0;) out.line(atom_to_text(Term::atom(static_cast<uint32_t>(i))));
}

long long number_of_variable(const char* name, long long otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr) return otherwise;
  char* end;
  long long number = std::strtoll(text, &end, 10);
  return end == text ? otherwise : number;
}

void write_dump(std::string_view slogan) {
  driver::close_in_emergency();
  slogan = slogan.substr(0, slogan_limit_bytes);
  std::fprintf(stderr, "%.*s\r\n", static_cast<int>(slogan.size()), slogan.data());
  long long seconds = number_of_variable("ERL_CRASH_DUMP_SECONDS", node_settings().has_heart ? 0 : -1);
  long long limit_bytes = number_of_variable("ERL_CRASH_DUMP_BYTES", LLONG_MAX);
  if (seconds == 0 || limit_bytes == 0) return;
  if (limit_bytes < 0) limit_bytes = LLONG_MAX;
  if (seconds > 0) {
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(static_cast<unsigned>(seconds));
  }
  const char* name = std::getenv("ERL_CRASH_DUMP");
  if (name == nullptr || *name == 0) name = "erl_crash.dump";
  DumpFile out(name, limit_bytes);
  if (!out.is_open()) {
    std::fprintf(stderr, "\r\nhanse: cannot write the crash dump to %s: %s\r\n", name, std::strerror(errno));
    return;
  }
  std::fprintf(stderr, "\r\nCrash dump is being written to: %s...", name);
  std::fflush(stderr);
  stop_schedulers();
  dump_head(out, slogan);
  dump_schedulers(out);
  report_memory(out);
  for_each_process([&](Process& process) { report_process(out, process); });
  report_ports(out);
  report_tables(out);
  report_nodes(out);
  report_modules(out);
  for_each_process([&](Process& process) { dump_stack(out, process); });
  dump_atoms(out);
  out.line("=end");
  std::fprintf(stderr, "done\r\n");
}

// Whatever this thread was in the middle of: if that stands in the way, the node ends without the rest of the dump.
void internal_error(const char* text) {
  forget_held_locks();
  ::signal(SIGALRM, SIG_DFL);
  ::alarm(internal_error_limit_s);
  write_crash_dump(text);
}

}  // namespace

void enable_crash_dumps() {
  set_crash_dump_writer(write_dump);
  set_check_hook(internal_error);
}

}  // namespace hanse
