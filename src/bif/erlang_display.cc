// erlang: printing for debugging, straight to standard output.
#include <cstdio>
#include <string>

#include "bif/tables.h"
#include "process/call.h"
#include "term/print.h"

namespace hanse {

static void write_out(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

static Result erlang_display_1(Call& call) {
  write_out(term_to_text(call.args[0]) + "\n");
  return am::true_;
}

// display_string/1: characters of a list, each cut to a byte.
static Result erlang_display_string_1(Call& call) {
  std::string text;
  Term list = call.args[0];
  for (; list.is_cons() && list.as_cons()->head.is_small(); list = list.as_cons()->tail)
    text.push_back(static_cast<char>(list.as_cons()->head.as_small()));
  if (!list.is_nil()) return raise_badarg(call);
  write_out(text);
  return am::true_;
}

static Result erlang_display_nl_0(Call&) {
  write_out("\n");
  return am::true_;
}

static constexpr BifRow rows[] = {
    {"erlang", "display", 1, erlang_display_1, BifKind::plain, Authority::host},
    {"erlang", "display_nl", 0, erlang_display_nl_0, BifKind::plain, Authority::host},
    {"erlang", "display_string", 1, erlang_display_string_1, BifKind::plain, Authority::host},
};
const BifTable erlang_display_bifs = rows;

}  // namespace hanse
