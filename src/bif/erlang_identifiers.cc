// erlang: pids, ports, references and funs: what names them, and their texts.
#include <limits>

#include "bif/tables.h"
#include "bif/text_list.h"
#include "code/realm.h"
#include "process/call.h"
#include "process/distribution.h"
#include "process/guest.h"
#include "process/machine.h"
#include "term/identifiers.h"
#include "term/print.h"
#include "term/reference.h"

namespace hanse {

static Result erlang_pid_to_list_1(Call& call) {
  if (!call.args[0].is_pid()) return raise_badarg(call);
  return make_string(call.arena(), pid_to_text(call.args[0]));
}
static Result erlang_port_to_list_1(Call& call) {
  if (!call.args[0].is_port()) return raise_badarg(call);
  return make_string(call.arena(), port_to_text(call.args[0]));
}
static Result erlang_ref_to_list_1(Call& call) {
  if (!call.args[0].is_reference()) return raise_badarg(call);
  return make_string(call.arena(), reference_to_text(call.args[0]));
}
static Result erlang_fun_to_list_1(Call& call) {
  if (!call.args[0].is_fun()) return raise_badarg(call);
  return list_of_utf8(call.arena(), fun_to_text(call.args[0]));
}

// Reads texts such as "<0.1.2>": the characters of `prefix`, numbers separated by dots, '>'.
class IdentifierText {
 public:
  static constexpr size_t maximum_numbers = 6;
  uint64_t numbers[maximum_numbers];
  size_t count = 0;

  // False if the list is anything else.
  bool read(Term list, std::string_view prefix) {
    for (char expected : prefix)
      if (take(list) != expected) return false;
    for (int character = '.'; character == '.';) {
      if (count == maximum_numbers || !read_number(list, character)) return false;
    }
    return list.is_nil();
  }

 private:
  // One character, 0 if there is none.
  static int take(Term& list) {
    if (!list.is_cons() || !list.as_cons()->head.is_small()) return 0;
    int64_t character = list.as_cons()->head.as_small();
    list = list.as_cons()->tail;
    return character > 0 && character < 128 ? static_cast<int>(character) : 0;
  }
  // `next` receives what follows the number.
  bool read_number(Term& list, int& next) {
    uint64_t value = 0;
    size_t digits = 0;
    for (next = take(list); next >= '0' && next <= '9'; next = take(list), digits++) {
      auto digit = static_cast<uint64_t>(next - '0');
      if (value > (std::numeric_limits<uint64_t>::max() - digit) / 10) return false;
      value = value * 10 + digit;
    }
    if (digits == 0 || (next != '.' && next != '>')) return false;
    numbers[count++] = value;
    return true;
  }
};

// The node that the first number of a text stands for: this one (0), or the index of another's name. creation: of the present
// connection to it. False: no node that is known.
static bool node_of_number(uint64_t number, Term& name, uint32_t& creation) {
  ThisNode self = this_node();
  if (number == 0) {
    name = self.name;
    creation = self.creation;
    return true;
  }
  if (number >= atom_count()) return false;
  name = Term::atom(static_cast<uint32_t>(number));
  DistributionSignals* remote = distribution_signals();
  return name != self.name && remote && remote->creation_of(name, creation);
}

static Result erlang_list_to_pid_1(Call& call) {
  IdentifierText text;
  Term node;
  uint32_t creation;
  if (!text.read(call.args[0], "<") || text.count != 3 || !node_of_number(text.numbers[0], node, creation)) return raise_badarg(call);
  if (text.numbers[1] > UINT32_MAX || text.numbers[2] > UINT32_MAX) return raise_badarg(call);
  Term pid = make_pid(call.arena(), node, creation, static_cast<uint32_t>(text.numbers[1]), static_cast<uint32_t>(text.numbers[2]));
  if (pid.is_none() || !may_name(call.process, pid)) return raise_badarg(call);
  return pid;
}

static Result erlang_list_to_port_1(Call& call) {
  IdentifierText text;
  Term node;
  uint32_t creation;
  if (!text.read(call.args[0], "#Port<") || text.count != 2 || !node_of_number(text.numbers[0], node, creation)) return raise_badarg(call);
  Term port = make_port(call.arena(), node, creation, text.numbers[1]);
  if (port.is_none() || !may_name(call.process, port)) return raise_badarg(call);
  return port;
}

// The text has the most significant word first.
static Result erlang_list_to_ref_1(Call& call) {
  IdentifierText text;
  Term node;
  uint32_t creation;
  if (!text.read(call.args[0], "#Ref<") || text.count < 4 || !node_of_number(text.numbers[0], node, creation)) return raise_badarg(call);
  uint32_t words[IdentifierText::maximum_numbers];
  size_t count = text.count - 1;
  for (size_t i = 0; i < count; i++) {
    if (text.numbers[count - i] > UINT32_MAX) return raise_badarg(call);
    words[i] = static_cast<uint32_t>(text.numbers[count - i]);
  }
  if (count > reference_max_words) return raise_badarg(call);
  Term reference = make_reference_of_node(call.arena(), node, creation, {words, count});
  if (reference.is_none() || !may_name(call.process, reference)) return raise_badarg(call);
  return reference;
}

static Result erlang_make_ref_0(Call& call) { return make_reference(call.arena()); }

static Result erlang_self_0(Call& call) { return call.process.self; }

static Result erlang_node_0(Call&) { return this_node().name; }

static Result erlang_node_1(Call& call) {
  Term term = call.args[0];
  if (term.is_local_pid() || term.is_local_port() || term.is_internal_reference()) return this_node().name;
  if (term.is_boxed_kind(Boxed::external_pid)) return term.as<ExternalPid>()->node()->name;
  if (term.is_boxed_kind(Boxed::external_port)) return term.as<ExternalPort>()->node()->name;
  if (term.is_boxed_kind(Boxed::external_reference)) return term.as<ExternalReference>()->node()->name;
  return raise_badarg(call);
}

static constexpr BifRow rows[] = {
    {"erlang", "fun_to_list", 1, erlang_fun_to_list_1, BifKind::plain, Authority::pure},
    {"erlang", "list_to_pid", 1, erlang_list_to_pid_1, BifKind::plain, Authority::own_machine},
    {"erlang", "list_to_port", 1, erlang_list_to_port_1, BifKind::plain, Authority::own_machine},
    {"erlang", "list_to_ref", 1, erlang_list_to_ref_1, BifKind::plain, Authority::own_machine},
    {"erlang", "make_ref", 0, erlang_make_ref_0, BifKind::plain, Authority::own_process},
    {"erlang", "node", 0, erlang_node_0, BifKind::guard, Authority::pure},
    {"erlang", "node", 1, erlang_node_1, BifKind::guard, Authority::pure},
    {"erlang", "pid_to_list", 1, erlang_pid_to_list_1, BifKind::plain, Authority::pure},
    {"erlang", "port_to_list", 1, erlang_port_to_list_1, BifKind::plain, Authority::pure},
    {"erlang", "ref_to_list", 1, erlang_ref_to_list_1, BifKind::plain, Authority::pure},
    {"erlang", "self", 0, erlang_self_0, BifKind::guard, Authority::own_process},
};
const BifTable erlang_identifiers_bifs = rows;

}  // namespace hanse
