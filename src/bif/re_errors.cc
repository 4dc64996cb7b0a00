// Errors of PCRE2 as PCRE 8 words and places them: guests print and compare them.
#include "bif/re_pattern.h"

namespace hanse {

namespace {

bool is_word(uint8_t byte) {
  return byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

// Where the group that is open at `position` ends: its parenthesis, or the end of the source.
size_t end_of_group(Bytes source, size_t position) {
  size_t depth = 0;
  for (size_t at = position; at < source.size(); at++) {
    switch (source[at]) {
      case '\\': at++; break;
      case '[':
        for (at += 2; at < source.size() && source[at] != ']'; at++)
          if (source[at] == '\\') at++;
        break;
      case '(': depth++; break;
      case ')':
        if (depth <= 1) return at;
        depth--;
        break;
      default: break;
    }
  }
  return source.size();
}

// Whether the source ends within the head of a group: "(?", "(?i", "(?-", ...
bool ends_in_group_head(std::string_view source) {
  size_t head = source.rfind("(?");
  if (head == std::string_view::npos) return false;
  for (char c : source.substr(head + 2))
    if (c != '-' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) return false;
  return true;
}

size_t error_position(int code, size_t position, Bytes source) {
  switch (code) {
    case 115:  // behind the reference
      while (position < source.size() && is_word(source[position])) position++;
      return position;
    case 125: case 127: case 154: return end_of_group(source, position);
    case 119: case 137: case 143: case 147: case 150: case 151: case 169: return position > 0 ? position - 1 : 0;
    default: return position;
  }
}

std::string error_text(int code, Bytes source) {
  if (code < 0) return "invalid UTF-8 string";
  std::string_view text(reinterpret_cast<const char*>(source.data()), source.size());
  if (code == 114 && text.ends_with("(?P")) return "unrecognized character after (?P";
  if (code == 114 && ends_in_group_head(text)) return "unrecognized character after (? or (?-";
  static constexpr struct {
    int code;
    const char* text;
  } texts[] = {
      {107, "invalid escape sequence in character class"},
      {109, "nothing to repeat"},
      {114, "missing )"},
      {118, "missing ) after comment"},
      {119, "regular expression is too complicated"},
      {122, "unmatched parentheses"},
      {124, "malformed number or name after (?("},
      {126, "a numbered reference must not be zero"},
      {127, "conditional group contains more than two branches"},
      {128, "assertion expected after (?("},
      {129, "(?R or (?[+-]digits must be followed by )"},
      {134, "character value in \\x{} or \\o{} is too large"},
      {136, "\\C not allowed in lookbehind assertion"},
      {137, "PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u"},
      {138, "number after (?C is > 255"},
      {139, "closing ) for (?C expected"},
      {142, "syntax error in subpattern name (missing terminator)"},
      {143, "two named subpatterns have the same name"},
      {144, "group name must start with a non-digit"},
      {147, "unknown property name after \\P or \\p"},
      {148, "subpattern name is too long (maximum 32 characters)"},
      {154, "DEFINE group contains more than one branch"},
      {158, "(?R or (?[+-]digits must be followed by )"},
      {161, "number is too big"},
      {162, "unrecognized character after (?<"},
      {164, "non-octal character in \\o{} (closing brace missing?)"},
      {167, "non-hex character in \\x{} (closing brace missing?)"},
      {168, "\\c must be followed by an ASCII character"},
      {178, "digits missing in \\x{} or \\o{}"},
      {195, "(*VERB) not recognized or malformed"},
      {176, "name is too long in (*MARK), (*PRUNE), (*SKIP), or (*THEN)"},
      {177, "character value in \\u.... sequence is too large"},
  };
  for (auto& row : texts)
    if (row.code == code) return row.text;
  uint8_t message[256];
  int length = pcre2_get_error_message(code, message, sizeof(message));
  return length < 0 ? "internal error" : std::string(reinterpret_cast<char*>(message), static_cast<size_t>(length));
}

}  // namespace

PatternError describe_pattern_error(int code, size_t position, Bytes source) {
  return {error_text(code, source), error_position(code, position, source)};
}

}  // namespace hanse
