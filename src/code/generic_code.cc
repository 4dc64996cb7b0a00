#include "code/generic_code.h"

namespace hanse {

namespace {
struct OpcodeRow {
  const char* name;
  uint32_t arity;
};
constexpr OpcodeRow opcode_rows[] = {
    {nullptr, 0},
#define OPCODE(number, name, arity, meaning) {#name, arity},
#include "code/opcodes.def"
#undef OPCODE
};
static_assert(std::size(opcode_rows) == opcode_limit);

constexpr bool numbers_ascend() {
  uint32_t expected = 1;
#define OPCODE(number, name, arity, meaning) \
  if (number != expected++) return false;
#include "code/opcodes.def"
#undef OPCODE
  return true;
}
static_assert(numbers_ascend(), "opcodes.def lists every number once, in order");
}  // namespace

const char* opcode_name(Opcode opcode) { return opcode_rows[static_cast<size_t>(opcode)].name; }
uint32_t opcode_arity(Opcode opcode) { return opcode_rows[static_cast<size_t>(opcode)].arity; }

}  // namespace hanse
