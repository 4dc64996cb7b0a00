#include "bif/re_match.h"

#include "bif/iolist.h"
#include "bif/list_builder.h"
#include "bif/text_list.h"
#include "term/atom.h"
#include "term/binary_view.h"
#include "term/build.h"
#include "term/text.h"

namespace hanse {

namespace {

constexpr uint32_t default_match_limit = 10'000'000;
constexpr uint32_t heap_limit_kib = 64 * 1024;
constexpr size_t jit_stack_start = 32 * 1024, jit_stack_limit = 1024 * 1024;

// What a thread needs to match; made when it first does.
class Matcher {
 public:
  Matcher() {
    pcre2_set_heap_limit(context_, heap_limit_kib);
    pcre2_jit_stack_assign(context_, nullptr, stack_);
  }
  ~Matcher() {
    pcre2_match_data_free(data_);
    pcre2_jit_stack_free(stack_);
    pcre2_match_context_free(context_);
  }
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  int run(const CompiledPattern& pattern, Bytes subject, const RegexOptions& options, size_t last_start) {
    pcre2_set_offset_limit(context_, last_start);
    reserve(pattern.group_count + 1);
    pcre2_set_match_limit(context_, options.match_limit != 0 ? options.match_limit : default_match_limit);
    pcre2_set_depth_limit(context_, options.recursion_limit != 0 ? options.recursion_limit : UINT32_MAX);
    uint32_t bits = options.match_bits | (options.anchored ? PCRE2_ANCHORED : 0) | PCRE2_NO_UTF_CHECK;
    if (options.recursion_limit != 0) bits |= PCRE2_NO_JIT;  // machine code does not count the depth
    const uint8_t* text = subject.empty() ? reinterpret_cast<const uint8_t*>("") : subject.data();
    count_ = pcre2_match(pattern.code, text, subject.size(), options.offset, bits, data_, context_);
    if (count_ == PCRE2_ERROR_JIT_STACKLIMIT)
      count_ = pcre2_match(pattern.code, text, subject.size(), options.offset, bits | PCRE2_NO_JIT, data_, context_);
    return count_;
  }

  // Groups up to the last one that took part.
  uint32_t count() const { return static_cast<uint32_t>(count_); }
  // Whether the group took part in the match.
  bool is_set(uint32_t group) const {
    return group < count() && pcre2_get_ovector_pointer(data_)[group * 2] != PCRE2_UNSET;
  }
  // [begin, end) of a group that is set. \K in a lookahead may put the end before the begin.
  void range(uint32_t group, size_t& begin, size_t& end) const {
    begin = pcre2_get_ovector_pointer(data_)[group * 2];
    end = pcre2_get_ovector_pointer(data_)[group * 2 + 1];
    if (end < begin) end = begin;
  }

 private:
  void reserve(uint32_t groups) {
    if (data_ != nullptr && pcre2_get_ovector_count(data_) >= groups) return;
    pcre2_match_data_free(data_);
    data_ = pcre2_match_data_create(groups < 32 ? 32 : groups, nullptr);
    CHECK(data_ != nullptr);
  }
  pcre2_match_context* context_ = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack_ = pcre2_jit_stack_create(jit_stack_start, jit_stack_limit, nullptr);
  pcre2_match_data* data_ = nullptr;
  int count_ = 0;
};

Matcher& matcher() {
  static thread_local Matcher instance;
  return instance;
}

class CapturedTerms {
 public:
  CapturedTerms(Arena& arena, const CompiledPattern& pattern, const Subject& subject, CaptureType type)
      : arena_(arena), pattern_(pattern), subject_(subject), type_(type) {}

  Term group(uint32_t number) const {
    if (!matcher().is_set(number)) return unset();
    size_t begin, end;
    matcher().range(number, begin, end);
    if (type_ == CaptureType::index)
      return make_tuple(arena_, Term::small(static_cast<int64_t>(begin)), Term::small(static_cast<int64_t>(end - begin)));
    Bytes bytes = subject_.bytes.subspan(begin, end - begin);
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (type_ == CaptureType::list)
      return pattern_.options.is_unicode() ? list_of_utf8(arena_, text) : make_string(arena_, text);
    if (bytes.size() > heap_binary_limit && !subject_.term.is_none())
      return make_sub_binary(arena_, subject_.term, begin * 8, bytes.size() * 8);
    return make_binary(arena_, bytes);
  }
  // Of several groups with the same name, the first one that is set.
  Term named(std::string_view name) const {
    for (uint32_t entry = 0; entry < pattern_.name_count; entry++)
      if (pattern_.name(entry) == name && matcher().is_set(pattern_.named_group(entry)))
        return group(pattern_.named_group(entry));
    return unset();
  }
  Term listed(Term id) const {
    if (id.is_small())
      return id.as_small() <= pattern_.group_count ? group(static_cast<uint32_t>(id.as_small())) : unset();
    if (id.is_atom()) return named(atom_name(id));
    IodataBytes name(id);
    return named({reinterpret_cast<const char*>(name.data()), name.size()});
  }

 private:
  Term unset() const {
    switch (type_) {
      case CaptureType::index: return make_tuple(arena_, Term::small(-1), Term::small(0));
      case CaptureType::list: return Term::nil();
      case CaptureType::binary: return make_binary(arena_, Bytes());
    }
    return Term::nil();
  }
  Arena& arena_;
  const CompiledPattern& pattern_;
  const Subject& subject_;
  CaptureType type_;
};

}  // namespace

bool is_utf8_subject(const Subject& subject) {
  Bytes bytes = subject.bytes;
  auto check = [&] { return is_valid_utf8({reinterpret_cast<const char*>(bytes.data()), bytes.size()}); };
  if (subject.term.is_none() || bytes.size() <= heap_binary_limit) return check();
  Word* object = subject.term.as_boxed();
  if (header_kind(*object) == Boxed::sub_binary) object = reinterpret_cast<SubBinary*>(object)->original.as_boxed();
  if (header_kind(*object) != Boxed::refc_binary) return check();
  OffHeapBinary* whole = reinterpret_cast<RefcBinary*>(object)->value;
  // An unaligned part has been copied.
  if (bytes.data() < whole->data || bytes.data() + bytes.size() > whole->data + whole->size) return check();
  uint64_t from = static_cast<uint64_t>(bytes.data() - whole->data), to = from + bytes.size();
  if (to > UINT32_MAX) return check();
  uint64_t known = whole->known_utf8.load(std::memory_order_relaxed);
  auto is_boundary = [&](uint64_t at) { return at == (known & UINT32_MAX) || (whole->data[at] & 0xc0) != 0x80; };
  if (from >= known >> 32 && to <= (known & UINT32_MAX)) return is_boundary(from) && is_boundary(to);
  if (!check()) return false;
  whole->known_utf8.store(from << 32 | to, std::memory_order_relaxed);
  return true;
}

MatchOutcome run_regex(const CompiledPattern& pattern, Bytes subject, const RegexOptions& options, size_t last_start) {
  int result = matcher().run(pattern, subject, options, last_start);
  if (result > 0) return MatchOutcome::match;
  switch (result) {
    case PCRE2_ERROR_NOMATCH: return MatchOutcome::nomatch;
    case PCRE2_ERROR_MATCHLIMIT: case PCRE2_ERROR_JIT_STACKLIMIT: return MatchOutcome::match_limit;
    case PCRE2_ERROR_DEPTHLIMIT: case PCRE2_ERROR_HEAPLIMIT: return MatchOutcome::recursion_limit;
    default: return MatchOutcome::failed;
  }
}

Term captured_term(Arena& arena, const CompiledPattern& pattern, const Subject& subject, const RegexOptions& options) {
  CapturedTerms terms(arena, pattern, subject, options.capture_type);
  ListBuilder list(arena);
  switch (options.capture) {
    case Capture::none: return am::match;
    case Capture::first: list.add(terms.group(0)); break;
    case Capture::all: case Capture::all_but_first:
      for (uint32_t i = options.capture == Capture::all ? 0 : 1; i < matcher().count(); i++) list.add(terms.group(i));
      break;
    case Capture::all_names:
      if (pattern.name_count == 0) return am::match;
      for (uint32_t entry = 0; entry < pattern.name_count; entry++)
        if (entry == 0 || pattern.name(entry) != pattern.name(entry - 1)) list.add(terms.named(pattern.name(entry)));
      break;
    case Capture::listed:
      for (Term ids = options.captured; ids.is_cons(); ids = ids.as_cons()->tail) list.add(terms.listed(ids.as_cons()->head));
      break;
  }
  return make_tuple(arena, am::match, list.finish());
}

}  // namespace hanse
