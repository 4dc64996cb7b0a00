// Errors that the emulator itself reports: {log, Level, Format, Args, Meta} to the logger process (ports.md 10.1).
#include <chrono>
#include <cstdio>

#include "process/guest.h"
#include "process/machine.h"
#include "process/send.h"
#include "process/spawn.h"
#include "process/stored_term.h"
#include "term/map.h"
#include "term/node.h"
#include "term/print.h"

namespace hanse {

static std::atomic<Word> logger_holder{am::logger.word()};

void set_system_logger(Term pid_or_atom) { logger_holder.store(pid_or_atom.word(), std::memory_order_relaxed); }
Term system_logger() { return Term::from_word(logger_holder.load(std::memory_order_relaxed)); }

static Term make_map(Arena& arena, std::initializer_list<Term> keys, std::initializer_list<Term> values) {
  return map_from_pairs(arena, {keys.begin(), keys.size()}, {values.begin(), values.size()});
}

// For the time before there is a logger: the arguments in place of the ~ directives.
static void print_raw(std::string_view format, Term arguments) {
  std::string text;
  for (size_t i = 0; i < format.size(); i++) {
    if (format[i] != '~' || i + 1 == format.size()) {
      text += format[i];
    } else if (format[++i] == 'n') {
      text += '\n';
    } else if (arguments.is_cons()) {
      text += term_to_text(arguments.as_cons()->head);
      arguments = arguments.as_cons()->tail;
    }
  }
  std::fprintf(stderr, "%s", text.c_str());
}

static std::string node_aware(std::string_view format) {
  std::string text(format);
  static constexpr std::string_view plain = "Error in process ~p with";
  if (this_node().name != am::nonode_at_nohost && text.starts_with(plain))
    text.replace(0, plain.size(), "Error in process ~p on node ~p with");
  return text;
}

void log_to_logger(Term level, std::string_view format, Term arguments, Process* about) {
  Term holder = system_logger();
  if (Guest* guest = about != nullptr ? about->machine.guest() : nullptr) {
    if (!guest->admits_outside_message()) return;
    holder = guest->log_target();
  }
  if (holder == am::undefined) return;  // the logger's own wish when it has too much to do
  FragmentArena arena(128);
  std::string text = node_aware(format);
  if (text.size() != format.size() && arguments.is_cons()) {
    Cons* first = arguments.as_cons();
    arguments = make_cons(arena, first->head, make_cons(arena, this_node().name, first->tail));
  }
  auto now = std::chrono::system_clock::now().time_since_epoch();
  int64_t microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  Term emulator = make_map(arena, {am::emulator, am::tag}, {am::true_, level});
  Term time = make_integer(arena, microseconds);
  Term meta = about ? make_map(arena, {am::error_logger, am::gl, am::pid, am::time},
                               {emulator, about->group_leader, about->self, time})
                    : make_map(arena, {am::error_logger, am::time}, {emulator, time});
  Term elements[] = {am::log, level, make_string(arena, text), arguments, meta};
  Term message = hanse::make_tuple(arena, std::span<const Term>(elements));
  bool is_of_node = about == nullptr || about->machine.guest() == nullptr;
  bool told = holder.is_local_pid() && deliver(holder, message);
  if (!told && holder.is_local_pid() && is_of_node) set_system_logger(holder = am::logger);  // that one is gone
  if (holder.is_atom()) holder = host_machine().registry.find(holder), told = holder.is_local_pid() && deliver(holder, message);
  if (!told && is_of_node) print_raw(text, arguments);
}

}  // namespace hanse
