#include "interp/trace.h"

#include <string>
#include <vector>

#include "code/instruction.h"
#include "code/module.h"
#include "interp/breakpoints.h"
#include "interp/entries.h"
#include "interp/handler.h"
#include "process/machine.h"
#include "process/node_settings.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/map.h"
#include "term/print.h"
#include "term/text.h"

namespace hanse {

namespace {

// Frames in a stack trace.
size_t backtrace_depth() { return static_cast<size_t>(node_settings().backtrace_depth.load(std::memory_order_relaxed)); }

constexpr size_t raw_class = 0, raw_top = 1, raw_info = 2, raw_addresses = 3, raw_arity = 4;

// The module that explains failures of a built-in function to people (error_info), as stock chooses it; none(): nobody does.
Term error_module(std::string_view module) {
  constexpr std::string_view stdlib[] = {"binary", "ets", "io", "lists", "maps", "math", "re", "string", "unicode"};
  constexpr std::string_view erts[] = {"atomics", "counters", "erlang", "erts_internal", "persistent_term"};
  for (auto name : stdlib)
    if (module == name) return am::erl_stdlib_errors;
  for (auto name : erts)
    if (module == name) return am::erl_erts_errors;
  return module == "os" ? am::erl_kernel_errors : Term::none();
}

Term error_info_map(Arena& arena, const Exception& exception) {
  if (!exception.error_info.is_none()) return exception.error_info;
  if (exception.bif == nullptr || exception.exception_class != ExceptionClass::error) return Term::nil();
  Term explainer = error_module(exception.bif->module);
  if (explainer.is_none()) return Term::nil();
  Term keys[] = {am::module, am::cause}, values[] = {explainer, exception.cause};
  size_t count = exception.cause.is_none() ? 1 : 2;
  return map_from_pairs(arena, {keys, count}, {values, count});
}

// Addresses: where the exception happened (0 if that is no loaded code), then return addresses, each run of equal ones once.
Term collect_addresses(Arena& arena, const Process* p, Ip ip, const Term* e, size_t depth) {
  Word addresses[128];
  if (depth > 100) depth = 100;
  size_t count = 0;
  addresses[count++] = reinterpret_cast<Word>(ip);
  auto* bottom = reinterpret_cast<const Term*>(p->heap.stack_bottom());
  auto skipped = reinterpret_cast<Word>(entries().trace_return);
  for (const Term* slot = e; slot < bottom && count <= depth; slot++)
    if (slot->is_header() && slot->word() != addresses[count - 1] && slot->word() != skipped) addresses[count++] = slot->word();
  return make_binary(arena, {reinterpret_cast<const uint8_t*>(addresses), count * sizeof(Word)});
}

// Characters, as compilers write them in UTF-8; bytes if it is none.
Term file_name(Arena& arena, std::string_view name) {
  std::vector<Term> characters;
  auto* at = reinterpret_cast<const uint8_t*>(name.data());
  for (const uint8_t* end = at + name.size(); at < end;) {
    int32_t character = next_utf8(at, end);
    if (character < 0) return make_string(arena, name);
    characters.push_back(Term::small(character));
  }
  return make_list(arena, characters);
}

Term location(Arena& arena, const CodePlace& place, Term error_info) {
  Term list = Term::nil();
  if (!error_info.is_nil()) list = make_cons(arena, make_tuple(arena, am::error_info, error_info), list);
  if (place.line != 0) {
    list = make_cons(arena, make_tuple(arena, am::line, Term::small(place.line)), list);
    list = make_cons(arena, make_tuple(arena, am::file, file_name(arena, place.file)), list);
  }
  return list;
}

// Collects frames, then makes the list.
class FrameBuilder {
 public:
  explicit FrameBuilder(Arena& arena) : arena_(arena) {}
  void add(Term module, Term function, Term arity_or_arguments, Term frame_location) {
    frames_.push_back(make_tuple(arena_, module, function, arity_or_arguments, frame_location));
  }
  // Frames of code; false if the address belongs to none.
  bool add_place(Ip ip, bool is_return, Term arguments, Term error_info) {
    CodePlace place;
    if (!find_code(is_return ? ip - 1 : ip, place)) return false;
    Term arity = arguments.is_none() ? Term::small(place.arity) : arguments;
    add(place.module, place.function, arity, location(arena_, place, error_info));
    return true;
  }
  size_t size() const { return frames_.size(); }
  Term list() { return make_list(arena_, frames_); }

 private:
  Arena& arena_;
  std::vector<Term> frames_;
};

void add_addresses(FrameBuilder& builder, Term addresses, size_t from, size_t depth) {
  BitView view = bit_view(addresses);
  for (size_t i = from; i < view.byte_size() / sizeof(Word) && builder.size() < depth; i++) {
    auto ip = reinterpret_cast<Ip>(load_unaligned<Word>(view.bytes() + i * sizeof(Word)));
    builder.add_place(ip, i > 0, Term::none(), Term::nil());
  }
}

}  // namespace

static Term class_name(ExceptionClass exception_class) {
  return exception_class == ExceptionClass::error ? am::error
         : exception_class == ExceptionClass::exit ? am::exit
                                                   : am::throw_;
}

Term raw_trace(Process* p, Ip ip, Term* e) {
  const Exception& exception = p->exception;
  Arena& arena = p->heap;
  Term name = class_name(exception.exception_class);
  if (Term given = exception.trace; !given.is_none()) {
    if (is_tuple_of_arity(given, raw_arity) && as_tuple(given)->elements[raw_class] == name) return given;
    if (is_tuple_of_arity(given, raw_arity)) {  // raised again with another class
      auto* raw = as_tuple(given);
      return make_tuple(arena, name, raw->elements[raw_top], raw->elements[raw_info], raw->elements[raw_addresses]);
    }
    return is_tuple_of_arity(given, 2) ? make_tuple(arena, name, as_tuple(given)->elements[1]) : make_tuple(arena, name, given);
  }
  // Top frame: [] (the code at ip), a list (the same, with these arguments), or {M, F, Arguments} before the code at ip.
  Term top = Term::nil();
  if (!exception.undefined_module.is_none())
    top = make_tuple(arena, exception.undefined_module, exception.undefined_function, exception.arguments);
  else if (exception.bif != nullptr)
    top = make_tuple(arena, make_atom(exception.bif->module), make_atom(exception.bif->name), exception.arguments);
  else if (!exception.arguments.is_none())
    top = make_tuple(arena, exception.arguments);
  return make_tuple(arena, name, top, error_info_map(arena, exception), collect_addresses(arena, p, ip, e, backtrace_depth()));
}

Term raw_trace_class(Term raw) {
  if (is_tuple_of_arity(raw, raw_arity) || is_tuple_of_arity(raw, 2)) return as_tuple(raw)->elements[raw_class];
  return am::error;
}

// erlang:apply/2 or apply/3, if `ip` is where a call of it begins. The address may be that of code that is gone: it is not read.
static Export* applied_at(const Process* p, Ip ip) {
  for (uint32_t arity : {2, 3})
    if (Export* target = p->machine.realm.find_export(am::erlang, am::apply, arity); target != nullptr && target->stub == ip) return target;
  return nullptr;
}

Term stack_trace_of_raw(Process* p, Term raw) {
  if (is_tuple_of_arity(raw, 2)) return as_tuple(raw)->elements[1];
  if (!is_tuple_of_arity(raw, raw_arity)) return raw;  // a list already
  Arena& arena = p->heap;
  auto elements = as_tuple(raw)->span();
  Term top = elements[raw_top], info = elements[raw_info], addresses = elements[raw_addresses];
  auto ip = reinterpret_cast<Ip>(load_unaligned<Word>(bit_view(addresses).bytes()));
  FrameBuilder builder(arena);
  size_t next = 0, depth = backtrace_depth();
  if (is_tuple_of_arity(top, 3)) {
    auto frame = as_tuple(top)->span();
    builder.add(frame[0], frame[1], frame[2], location(arena, CodePlace{}, info));
  } else {
    Term arguments = top.is_tuple() ? as_tuple(top)->elements[0] : Term::none();
    next = 1;
    // A built-in function that was applied stands at the stub of its export: the frame is then its caller's. The first function of
    // a process has no caller, and is named itself.
    if (!builder.add_place(ip, false, arguments, info) && bit_view(addresses).byte_size() > sizeof(Word)) {
      auto caller = reinterpret_cast<Ip>(load_unaligned<Word>(bit_view(addresses).bytes() + sizeof(Word)));
      next = 2;
      if (!builder.add_place(caller, true, arguments, info))
        if (Export* applied = applied_at(p, ip)) builder.add(applied->module, applied->function, Term::small(applied->arity), Term::nil());
    }
  }
  add_addresses(builder, addresses, next, depth);
  return builder.list();
}

// The built-in function that the process waits in, or has yielded from: its arguments are saved, and it will be called again.
static const BifRow* unfinished_call(const Process& process) {
  if (process.live == 0 || process.ip == nullptr) return nullptr;
  auto word = static_cast<int32_t>(original_word(process.ip));
  if (word == handler_offset(Instruction::call_bif, 0)) return reinterpret_cast<Export*>(load_unaligned<Word>(process.ip + 1))->bif;
  bool is_stub = word == handler_offset(Instruction::export_bif, 0) || word == handler_offset(Instruction::export_dirty, 0);
  return is_stub ? export_of_stub(process.ip)->bif : nullptr;
}

Term stack_trace_of_process(Arena& arena, Process& process, size_t depth) {
  FrameBuilder builder(arena);
  Term addresses = collect_addresses(arena, &process, process.ip, reinterpret_cast<Term*>(process.heap.stack_top()), depth);
  if (process.ip == entries().hibernated) builder.add(am::erlang, am::hibernate, Term::small(3), Term::nil());
  else if (const BifRow* row = unfinished_call(process)) builder.add(make_atom(row->module), make_atom(row->name), Term::small(row->arity), Term::nil());
  add_addresses(builder, addresses, 0, depth);
  return builder.list();
}

std::string backtrace_of_process(Process& process) {
  std::string text;
  auto describe = [](Ip ip) {
    CodePlace place;
    if (!find_code(ip, place)) return std::string("<terminate process normally>");
    return atom_to_text(place.module) + ":" + atom_to_text(place.function) + "/" + std::to_string(place.arity);
  };
  auto hex = [](const void* address) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "0x%016lx", reinterpret_cast<unsigned long>(address));
    return std::string(digits);
  };
  text += "Program counter: " + hex(process.ip) + " (" + describe(process.ip) + ")\narity = " + std::to_string(process.live) + "\n";
  size_t slot_number = 0;
  auto* bottom = reinterpret_cast<Term*>(process.heap.stack_bottom());
  for (auto* slot = reinterpret_cast<Term*>(process.heap.stack_top()); slot < bottom; slot++) {
    if (slot->is_header()) {
      auto ip = reinterpret_cast<Ip>(slot->word());
      text += "\n" + hex(slot) + " Return addr " + hex(ip) + " (" + describe(ip - 1) + ")\n";
      slot_number = 0;
    } else {
      text += "y(" + std::to_string(slot_number++) + ")     ";
      text += slot->is_catch_marker() ? "Catch " + hex(slot->catch_handler()) : term_to_text(*slot, 2000);
      text += "\n";
    }
  }
  return text;
}

// Label, live, then the operands: their kinds follow from which variant of the handler stands at ip.
void set_operator_error(Process* p, Ip ip, Term reason, const Term* x, const Term* e) {
  set_error(p, reason);
  auto word = static_cast<int32_t>(original_word(ip));
  struct Operator {
    Instruction instruction;
    const char* name;
    size_t arity;
  };
  static constexpr Operator operators[] = {
      {Instruction::add, "+", 2},          {Instruction::subtract, "-", 2},    {Instruction::multiply, "*", 2},
      {Instruction::divide, "/", 2},       {Instruction::integer_div, "div", 2}, {Instruction::integer_rem, "rem", 2},
      {Instruction::band, "band", 2},      {Instruction::bor, "bor", 2},       {Instruction::bxor, "bxor", 2},
      {Instruction::bsl, "bsl", 2},        {Instruction::bsr, "bsr", 2},       {Instruction::bnot, "bnot", 1},
      {Instruction::negate, "-", 1},
  };
  auto fail = [&](const char* name, std::span<const Term> arguments) {
    p->exception.bif = p->machine.realm.export_for(am::erlang, make_atom(name), static_cast<uint32_t>(arguments.size()))->bif;
    p->exception.arguments = make_list(p->heap, arguments);
  };
  for (size_t variant = 0; variant < 4; variant++) {  // register, constant: one word, two words
    for (Instruction instruction : {Instruction::increment, Instruction::decrement}) {
      if (handler_offset(instruction, variant) != word) continue;
      Term operands[] = {variant / 2 == 0 ? x[ip[3]] : e[ip[3]], Term::from_word(load_unaligned<Word>(ip + 4))};
      // Stock's instruction for small constants does not tell its operands either; it does not take negative ones off.
      if (instruction == Instruction::increment || operands[1].as_small() >= 0) return;
      return fail("-", operands);
    }
  }
  for (const Operator& row : operators) {
    size_t variants = row.arity == 2 ? 18 : 6;
    for (size_t variant = 0; variant < variants; variant++) {
      if (handler_offset(row.instruction, variant) != word) continue;
      size_t kinds = variant / 2;  // the destination is the last digit
      Term operands[2];
      bool constant[2] = {};
      Ip at = ip + 3;
      for (size_t i = 0; i < row.arity; i++) {
        size_t kind = row.arity == 2 && i == 0 ? kinds / 3 : kinds % 3;
        constant[i] = kind == 2;
        if (kind == 2) {
          operands[i] = Term::from_word(load_unaligned<Word>(at));
          at += 2;
        } else {
          operands[i] = kind == 0 ? x[*at] : e[*at];
          at++;
        }
      }
      // Stock has an instruction of its own for small constants, which does not tell its operands.
      if (row.instruction == Instruction::add && (constant[0] || constant[1])) return;
      return fail(row.name, {operands, row.arity});
    }
  }
}

}  // namespace hanse
