// binary: searching and splitting. The rest of the module is in binary_parts.cc.
#include <memory>

#include "bif/binary_bytes.h"
#include "bif/binary_search.h"
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"

namespace hanse {

namespace {

// --- patterns ---

std::optional<SearchPattern> pattern_of_list(Term list) {
  std::vector<std::unique_ptr<BinaryBytes>> binaries;
  std::vector<Bytes> patterns;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term binary = list.as_cons()->head;
    if (!binary.is_binary() || bit_view(binary).bit_size == 0) return std::nullopt;
    binaries.push_back(std::make_unique<BinaryBytes>(binary));
    patterns.push_back(binaries.back()->span());
  }
  if (!list.is_nil() || patterns.empty()) return std::nullopt;
  if (patterns.size() == 1) return SearchPattern(patterns[0]);
  return SearchPattern(std::span<const Bytes>(patterns));
}

// A binary or a list of binaries; none of them empty.
std::optional<SearchPattern> pattern_of(Term term) {
  if (!term.is_binary()) return pattern_of_list(term);
  BinaryBytes bytes(term);
  if (bytes.size() == 0) return std::nullopt;
  return SearchPattern(bytes.span());
}

// What compile_pattern/1 made: {bm, Reference} for one pattern, {ac, Reference} for several.
const SearchPattern* compiled_pattern(Term term) {
  if (!is_tuple_of_arity(term, 2)) return nullptr;
  Term kind = as_tuple(term)->elements[0], reference = as_tuple(term)->elements[1];
  if (!reference.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  auto* pattern = Magic<SearchPattern>::get(reference.as<MagicReference>()->off_heap.value);
  if (pattern == nullptr || kind != (pattern->is_single() ? am::bm : am::ac)) return nullptr;
  return pattern;
}

Result binary_compile_pattern_1(Call& call) {
  auto pattern = pattern_of(call.args[0]);
  if (!pattern) return raise_badarg(call);
  Term kind = pattern->is_single() ? am::bm : am::ac;
  Term reference = make_magic_reference(call.arena(), Magic<SearchPattern>::create(*std::move(pattern)));
  return make_tuple(call.arena(), kind, reference);
}

// --- options ---

struct SearchOptions {
  size_t begin = 0, end = 0;  // of the scope
  bool global = false, trim = false, trim_all = false;
};
enum class OptionSet : uint8_t { search, split };

// {scope, {Start, Length}}; a negative length counts backwards.
bool read_scope(Term scope, size_t size, SearchOptions& options) {
  if (!is_tuple_of_arity(scope, 2)) return false;
  Term start = as_tuple(scope)->elements[0], length = as_tuple(scope)->elements[1];
  if (!start.is_small() || !length.is_small()) return false;
  int64_t begin = start.as_small(), count = length.as_small(), limit = static_cast<int64_t>(size);
  if (begin < 0 || begin > limit || count < -begin || count > limit - begin) return false;
  if (count < 0) {
    begin += count;
    count = -count;
  }
  options.begin = static_cast<size_t>(begin);
  options.end = static_cast<size_t>(begin + count);
  return true;
}

// Stock looks at no tail other than the list itself: [global | x] is taken, x is not.
bool read_options(Term list, OptionSet allowed, size_t size, SearchOptions& options) {
  options.end = size;
  if (!list.is_cons() && !list.is_nil()) return false;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (is_tuple_of_arity(option, 2) && as_tuple(option)->elements[0] == am::scope) {
      if (!read_scope(as_tuple(option)->elements[1], size, options)) return false;
    } else if (allowed == OptionSet::search) {
      return false;
    } else if (option == am::global) {
      options.global = true;
    } else if (option == am::trim) {
      options.trim = true;
    } else if (option == am::trim_all) {
      options.trim_all = true;
    } else {
      return false;
    }
  }
  return true;
}

// --- searching ---

// The subject, the pattern and the options of a call.
class Search {
 public:
  // False: badarg.
  bool prepare(Call& call, OptionSet allowed) {
    if (!call.args[0].is_binary()) return false;
    bytes_.emplace(call.args[0]);
    Term list = call.row->arity == 3 ? call.args[2] : Term::nil();
    if (!read_options(list, allowed, bytes_->size(), options)) return false;
    if (bytes_->size() == 0) return true;  // nothing is found, and the pattern may be anything
    position_ = options.begin;
    pattern_ = compiled_pattern(call.args[1]);
    if (pattern_ == nullptr) {
      own_pattern_ = pattern_of(call.args[1]);
      if (!own_pattern_) return false;
      pattern_ = &*own_pattern_;
    }
    call.charge((options.end - options.begin) / 1024);
    return true;
  }
  // The next occurrence that does not overlap the one before.
  bool next(Found& found) {
    if (pattern_ == nullptr || !pattern_->find(bytes_->span().first(options.end), position_, found)) return false;
    position_ = found.start + found.length;
    return true;
  }
  size_t size() const { return bytes_->size(); }

  SearchOptions options;

 private:
  std::optional<BinaryBytes> bytes_;
  std::optional<SearchPattern> own_pattern_;
  const SearchPattern* pattern_ = nullptr;
  size_t position_ = 0;
};

Term found_term(Arena& arena, Found found) {
  return make_tuple(arena, Term::small(static_cast<int64_t>(found.start)), Term::small(static_cast<int64_t>(found.length)));
}

Result binary_match(Call& call) {
  Search search;
  Found found;
  if (!search.prepare(call, OptionSet::search)) return raise_badarg(call);
  return search.next(found) ? found_term(call.arena(), found) : am::nomatch;
}

Result binary_matches(Call& call) {
  Search search;
  Found found;
  if (!search.prepare(call, OptionSet::search)) return raise_badarg(call);
  ListBuilder list(call.arena());
  while (search.next(found)) list.add(found_term(call.arena(), found));
  call.charge(list.count() / 4);
  return list.finish();
}

Result binary_split(Call& call) {
  Search search;
  if (!search.prepare(call, OptionSet::split)) return raise_badarg(call);
  ListBuilder parts(call.arena());
  // Empty parts wait until something follows them: `trim` drops those at the end.
  size_t empty_parts = 0;
  auto add = [&](size_t from, size_t to) {
    if (from == to) {
      empty_parts++;
      return;
    }
    if (!search.options.trim_all)
      for (; empty_parts > 0; empty_parts--) parts.add(make_sub_binary(call.arena(), call.args[0], from * 8, 0));
    empty_parts = 0;
    parts.add(make_sub_binary(call.arena(), call.args[0], from * 8, (to - from) * 8));
  };
  size_t from = 0;
  for (Found found; (from == 0 || search.options.global) && search.next(found);) {
    add(from, found.start);
    from = found.start + found.length;
  }
  if (from == 0 && !search.options.trim && !search.options.trim_all)
    return make_cons(call.arena(), call.args[0], Term::nil());
  add(from, search.size());
  if (!search.options.trim && !search.options.trim_all)
    for (; empty_parts > 0; empty_parts--) parts.add(make_sub_binary(call.arena(), call.args[0], from * 8, 0));
  call.charge(parts.count() / 4);
  return parts.finish();
}

constexpr BifRow rows[] = {
    {"binary", "compile_pattern", 1, binary_compile_pattern_1, BifKind::plain, Authority::pure},
    {"binary", "match", 2, binary_match, BifKind::plain, Authority::pure},
    {"binary", "match", 3, binary_match, BifKind::plain, Authority::pure},
    {"binary", "matches", 2, binary_matches, BifKind::plain, Authority::pure},
    {"binary", "matches", 3, binary_matches, BifKind::plain, Authority::pure},
    {"binary", "split", 2, binary_split, BifKind::plain, Authority::pure},
    {"binary", "split", 3, binary_split, BifKind::plain, Authority::pure},
};

}  // namespace
const BifTable binary_bifs = rows;

}  // namespace hanse
