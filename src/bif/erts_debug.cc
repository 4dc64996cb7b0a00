// erts_debug: sizes and identity of terms.
#include <iterator>

#include "bif/tables.h"
#include "process/call.h"
#include "term/copy.h"
#include "term/copy_whole.h"

namespace hanse {

static Result erts_debug_flat_size_1(Call& call) {
  bool is_empty_tuple = call.args[0].is_pointer() && is_tuple_of_arity(call.args[0], 0);  // stock has one for all
  size_t words = is_empty_tuple ? 0 : whole_size(call.args[0]);
  call.charge(words / 32);
  return make_unsigned(call.arena(), words);
}

// erts_debug:instructions/0: the names of the internal instructions.
static Result erts_debug_instructions_0(Call& call) {
  static constexpr const char* names[] = {
#define INSTRUCTION(name, ...) #name,
#include "code/instructions.def"
#undef INSTRUCTION
  };
  Term list = Term::nil();
  for (size_t i = std::size(names); i-- > 0;) list = make_cons(call.arena(), make_string(call.arena(), names[i]), list);
  return list;
}

static Result erts_debug_size_shared_1(Call& call) {
  size_t words = shared_size(call.args[0]);
  call.charge(words / 16);
  return make_unsigned(call.arena(), words);
}

// erts_debug:same/2: whether both are one object.
static Result erts_debug_same_2(Call& call) { return boolean(call.args[0] == call.args[1]); }

// erts_debug:copy_shared/2. Arguments: term, whether literals are to be copied as well.
static Result erts_debug_copy_shared_2(Call& call) {
  Term term = call.args[0];
  if (call.args[1] != am::true_ && call.args[1] != am::false_) return raise_badarg(call);
  if (call.args[1] == am::true_) {
    size_t words = whole_size(term);
    call.charge(words / 16);
    return copy_whole(call.arena(), term, words);
  }
  call.charge(shared_size(term) / 16);
  return copy_shared(call.arena(), term);
}

static constexpr BifRow rows[] = {
    {"erts_debug", "copy_shared", 2, erts_debug_copy_shared_2, BifKind::plain, Authority::pure},
    {"erts_debug", "flat_size", 1, erts_debug_flat_size_1, BifKind::plain, Authority::pure},
    {"erts_debug", "instructions", 0, erts_debug_instructions_0, BifKind::plain, Authority::pure},
    {"erts_debug", "same", 2, erts_debug_same_2, BifKind::plain, Authority::pure},
    {"erts_debug", "size_shared", 1, erts_debug_size_shared_1, BifKind::plain, Authority::pure},
};
const BifTable erts_debug_bifs = rows;

}  // namespace hanse
