#include "code/beam_reader.h"

#include <fmt/format.h>

#include "code/beam_container.h"
#include "code/checker.h"
#include "code/code_reader.h"
#include "heap/fragment.h"
#include "term/atom.h"
#include "term/copy.h"
#include "term/text.h"

namespace hanse {

namespace {

constexpr uint32_t arity_limit = 255;

class BeamReader {
 public:
  BeamReader(const BeamContainer& container, DecodeEnvironment& environment, size_t inflated_limit)
      : container_(container), environment_(environment), inflated_limit_(inflated_limit) {}

  std::expected<std::unique_ptr<GenericModule>, BeamError> read() {
    if (read_atoms() && read_types() && read_imports() && read_lines() && read_strings() && read_literals() && read_code() &&
        read_exports("ExpT", module_->exports) && read_exports("LocT", module_->locals) && read_lambdas() &&
        read_term("Attr", module_->attributes) && read_term("CInf", module_->compile_info) && finish())
      return std::move(module_);
    return std::unexpected(std::move(error_));
  }

 private:
  bool refuse(std::string_view chunk, size_t offset, std::string reason) {
    error_ = {std::string(chunk), offset, std::move(reason)};
    return false;
  }
  bool done(ChunkReader& in) {
    if (!in.failed()) return true;
    error_ = in.take_error();
    return false;
  }
  Term atom(ChunkReader& in) {
    size_t at = in.offset();
    uint32_t index = in.u32();
    if (in.failed()) return am::undefined;
    if (index == 0 || index >= module_->atoms.size()) {
      in.fail_at(at, fmt::format("atom({}) is out of range, there are {}", index, module_->atoms.size() - 1));
      return am::undefined;
    }
    return module_->atoms[index];
  }
  uint32_t number_below(ChunkReader& in, const char* what, uint64_t limit) {
    size_t at = in.offset();
    uint32_t number = in.u32();
    if (!in.failed() && number >= limit) in.fail_at(at, fmt::format("{} {} is out of range, at most {}", what, number, limit - 1));
    return number;
  }

  bool read_atoms();
  bool read_types();
  bool read_imports();
  bool read_lines();
  bool read_line_items(ChunkReader& in, uint32_t count);
  bool read_strings();
  bool read_literals();
  bool read_code();
  bool read_exports(std::string_view name, std::vector<GenericExport>& out);
  bool read_lambdas();
  bool read_term(std::string_view name, Term& out);
  bool decode(std::string_view chunk, size_t base, Bytes bytes, Term& out);
  bool may_inflate(std::string_view chunk, size_t offset, size_t size);
  bool finish();

  const BeamContainer& container_;
  DecodeEnvironment& environment_;
  const size_t inflated_limit_;
  size_t inflated_ = 0;
  std::unique_ptr<GenericModule> module_ = std::make_unique<GenericModule>();
  FragmentArena scratch_{512};
  BeamError error_;
};

bool BeamReader::read_atoms() {
  bool utf8 = true;
  auto chunk = container_.find("AtU8");
  if (!chunk) {
    utf8 = false;
    chunk = container_.find("Atom");
  }
  if (!chunk) return refuse("AtU8", 0, "the chunk is missing");
  ChunkReader in(utf8 ? "AtU8" : "Atom", *chunk);
  uint32_t count = in.count(1);
  module_->atoms.reserve(count + 1);
  module_->atoms.push_back(Term::nil());
  std::string converted;
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    size_t at = in.offset();
    Bytes bytes = in.bytes(in.u8());
    std::string_view name(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!utf8) {
      converted.clear();
      for (uint8_t byte : bytes) append_utf8(converted, byte);
      name = converted;
    }
    if (in.failed()) break;
    if (!is_valid_utf8(name)) {
      in.fail_at(at, "an atom's name is not valid UTF-8");
      break;
    }
    Term term = environment_.atom(name);
    if (term.is_none()) {
      in.fail_at(at, "the limit of atoms is reached");
      break;
    }
    module_->atoms.push_back(term);
  }
  if (!in.failed() && count == 0) in.fail("no atom, so the module has no name");
  if (!done(in)) return false;
  module_->name = module_->atoms[1];
  return true;
}

bool BeamReader::read_types() {
  auto chunk = container_.find("Type");
  if (!chunk) return true;
  ChunkReader in("Type", *chunk);
  uint32_t version = in.u32();
  uint32_t count = in.u32();
  if (in.failed()) return done(in);
  // Later versions have records of other sizes; types are hints, so all of them become "anything".
  bool known = version == 1;
  if (count > in.left()) return refuse("Type", 4, fmt::format("{} types cannot fit in {} bytes", count, in.left()));
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    GenericType type;
    type.types = 0x1fff;
    if (known) {
      type.types = in.u16();
      type.minimum = static_cast<int64_t>(in.u64());
      type.maximum = static_cast<int64_t>(in.u64());
    }
    module_->types.push_back(type);
  }
  return done(in);
}

bool BeamReader::read_imports() {
  auto chunk = container_.find("ImpT");
  if (!chunk) return refuse("ImpT", 0, "the chunk is missing");
  ChunkReader in("ImpT", *chunk);
  uint32_t count = in.count(12);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    Term module = atom(in);
    Term function = atom(in);
    module_->imports.push_back({module, function, number_below(in, "arity", arity_limit + 1)});
  }
  return done(in);
}

bool BeamReader::read_lines() {
  module_->lines.push_back({0, 0});
  module_->line_files.push_back(std::string(atom_name(module_->name)) + ".erl");
  auto chunk = container_.find("Line");
  if (!chunk) return true;
  ChunkReader in("Line", *chunk);
  uint32_t version = in.u32();
  in.u32();  // flags
  in.u32();  // instructions
  uint32_t lines = in.u32();
  uint32_t files = in.u32();
  if (in.failed()) return done(in);
  if (version != 0) return true;  // debug information of an unknown kind is left out
  if (lines > in.left() || files > in.left()) return refuse("Line", 12, fmt::format("{} lines and {} files cannot fit", lines, files));
  if (!read_line_items(in, lines)) return false;
  for (uint32_t i = 0; i < files && !in.failed(); i++) {
    Bytes name = in.bytes(in.u16());
    // Forms without a `file` attribute have an empty name.
    if (name.empty()) module_->line_files.push_back(module_->line_files[0]);
    else module_->line_files.emplace_back(name.begin(), name.end());
  }
  for (const GenericLine& line : module_->lines)
    if (line.file >= module_->line_files.size()) in.fail(fmt::format("file {} does not exist", line.file));
  return done(in);
}

// Compact terms: an integer is the next line, an "atom" changes the file.
bool BeamReader::read_line_items(ChunkReader& in, uint32_t count) {
  uint32_t file = 0;
  while (count > 0 && !in.failed()) {
    size_t at = in.offset();
    uint8_t first = in.u8();
    uint64_t value = 0;
    if ((first & 8) == 0) {
      value = first >> 4;
    } else if ((first & 0x10) == 0) {
      value = static_cast<uint64_t>(first & 0xe0) << 3 | in.u8();
    } else {
      Bytes digits = in.bytes(static_cast<size_t>(first >> 5) + 2);
      for (uint8_t byte : digits) value = value << 8 | byte;
      if (digits.size() > 4 || (!digits.empty() && (digits[0] & 0x80) != 0)) in.fail_at(at, "a line number is too large");
    }
    if ((first & 7) == 1) {
      // Nobody is told of lines that BEAM cannot represent.
      bool is_known = value < (uint32_t{1} << 24) - 1;
      module_->lines.push_back(is_known ? GenericLine{file, static_cast<uint32_t>(value)} : GenericLine{0, 0});
      count--;
    } else if ((first & 7) == 2) {
      file = static_cast<uint32_t>(value);
    } else {
      in.fail_at(at, "a line or a file expected");
    }
  }
  return done(in);
}

bool BeamReader::read_strings() {
  if (auto chunk = container_.find("StrT")) module_->strings.assign(chunk->begin(), chunk->end());
  return true;
}

bool BeamReader::may_inflate(std::string_view chunk, size_t offset, size_t size) {
  inflated_ += size;
  return inflated_ <= inflated_limit_ ||
         refuse(chunk, offset, fmt::format("compressed parts inflate to more than {} bytes", inflated_limit_));
}

bool BeamReader::decode(std::string_view chunk, size_t base, Bytes bytes, Term& out) {
  size_t compressed_size = compressed_term_size(bytes);
  if (compressed_size > 0 && !may_inflate(chunk, base, compressed_size)) return false;
  Decoded decoded = decode_external(scratch_, bytes, environment_);
  if (decoded.term.is_none()) return refuse(chunk, base + decoded.error.offset, std::string("a term cannot be decoded: ") + decoded.error.reason);
  out = decoded.term;
  return true;
}

bool BeamReader::read_literals() {
  auto chunk = container_.find("LitT");
  if (!chunk) return true;
  if (chunk->size() < 4) return refuse("LitT", 0, "the size is cut short");
  Bytes table = chunk->subspan(4);
  std::vector<uint8_t> inflated;
  if (uint32_t size = load_be32(chunk->data()); size != 0) {
    if (!may_inflate("LitT", 0, size)) return false;
    auto result = inflate_exactly(table, size, "LitT");
    if (!result) {
      error_ = std::move(result.error());
      return false;
    }
    inflated = std::move(*result);
    table = inflated;
  }
  ChunkReader in("LitT", table);
  uint32_t count = in.count(6);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    uint32_t size = in.u32();
    size_t at = in.offset();
    Bytes bytes = in.bytes(size);
    Term term = Term::nil();
    if (in.failed() || !decode("LitT", at, bytes, term)) break;
    module_->literals.push_back(term);
  }
  if (in.failed()) return done(in);
  return module_->literals.size() == count;
}

bool BeamReader::read_code() {
  auto chunk = container_.find("Code");
  if (!chunk) return refuse("Code", 0, "the chunk is missing");
  CodeReader reader(*chunk, *module_, scratch_);
  if (reader.read()) return true;
  error_ = reader.take_error();
  return false;
}

bool BeamReader::read_exports(std::string_view name, std::vector<GenericExport>& out) {
  auto chunk = container_.find(name);
  if (!chunk) return name == "LocT" || refuse(name, 0, "the chunk is missing");
  ChunkReader in(name, *chunk);
  uint32_t count = in.count(12);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    Term function = atom(in);
    uint32_t arity = number_below(in, "arity", arity_limit + 1);
    out.push_back({function, arity, number_below(in, "label", module_->label_count)});
  }
  return done(in);
}

bool BeamReader::read_lambdas() {
  auto chunk = container_.find("FunT");
  if (!chunk) return true;
  ChunkReader in("FunT", *chunk);
  uint32_t count = in.count(24);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    GenericLambda lambda;
    lambda.function = atom(in);
    lambda.arity = number_below(in, "arity", arity_limit + 1);
    lambda.label = number_below(in, "label", module_->label_count);
    lambda.index = in.u32();
    lambda.free_count = number_below(in, "number of free variables", lambda.arity + 1);
    lambda.old_unique = in.u32();
    module_->lambdas.push_back(lambda);
  }
  return done(in);
}

bool BeamReader::read_term(std::string_view name, Term& out) {
  auto chunk = container_.find(name);
  if (!chunk || chunk->empty()) return true;
  return decode(name, 0, *chunk, out);
}

// All constants move to one literal area of exactly the right size.
bool BeamReader::finish() {
  GenericModule& module = *module_;
  auto digest = container_.md5();
  if (!digest) return refuse("", 0, "a chunk is missing or cut short");
  std::copy(digest->begin(), digest->end(), module.md5);

  size_t words = flat_size(module.attributes) + flat_size(module.compile_info);
  for (Term literal : module.literals) words += flat_size(literal);
  auto is_big_constant = [](const Operand& operand) {
    return operand.kind == OperandKind::integer && Term::from_word(operand.term_word).is_pointer();
  };
  for (auto& block : module.operand_blocks)
    for (const Operand& operand : block)
      if (is_big_constant(operand)) words += flat_size(operand.term());
  if (words == 0) return true;
  module.literal_area.reset(LiteralArea::create(words));
  if (!module.literal_area) return refuse("LitT", 0, "no memory for the literals");
  LiteralArea& area = *module.literal_area;
  module.attributes = copy(area, module.attributes);
  module.compile_info = copy(area, module.compile_info);
  for (Term& literal : module.literals) literal = copy(area, literal);
  for (auto& block : module.operand_blocks)
    for (Operand& operand : block) {
      if (operand.kind == OperandKind::literal)
        operand.term_word = module.literals[operand.index].word();
      else if (is_big_constant(operand))
        operand.term_word = copy(area, operand.term()).word();
    }
  return true;
}

}  // namespace

std::expected<std::unique_ptr<GenericModule>, BeamError> read_beam(Bytes file, DecodeEnvironment& environment, size_t inflated_limit) {
  std::vector<uint8_t> inflated;
  if (is_gzip(file)) {
    auto result = gunzip(file, inflated_limit);
    if (!result) return std::unexpected(std::move(result.error()));
    inflated = std::move(*result);
    file = inflated;
  }
  auto container = BeamContainer::parse(file);
  if (!container) return std::unexpected(std::move(container.error()));
  return BeamReader(*container, environment, inflated_limit).read();
}

namespace {

// Constants of code that is not trusted: nothing that only a running node can make.
class ConstantEnvironment final : public DecodeEnvironment {
 public:
  explicit ConstantEnvironment(DecodeEnvironment& outer) : outer_(outer) {}
  Export* export_for(Term module, Term function, uint32_t arity) override { return outer_.export_for(module, function, arity); }
  // A fun's body believes its environment, which would be forged.
  FunEntry* fun_entry(Term, uint32_t, uint32_t, const uint8_t*, uint32_t, uint32_t) override { return nullptr; }
  // Pids, ports and references are capabilities.
  bool accepts_foreign() override { return false; }
  bool accepts_local(Term) override { return false; }
  Term atom(std::string_view utf8) override { return outer_.atom(utf8); }

 private:
  DecodeEnvironment& outer_;
};

}  // namespace

std::expected<std::unique_ptr<GenericModule>, BeamError> read_checked_beam(Bytes file, DecodeEnvironment& environment, Trust trust) {
  ConstantEnvironment constants(environment);
  auto module = trust == Trust::verified ? read_beam(file, constants, inflated_limit_of_strangers_bytes)
                                         : read_beam(file, environment);
  if (!module) return module;
  (*module)->trust = trust;
  if (auto error = check_module(**module)) return std::unexpected(std::move(*error));
  return module;
}

}  // namespace hanse
