// Terms from text, for unit tests: integers, atoms, 'quoted atoms', tuples, lists and #{maps}. No errors: the tests are right.
#pragma once

#include <cctype>
#include <string_view>

#include "term/atom.h"
#include "term/build.h"
#include "term/map.h"
#include "term/test_arena.h"

namespace hanse {

class TermReader {
 public:
  TermReader(Arena& arena, std::string_view text) : arena_(arena), text_(text) {}
  Term read() {
    skip();
    char c = text_.front();
    if (c == '{') return make_tuple(arena_, std::span<const Term>(sequence('}')));
    if (c == '#') {
      text_.remove_prefix(1);
      std::vector<Term> parts = sequence('}'), keys, values;
      for (size_t i = 0; i < parts.size(); i += 2) {
        keys.push_back(parts[i]);
        values.push_back(parts[i + 1]);
      }
      return map_from_pairs(arena_, keys, values);
    }
    if (c == '[') return list();
    if (c == '\'') return quoted();
    if (c == '-' || std::isdigit(c)) return number();
    size_t end = 0;
    while (end < text_.size() && (std::isalnum(text_[end]) || text_[end] == '_')) end++;
    return make_atom(take(end));
  }

 private:
  void skip() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == ',')) text_.remove_prefix(1);
    if (text_.starts_with("=>")) {
      text_.remove_prefix(2);
      skip();
    }
  }
  std::string_view take(size_t count) {
    std::string_view taken = text_.substr(0, count);
    text_.remove_prefix(count);
    return taken;
  }
  std::vector<Term> sequence(char end) {
    std::vector<Term> parts;
    take(1);
    for (skip(); text_.front() != end && text_.front() != '|'; skip()) parts.push_back(read());
    if (text_.front() == end) take(1);
    return parts;
  }
  Term list() {
    std::vector<Term> parts = sequence(']');
    Term tail = Term::nil();
    if (text_.starts_with('|')) {
      take(1);
      tail = read();
      skip();
      take(1);
    }
    return make_list(arena_, parts, tail);
  }
  Term quoted() {
    take(1);
    Term atom = make_atom(take(text_.find('\'')));
    take(1);
    return atom;
  }
  Term number() {
    size_t end = 1;
    while (end < text_.size() && (std::isdigit(text_[end]) || text_[end] == '.')) end++;
    std::string digits(take(end));
    if (digits.find('.') != std::string::npos) return make_float(arena_, std::strtod(digits.c_str(), nullptr));
    return make_integer(arena_, std::strtoll(digits.c_str(), nullptr, 10));
  }
  Arena& arena_;
  std::string_view text_;
};
inline Term read_term(Arena& arena, std::string_view text) { return TermReader(arena, text).read(); }

}  // namespace hanse
