// One pass over the pattern that knows no more of its grammar than it must: quoted text, character classes, comments, escapes
// and the heads of groups. What PCRE2 would read in another way is written so that it does not; what PCRE2 has and
// PCRE 8.44 has not is refused with PCRE 8's words.
#include "bif/re_dialect.h"

#include <cstring>
#include <string_view>

namespace hanse {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Translator {
 public:
  Translator(std::string_view source, bool is_extended) : source_(source), is_extended_(is_extended) {}

  RegexTranslation run() {
    options_at_start();
    while (at_ < source_.size() && result_.refused.text.empty()) step();
    if (!changed_) {
      result_.text.clear();
      result_.origins.clear();
    }
    return std::move(result_);
  }

 private:
  bool ahead(std::string_view text) const { return source_.substr(at_).starts_with(text); }
  char peek(size_t distance) const { return at_ + distance < source_.size() ? source_[at_ + distance] : '\0'; }

  void keep(size_t bytes) {
    for (; bytes > 0 && at_ < source_.size(); bytes--) {
      result_.text += source_[at_];
      result_.origins.push_back(at_++);
    }
  }
  void drop(size_t bytes) {
    at_ += bytes;
    changed_ = true;
  }
  void refuse(const char* text, size_t position) { result_.refused = {text, position}; }

  // (*UTF8), (*CRLF), ... in front of everything.
  void options_at_start() {
    static constexpr std::string_view known[] = {"UTF)", "UCP)", "NO_AUTO_POSSESS)", "NO_START_OPT)", "LIMIT_MATCH=",
                                                 "LIMIT_RECURSION=", "CR)", "LF)", "CRLF)", "ANY)", "ANYCRLF)",
                                                 "BSR_ANYCRLF)", "BSR_UNICODE)"};
    while (ahead("(*")) {
      if (ahead("(*UTF8)")) {
        keep(5);
        drop(1);
        keep(1);
        continue;
      }
      std::string_view name = source_.substr(at_ + 2);
      size_t end = name.find(')');
      bool is_known = false;
      for (std::string_view word : known) is_known = is_known || name.starts_with(word);
      if (!is_known || end == std::string_view::npos) return;
      keep(2 + end + 1);
    }
  }

  void step() {
    if (ahead("\\Q")) return quoted();
    switch (source_[at_]) {
      case '\\': return escape();
      case '[': return character_class();
      case '(': return group();
      case '#':
        if (!is_extended_) break;
        while (at_ < source_.size() && source_[at_] != '\n') keep(1);
        return;
      default: break;
    }
    keep(1);
  }

  void quoted() {
    size_t end = source_.find("\\E", at_);
    keep(end == std::string_view::npos ? source_.size() - at_ : end + 2 - at_);
  }

  // \cX; PCRE2 takes no control character for X. False: it is not one of these.
  bool control_character() {
    if (peek(1) != 'c' || at_ + 2 >= source_.size()) return false;
    auto named = static_cast<unsigned char>(peek(2));
    if (named == 0) return refuse("\\c at end of pattern", at_ + 2), true;
    if (named >= ' ' && named != 0x7f) return keep(3), true;
    static constexpr char digits[] = "0123456789abcdef";
    unsigned char meant = named ^ 0x40;
    for (char c : {'\\', 'x', digits[meant >> 4], digits[meant & 15]}) {
      result_.text += c;
      result_.origins.push_back(at_);
    }
    drop(3);
    return true;
  }

  void escape() {
    if (control_character()) return;
    char letter = peek(1);
    if (letter == 'N' && peek(2) == '{' && !is_quantifier(at_ + 2))
      return refuse("PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u", at_ + 1);
    if (!check_property()) return;
    // More than there are groups: digits.
    if ((letter == '8' || letter == '9') && referenced_group() > groups_) drop(1);
    else keep(1);
    keep(1);
  }
  // The names of properties are written as Unicode writes them: \p{Lu}, \p{^Greek}. False: refused.
  bool check_property() {
    if ((peek(1) != 'p' && peek(1) != 'P') || peek(2) != '{') return true;
    size_t first = at_ + (peek(3) == '^' ? 4 : 3), end = source_.find('}', first);
    if (end == std::string_view::npos) return true;
    std::string_view name = source_.substr(first, end - first);
    if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z' && name.find_first_of("=:") == std::string_view::npos) return true;
    refuse("unknown property name after \\P or \\p", end);
    return false;
  }
  uint64_t referenced_group() const {
    uint64_t number = 0;
    for (size_t i = at_ + 1; i < source_.size() && is_digit(source_[i]) && number < 1'000'000; i++)
      number = number * 10 + static_cast<uint64_t>(source_[i] - '0');
    return number;
  }
  // {3}, {3,} or {3,4}
  bool is_quantifier(size_t at) const {
    auto digits = [&] {
      size_t first = at;
      while (at < source_.size() && is_digit(source_[at])) at++;
      return at > first;
    };
    auto is = [&](char c) { return at < source_.size() && source_[at] == c; };
    at++;
    if (!digits()) return false;
    if (is(',')) {
      at++;
      digits();
    }
    return is('}');
  }

  void character_class() {
    keep(1);
    if (peek(0) == '^') keep(1);
    if (peek(0) == ']') keep(1);
    while (at_ < source_.size()) {
      if (source_[at_] == ']') return keep(1);
      if (ahead("\\Q")) {
        quoted();
      } else if (source_[at_] == '\\') {
        if (control_character()) {
          if (!result_.refused.text.empty()) return;
          continue;
        }
        if (!check_property()) return;
        // Assertions and the like have no meaning in a class: the letter itself.
        if (peek(1) != 0 && std::strchr("ABCGKRXZz", peek(1)) != nullptr) drop(1);
        else keep(1);
        keep(1);
      } else if (source_[at_] == '[' && (peek(1) == ':' || peek(1) == '.' || peek(1) == '=')) {
        char kind = peek(1);
        size_t end = at_ + 2;
        while (end < source_.size() && (is_letter(source_[end]) || source_[end] == '^')) end++;
        bool is_name = source_.substr(end).starts_with(std::string{kind, ']'});
        keep(is_name ? end + 2 - at_ : 1);
      } else {
        keep(1);
      }
    }
  }

  void group() {
    if (peek(1) == '*' && (peek(2) == ':' || is_letter(peek(2)))) return verb();
    if (peek(1) != '?') {
      groups_++;
      return keep(1);
    }
    switch (peek(2)) {
      case '#':
        while (at_ < source_.size() && source_[at_] != ')') keep(1);
        return;
      case '<': groups_ += peek(3) != '=' && peek(3) != '!'; break;
      case '\'': groups_++; break;
      case 'P': groups_ += peek(3) == '<'; break;
      case '^': return refuse("unrecognized character after (? or (?-", at_ + 2);
      case 'C':
        if (peek(3) != 0 && peek(3) != ')' && !is_digit(peek(3))) return refuse("closing ) for (?C expected", at_ + 3);
        break;
      case '(':
        if (ahead("(?(VERSION")) return refuse("malformed number or name after (?(", at_ + 10);
        break;
      default:
        for (size_t i = at_ + 2; i < source_.size() && (is_letter(source_[i]) || source_[i] == '-'); i++) {
          if (source_[i] == 'n') return refuse("unrecognized character after (? or (?-", i);
          if (source_[i] == 'x') is_extended_ = true;
          if (std::strchr("imsxJUX-", source_[i]) == nullptr) break;
        }
        break;
    }
    keep(2);
  }

  void verb() {
    size_t end = at_ + 2;
    while (end < source_.size() && is_letter(source_[end])) end++;
    std::string_view name = source_.substr(at_ + 2, end - at_ - 2);
    bool has_argument = end < source_.size() && source_[end] == ':';
    if (has_argument) end = source_.find(')', end);
    if (end >= source_.size()) return keep(2);  // PCRE2 says what is missing
    static constexpr std::string_view without_argument[] = {"ACCEPT", "COMMIT", "F", "FAIL"};
    for (std::string_view known : without_argument) {
      if (name != known) continue;
      if (has_argument) return refuse("an argument is not allowed for (*ACCEPT), (*FAIL), or (*COMMIT)", end);
      return keep(end + 1 - at_);
    }
    bool known = (name.empty() && has_argument) || name == "MARK" || name == "PRUNE" || name == "SKIP" || name == "THEN";
    if (!known || source_[end] != ')') return refuse("(*VERB) not recognized or malformed", end);
    keep(end + 1 - at_);
  }

  std::string_view source_;
  bool is_extended_;
  size_t at_ = 0;
  uint64_t groups_ = 0;
  bool changed_ = false;
  RegexTranslation result_;
};

}  // namespace

RegexTranslation translate_regex(Bytes source, bool is_extended) {
  std::string_view text(reinterpret_cast<const char*>(source.data()), source.size());
  if (text.find_first_of("\\(") == std::string_view::npos) return {};
  return Translator(text, is_extended).run();
}

}  // namespace hanse
