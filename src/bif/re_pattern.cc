#include "bif/re_pattern.h"

#include <memory>
#include <unordered_map>

#include "base/check.h"
#include "bif/re_dialect.h"
#include "bif/re_tables.h"

namespace hanse {

static constexpr std::string_view magic = "HRE1";
static constexpr size_t header_size = 12;
static constexpr uint32_t nesting_limit = 799;  // what fits into the workspace of PCRE 8 in OTP
static constexpr uint32_t guest_bits =
    PCRE2_ANCHORED | PCRE2_CASELESS | PCRE2_DOLLAR_ENDONLY | PCRE2_DOTALL | PCRE2_DUPNAMES | PCRE2_EXTENDED |
    PCRE2_FIRSTLINE | PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NO_AUTO_CAPTURE | PCRE2_NO_START_OPTIMIZE | PCRE2_UCP |
    PCRE2_UNGREEDY | PCRE2_UTF;

std::string pack_pattern(Bytes source, const PatternOptions& options) {
  uint8_t header[header_size] = {};
  std::memcpy(header, magic.data(), magic.size());
  store_be32(header + 4, options.bits);
  header[8] = options.newline;
  header[9] = options.bsr;
  std::string packed(reinterpret_cast<char*>(header), header_size);
  packed.append(reinterpret_cast<const char*>(source.data()), source.size());
  return packed;
}

std::optional<PackedPattern> unpack_pattern(Bytes packed) {
  if (packed.size() < header_size || std::memcmp(packed.data(), magic.data(), magic.size()) != 0) return std::nullopt;
  PackedPattern pattern{packed.subspan(header_size), {load_be32(packed.data() + 4), packed[8], packed[9]}};
  if ((pattern.options.bits & ~guest_bits) != 0 || pattern.options.newline > PCRE2_NEWLINE_NUL || pattern.options.bsr > 2)
    return std::nullopt;
  return pattern;
}

namespace {

struct CompileContext {
  pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
  ~CompileContext() { pcre2_compile_context_free(context); }
};

pcre2_code* compile(Bytes source, const PatternOptions& options, uint32_t extra, int& code, size_t& position) {
  CompileContext compile;
  pcre2_set_newline(compile.context, options.newline == 0 ? PCRE2_NEWLINE_LF : options.newline);
  pcre2_set_bsr(compile.context, options.bsr == 0 ? PCRE2_BSR_UNICODE : options.bsr);
  pcre2_set_parens_nest_limit(compile.context, nesting_limit);
  pcre2_set_character_tables(compile.context, regex_character_tables());
  pcre2_set_compile_extra_options(compile.context, PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK | extra);
  uint32_t bits = options.bits | PCRE2_USE_OFFSET_LIMIT;
  const uint8_t* text = source.empty() ? reinterpret_cast<const uint8_t*>("") : source.data();
  // PCRE2 10.42 counts a character of a lookahead twice when it decides from which places a match can start: (?=b)a?b.
  bool miscounts = memmem(text, source.size(), "(?=", 3) != nullptr;
  // In UTF-8 without PCRE2_UCP it looks up which letters above ASCII can start a match in the wrong table.
  bool misses = (bits & PCRE2_UCP) == 0 && memmem(text, source.size(), "\\w", 2) != nullptr;
  if (miscounts || misses) bits |= PCRE2_NO_START_OPTIMIZE;
  return pcre2_compile(text, source.size(), bits, &code, &position, compile.context);
}

// The machine code of PCRE2 10.42 keeps what the group of (...)*+ has captured although what follows does not match.
bool repeats_group_possessively(Bytes source) {
  auto skip = [&](size_t at) {
    while (at < source.size() && (source[at] == ' ' || (source[at] >= '\t' && source[at] <= '\r'))) at++;
    return at;
  };
  auto follows = [&](size_t at, std::string_view text) {
    return source.size() - at >= text.size() && std::memcmp(source.data() + at, text.data(), text.size()) == 0;
  };
  for (size_t i = 0; i < source.size(); i++) {
    if (source[i] != ')') continue;
    size_t at = skip(i + 1), repeat = follows(at, "*") ? 1 : follows(at, "{0,}") ? 4 : 0;
    if (repeat != 0 && follows(skip(at + repeat), "+")) return true;
  }
  return false;
}

// nullptr: malformed.
std::unique_ptr<CompiledPattern> compile_new(Bytes guest_source, const PatternOptions& options, PatternError& error) {
  static constexpr int unrecognised_escape = 103, invalid_range = 150;
  int code = 0;
  size_t position = 0;
  RegexTranslation translation = translate_regex(guest_source, (options.bits & PCRE2_EXTENDED) != 0);
  if (!translation.refused.text.empty()) {
    error = std::move(translation.refused);
    return nullptr;
  }
  Bytes source = guest_source;
  if (!translation.text.empty())
    source = Bytes(reinterpret_cast<const uint8_t*>(translation.text.data()), translation.text.size());
  auto pattern = std::make_unique<CompiledPattern>();
  pattern->code = compile(source, options, 0, code, position);
  // PCRE 8 takes a hyphen behind a class such as \w for itself, too: [\w-.].
  std::string mended;
  size_t insertions = 0;
  while (pattern->code == nullptr && code == invalid_range && position < source.size() && source[position] == '-') {
    if (insertions == 0) mended.assign(reinterpret_cast<const char*>(source.data()), source.size());
    mended.insert(position, 1, '\\');
    source = Bytes(reinterpret_cast<const uint8_t*>(mended.data()), mended.size());
    insertions++;
    pattern->code = compile(source, options, 0, code, position);
  }
  // PCRE 8 takes an escaped letter without a meaning for itself.
  if (pattern->code == nullptr && code == unrecognised_escape)
    pattern->code = compile(source, options, PCRE2_EXTRA_BAD_ESCAPE_IS_LITERAL, code, position);
  if (pattern->code == nullptr) {
    error = describe_pattern_error(code, position, source);
    error.position = translation.origin(error.position - insertions, guest_source.size());
    return nullptr;
  }
  pattern->options = options;
  // \G and verbs such as (*COMMIT) know where the search began.
  auto contains = [&](std::string_view text) {
    return std::string_view(reinterpret_cast<const char*>(source.data()), source.size()).find(text) != std::string_view::npos;
  };
  pattern->can_resume =
      (options.bits & (PCRE2_ANCHORED | PCRE2_FIRSTLINE)) == 0 && !contains("\\G") && !contains("(*");
  // Without machine code matching is only slower.
  if (!repeats_group_possessively(source)) pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
  uint32_t all_options = 0, newline = 0;
  pcre2_pattern_info(pattern->code, PCRE2_INFO_ALLOPTIONS, &all_options);
  pcre2_pattern_info(pattern->code, PCRE2_INFO_NEWLINE, &newline);
  pattern->is_utf = (all_options & PCRE2_UTF) != 0;
  pattern->may_use_crlf =
      newline == PCRE2_NEWLINE_CRLF || newline == PCRE2_NEWLINE_ANY || newline == PCRE2_NEWLINE_ANYCRLF;
  pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &pattern->group_count);
  pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &pattern->name_count);
  pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &pattern->name_entry_size);
  pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &pattern->name_table);
  return pattern;
}

// Emptied when it is full: simple, and good enough for programs that use fewer patterns than that in a loop.
class PatternCache {
 public:
  const CompiledPattern* find(const std::string& key) const {
    auto found = patterns_.find(key);
    return found == patterns_.end() ? nullptr : found->second.get();
  }
  const CompiledPattern* add(std::string key, std::unique_ptr<CompiledPattern> pattern) {
    size_t code_bytes = 0, jit_bytes = 0;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_SIZE, &code_bytes);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_JITSIZE, &jit_bytes);
    bytes_ += code_bytes + jit_bytes + key.size();
    if (patterns_.size() >= maximum_patterns || bytes_ > maximum_bytes) {
      patterns_.clear();
      bytes_ = code_bytes + jit_bytes + key.size();
    }
    const CompiledPattern* added = pattern.get();
    patterns_[std::move(key)] = std::move(pattern);
    return added;
  }

 private:
  static constexpr size_t maximum_patterns = 512, maximum_bytes = 8 << 20;
  std::unordered_map<std::string, std::unique_ptr<CompiledPattern>> patterns_;
  size_t bytes_ = 0;
};

}  // namespace

const CompiledPattern* compiled_pattern(Bytes source, const PatternOptions& options, PatternError& error) {
  static thread_local PatternCache cache;
  std::string key = pack_pattern(source, options);
  if (auto* pattern = cache.find(key)) return pattern;
  auto pattern = compile_new(source, options, error);
  return pattern == nullptr ? nullptr : cache.add(std::move(key), std::move(pattern));
}

}  // namespace hanse
