// Changed code of a jailed machine: a module of every family of instructions (tests/fuzz/verifier_guest.erl), whose operands and
// instructions the input changes after decoding. What the verifier accepts is run: it may raise, wait and loop, and nothing else.
//
// The input is a list of changes of eight bytes: instruction (2), kind of change, operand, value (4), big-endian; the first byte says which
// arguments are used.
#include "base/fuzz_target.h"
#include "code/beam_reader.h"
#include "code/checker.h"
#include "code/emitter.h"
#include "main/fuzz_node.h"

using namespace hanse;

namespace {

std::vector<uint8_t> guest_file() {
  std::ifstream in(HANSE_FUZZ_GUESTS "/verifier_guest.beam", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::unique_ptr<GenericModule> read_guest(FuzzNode& node) {
  static const std::vector<uint8_t> file = guest_file();
  RealmDecodeEnvironment environment(node.realm);
  auto module = read_beam(file, environment);
  CHECK(module.has_value());
  (*module)->trust = Trust::verified;
  return std::move(*module);
}

// The elements of the tuple {arguments, ...} among the literals.
std::span<const Term> arguments_of(FuzzNode& node) {
  static GenericModule& kept = *read_guest(node).release();
  for (Term literal : kept.literals)
    if (literal.is_tuple() && as_tuple(literal)->arity() > 10 && as_tuple(literal)->elements[0] == make_atom("arguments"))
      return as_tuple(literal)->span().subspan(1);
  CHECK(false);
  return {};
}

struct Change {
  size_t instruction;
  uint8_t kind, operand;
  uint32_t value;
};

class Changer {
 public:
  explicit Changer(GenericModule& module) : module_(module) {}

  void apply(const Change& change) {
    GenericInstruction& target = module_.instructions[change.instruction % module_.instructions.size()];
    GenericInstruction& other = module_.instructions[change.value % module_.instructions.size()];
    if (is_fixed(target)) return;
    if (change.kind % 8 == 0) {
      if (auto opcode = static_cast<Opcode>(change.value % opcode_limit); change.value % opcode_limit != 0 && !is_fixed({opcode, 0, {}}) &&
          opcode_arity(opcode) == target.operands.size())
        target.opcode = opcode;
    } else if (change.kind % 8 == 1) {
      if (!is_fixed(other)) std::swap(target, other);
    } else if (change.kind % 8 == 2) {
      if (!is_fixed(other)) target = other;
    } else if (!target.operands.empty()) {
      Operand* operand = const_cast<Operand*>(&target.operands[change.operand % target.operands.size()]);
      bool in_list = operand->kind == OperandKind::list && operand->index > 0 && change.kind >= 128;
      if (in_list) operand = const_cast<Operand*>(&operand->list()[change.value % operand->index]);
      change_operand(*operand, change, other, in_list);
    }
  }

 private:
  // Functions and labels stay where they are.
  static bool is_fixed(const GenericInstruction& instruction) {
    return instruction.opcode == Opcode::op_label || instruction.opcode == Opcode::op_func_info || instruction.opcode == Opcode::op_int_code_end;
  }

  void change_operand(Operand& operand, const Change& change, const GenericInstruction& other, bool in_list) {
    auto become = [&](OperandKind kind, uint32_t index, uint64_t number) { operand = {.kind = kind, .index = index, .number = number}; };
    // Three of four changes keep the kind of operand; with others most modules have no right form at all.
    if (change.kind % 64 < 48) return change_alike(operand, change, other);
    switch (change.kind % 8) {
      case 3: return become(OperandKind::x, change.value % 10, 0);
      case 4: return become(OperandKind::y, change.value % 8, 0);
      case 5: return become(OperandKind::unsigned_number, 0, change.value % 8 == 7 ? uint64_t{change.value} << 8 : change.value % 40);
      case 6: return become(OperandKind::label, change.value % module_.label_count, 0);
      default: break;
    }
    if (other.operands.empty()) return become(OperandKind::integer, 0, Term::small(change.value % 9).word());
    const Operand& from = other.operands[change.operand % other.operands.size()];
    if (!in_list || from.kind != OperandKind::list) operand = from;
  }

  void change_alike(Operand& operand, const Change& change, const GenericInstruction& other) {
    if (change.kind % 8 != 7) {
      if (operand.is_register()) operand = {.kind = change.kind % 8 == 4 ? OperandKind::y : OperandKind::x, .index = change.value % 10, .number = 0};
      if (operand.kind == OperandKind::unsigned_number) operand.number = change.value % 16 == 15 ? uint64_t{change.value} << 28 : change.value % 12;
      if (operand.is_label()) operand.index = (operand.index + module_.label_count + change.value % 7 - 3) % module_.label_count;
      if (operand.kind == OperandKind::atom) operand.term_word = module_.atoms[1 + change.value % (module_.atoms.size() - 1)].word();
      return;
    }
    for (const Operand& from : other.operands)
      if (from.kind == operand.kind || (from.is_source() && operand.is_source())) operand = from;
  }

  GenericModule& module_;
};

void run(FuzzNode& node, std::unique_ptr<GenericModule> generic, std::span<const Change> changes, size_t seed) {
  std::vector<std::pair<Term, uint32_t>> changed;
  for (const Change& change : changes) {
    size_t at = change.instruction % generic->instructions.size();
    for (const GenericFunction& function : generic->functions)
      if (at >= function.first && at < function.first + function.count) changed.emplace_back(function.name, function.arity);
  }
  std::vector<std::pair<Term, uint32_t>> exports;
  for (const GenericExport& exported : generic->exports) exports.emplace_back(exported.function, exported.arity);
  auto code = emit(*generic, node.realm);
  if (!code) return;
  auto module = std::make_unique<Module>(*generic, std::move(*code), node.realm, node.realm.boot_account);
  Term name = module->name;
  std::unique_ptr<Module>* install[] = {&module};
  CHECK(node.realm.modules().install(install).outcome == ModuleTable::Install::ok);
  auto arguments = arguments_of(node);
  auto call = [&](Term function, uint32_t arity, size_t round) {
    FragmentArena arena(32);
    Term list = Term::nil();
    for (uint32_t i = 0; i < arity; i++) list = make_cons(arena, arguments[(seed + 7 * round + 3 * i) % arguments.size()], list);
    node.call(name, function, list);
  };
  for (auto [function, arity] : changed) {
    Export* target = node.realm.find_export(name, function, arity);
    if (target != nullptr && target->is_loaded()) {
      for (size_t round = 0; round < 4; round++) call(function, arity, round);
      continue;
    }
    for (auto [exported, exported_arity] : exports) call(exported, exported_arity, 0);  // one of them has the fun
  }
  {
    epoch::Guard guard;
    CHECK(node.realm.modules().remove(name) == ModuleTable::Delete::deleted);
    CHECK(node.realm.modules().purge_prepare(name) && node.realm.modules().purge_complete(name));
  }
  node.discard_literals();
  epoch::collect();
}

}  // namespace

FUZZ_TARGET(verifier) {
  FuzzNode& node = FuzzNode::with({"stdlib/lists", "stdlib/maps"});
  if (size < 9) return -1;
  std::vector<Change> changes;
  for (size_t at = 1; at + 8 <= size && changes.size() < 6; at += 8)
    changes.push_back({size_t{data[at]} << 8 | data[at + 1], data[at + 2], data[at + 3], load_be32(data + at + 4)});
  auto module = read_guest(node);
  Changer changer(*module);
  for (const Change& change : changes) changer.apply(change);
  if (check_module(*module)) return -1;
  run(node, std::move(module), changes, data[0]);
  return 0;
}
