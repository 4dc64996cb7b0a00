#include "bif/http_packet.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "term/atom.h"
#include "term/build.h"

namespace hanse {

namespace {

// Fields that are atoms; the guest also gets the position in this list, counted from one.
constexpr std::string_view known_fields[] = {
    "Cache-Control", "Connection", "Date", "Pragma", "Transfer-Encoding", "Upgrade", "Via", "Accept", "Accept-Charset",
    "Accept-Encoding", "Accept-Language", "Authorization", "From", "Host", "If-Modified-Since", "If-Match",
    "If-None-Match", "If-Range", "If-Unmodified-Since", "Max-Forwards", "Proxy-Authorization", "Range", "Referer",
    "User-Agent", "Age", "Location", "Proxy-Authenticate", "Public", "Retry-After", "Server", "Vary", "Warning",
    "Www-Authenticate", "Allow", "Content-Base", "Content-Encoding", "Content-Language", "Content-Length",
    "Content-Location", "Content-Md5", "Content-Range", "Content-Type", "Etag", "Expires", "Last-Modified",
    "Accept-Ranges", "Set-Cookie", "Set-Cookie2", "X-Forwarded-For", "Cookie", "Keep-Alive", "Proxy-Connection",
};
constexpr std::string_view known_methods[] = {"OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE"};
constexpr size_t longest_capitalised_field = 50;

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
// tchar of RFC 9110, 5.6.2
bool is_token(char c) {
  return c > ' ' && c < 127 && std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view skip_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}
template <class Test>
std::string_view take_while(std::string_view& text, Test test) {
  auto end = std::find_if_not(text.begin(), text.end(), test);
  std::string_view taken = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
std::string_view without_newline(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

class HttpTerms {
 public:
  HttpTerms(Arena& arena, HttpStrings strings) : arena_(arena), strings_(strings) {}
  Term string(std::string_view text) const {
    return strings_ == HttpStrings::binaries ? make_binary(arena_, text) : make_string(arena_, text);
  }
  Term error(std::string_view line) const { return make_tuple(arena_, am::http_error, string(line)); }
  Term first_line(std::string_view line) const;
  Term header_line(std::string_view line) const;

 private:
  Term response(std::string_view line, std::string_view rest) const;
  Term request(std::string_view line) const;
  Term uri(std::string_view text) const;
  Term absolute_uri(Term scheme, std::string_view text) const;
  Term field_name(std::string_view name) const;
  // "1.1" as {1,1}; none() if it is none.
  Term version(std::string_view& text) const;
  Arena& arena_;
  HttpStrings strings_;
};

// The atoms of two lists, made once for the life of the node.
template <size_t count>
struct Atoms {
  explicit Atoms(const std::string_view (&names)[count]) {
    for (size_t i = 0; i < count; i++) terms[i] = make_atom(names[i]);
  }
  Term terms[count];
};
Term method_atom(size_t index) {
  static const Atoms atoms(known_methods);
  return atoms.terms[index];
}
Term field_atom(size_t index) {
  static const Atoms atoms(known_fields);
  return atoms.terms[index];
}

// Decimal digits with the wrap-around of 32-bit machines that guests see from stock.
int64_t number(std::string_view digits) {
  uint32_t value = 0;
  for (char digit : digits) value = value * 10 + static_cast<uint32_t>(digit - '0');
  return static_cast<int32_t>(value);
}

Term HttpTerms::version(std::string_view& text) const {
  std::string_view major = take_while(text, is_digit);
  if (major.empty() || text.empty() || text.front() != '.') return Term::none();
  text.remove_prefix(1);
  std::string_view minor = take_while(text, is_digit);
  if (minor.empty()) return Term::none();
  return make_tuple(arena_, Term::small(number(major)), Term::small(number(minor)));
}

Term HttpTerms::first_line(std::string_view line) const {
  std::string_view text = without_newline(line);
  if (text.starts_with("HTTP/")) return response(line, text.substr(5));
  return request(line);
}

// HTTP/Version Status Phrase
Term HttpTerms::response(std::string_view line, std::string_view rest) const {
  Term version_term = version(rest);
  if (version_term.is_none() || rest.empty() || !is_space(rest.front())) return error(line);
  rest = skip_spaces(rest);
  std::string_view status = take_while(rest, is_digit);
  if (status.empty() || (!rest.empty() && !is_space(rest.front()))) return error(line);
  return make_tuple(arena_, am::http_response, version_term, Term::small(number(status)), string(skip_spaces(rest)));
}

// Method URI HTTP/Version; without a version it is {0,9}.
Term HttpTerms::request(std::string_view line) const {
  std::string_view rest = without_newline(line);
  std::string_view method = take_while(rest, is_token);
  if (method.empty() || rest.empty() || !is_space(rest.front())) return error(line);
  rest = skip_spaces(rest);
  std::string_view target = take_while(rest, [](char c) { return !is_space(c); });
  if (target.empty()) return error(line);
  rest = skip_spaces(rest);
  Term version_term;
  if (rest.empty()) {
    version_term = make_tuple(arena_, Term::small(0), Term::small(9));
  } else {
    if (!rest.starts_with("HTTP/")) return error(line);
    rest.remove_prefix(5);
    version_term = version(rest);
    if (version_term.is_none()) return error(line);
  }
  auto known = std::find(std::begin(known_methods), std::end(known_methods), method);
  Term method_term = Term::none();
  if (known != std::end(known_methods)) method_term = method_atom(static_cast<size_t>(known - std::begin(known_methods)));
  if (method_term.is_none()) method_term = string(method);
  return make_tuple(arena_, am::http_request, method_term, uri(target), version_term);
}

Term HttpTerms::uri(std::string_view text) const {
  if (text == "*") return am::star;
  if (text.size() >= 7 && equal_ignoring_case(text.substr(0, 7), "http://")) return absolute_uri(am::http, text.substr(7));
  if (text.size() >= 8 && equal_ignoring_case(text.substr(0, 8), "https://"))
    return absolute_uri(am::https, text.substr(8));
  size_t colon = text.find(':');
  if (text.front() == '/' || colon == 0) return make_tuple(arena_, am::abs_path, string(text));
  if (colon == std::string_view::npos) return string(text);
  return make_tuple(arena_, am::scheme, string(text.substr(0, colon)), string(text.substr(colon + 1)));
}

Term HttpTerms::absolute_uri(Term scheme, std::string_view text) const {
  size_t slash = std::min(text.find('/'), text.size());
  std::string_view path = text.substr(slash), host = text.substr(0, slash);
  Term port = am::undefined;
  if (size_t colon = host.find(':'); colon != std::string_view::npos) {
    std::string_view digits = host.substr(colon + 1);
    if (!digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit)) port = Term::small(number(digits));
    host = host.substr(0, colon);
  }
  return make_tuple(arena_, am::absoluteURI, scheme, string(host), port, string(path.empty() ? "/" : path));
}

// A known field's atom; others with each word capitalised, unless they are long. A second dash counts as a word.
Term HttpTerms::field_name(std::string_view name) const {
  if (name.size() > longest_capitalised_field) return string(name);
  std::string capitalised(name);
  bool word_begins = true;
  for (char& c : capitalised) {
    c = word_begins ? upper(c) : lower(c);
    word_begins = !word_begins && c == '-';
  }
  return string(capitalised);
}

Term HttpTerms::header_line(std::string_view line) const {
  std::string_view rest = without_newline(line);
  if (rest.empty()) return am::http_eoh;
  std::string_view name = take_while(rest, is_token);
  if (rest.empty() || rest.front() != ':') return error(line);
  rest = skip_spaces(rest.substr(1));
  auto known = std::find_if(std::begin(known_fields), std::end(known_fields),
                            [&](std::string_view field) { return equal_ignoring_case(field, name); });
  int64_t position = 0;
  Term field = Term::none();
  if (known != std::end(known_fields)) {
    position = known - std::begin(known_fields) + 1;
    field = field_atom(static_cast<size_t>(position - 1));
  }
  if (field.is_none()) field = field_name(name);
  return make_tuple(arena_, am::http_header, Term::small(position), field, string(name), string(rest));
}

}  // namespace

Term http_first_line(Arena& arena, Bytes line, HttpStrings strings) {
  return HttpTerms(arena, strings).first_line(as_text(line));
}
Term http_header_line(Arena& arena, Bytes line, HttpStrings strings) {
  return HttpTerms(arena, strings).header_line(as_text(line));
}

}  // namespace hanse
