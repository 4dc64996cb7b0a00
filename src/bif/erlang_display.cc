// erlang: printing for debugging, straight to standard output; characters of display_string/1 and display_nl/0 to standard
// error, as stock does it.
#include <cstdio>
#include <string>

#include "bif/tables.h"
#include "process/call.h"
#include "term/print.h"

namespace hanse {

// Lines end as terminals in raw mode need it, as in stock, even if the output is none.
static void write_out(std::string_view text, FILE* to) {
  for (char c : text) {
    if (c == '\n') std::fputc('\r', to);
    std::fputc(c, to);
  }
  std::fflush(to);
}

static Result erlang_display_1(Call& call) {
  write_out(term_to_text(call.args[0]) + "\n", stdout);
  return am::true_;
}

// erts_debug:display/1: also gives what it printed.
static Result erts_debug_display_1(Call& call) {
  std::string text = term_to_text(call.args[0]) + "\n";
  write_out(text, stdout);
  return make_string(call.arena(), text);
}

// display_string/1: characters of a list, each cut to a byte.
static Result erlang_display_string_1(Call& call) {
  std::string text;
  Term list = call.args[0];
  for (; list.is_cons() && list.as_cons()->head.is_small(); list = list.as_cons()->tail)
    text.push_back(static_cast<char>(list.as_cons()->head.as_small()));
  if (!list.is_nil()) return raise_badarg(call);
  write_out(text, stderr);
  return am::true_;
}

static Result erlang_display_nl_0(Call&) {
  write_out("\n", stderr);
  return am::true_;
}

static constexpr BifRow rows[] = {
    {"erts_debug", "display", 1, erts_debug_display_1, BifKind::plain, Authority::host},
    {"erlang", "display", 1, erlang_display_1, BifKind::plain, Authority::host},
    {"erlang", "display_nl", 0, erlang_display_nl_0, BifKind::plain, Authority::host},
    {"erlang", "display_string", 1, erlang_display_string_1, BifKind::plain, Authority::host},
};
const BifTable erlang_display_bifs = rows;

}  // namespace hanse
