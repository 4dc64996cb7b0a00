// A request of a stranger, as the server's HTTP library hands it over: method and target, fields, an empty line, a body. Everything that reads
// such texts runs on it; what was read and written again is the same, and no request is authentic.
#include "base/check.h"
#include "base/fuzz_target.h"
#include "gateway/authenticator.h"
#include "gateway/client.h"
#include "gateway/json.h"
#include "gateway/libraries.h"
#include "gateway/percent.h"
#include "gateway/signature_base.h"

namespace hanse::gateway {

namespace {

constexpr int64_t now_s = 1'618'884'480;  // the time of the RFC's examples

std::string_view take_line(std::string_view& rest) {
  std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

void check_dictionary(std::string_view text) {
  auto parsed = parse_dictionary(text);
  if (!parsed) return;
  for (auto& [key, member] : *parsed) {
    std::string written = key + "=" + serialize(member);
    auto again = parse_dictionary(written);
    CHECK(again && again->size() == 1 && (*again)[0].second == member);
  }
}

void check_texts(std::string_view text) {
  std::string quoted = json_quote(text);
  CHECK(json_object("{\"x\":" + quoted + "}"));
  CHECK(percent_decode(percent_encode(text)) == text);
  if (auto bytes = base64url_decode(text)) CHECK(base64url(bytes_of(*bytes)) == text);
  if (auto url = parse_url(text)) CHECK(!url->host.empty() && !url->port.empty());
  json_object(text);
  form_decode(text);
}

}  // namespace

FUZZ_TARGET(http_signature) {
  require_libraries();
  static auto* node = new Authenticator(SigningKey(Bytes32{1}), std::move(NonceJournal::open("", now_s).value()));
  static const PublicKey known = SigningKey(Bytes32{2}).public_key();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::string_view first = take_line(rest);
  std::vector<Field> fields;
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (line.empty()) break;
    size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    fields.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))});
  }
  size_t space = first.find(' ');
  std::string_view target = space == std::string_view::npos ? std::string_view("/") : first.substr(space + 1);
  Message message{first.substr(0, space), "https", "example.com", target, 0, fields, nullptr};
  for (const Field& field : fields) check_dictionary(field.value);
  check_texts(rest);
  check_texts(target);
  check_digest(message, rest);
  if (auto claim = read_signature(message, "")) {
    (void)check_claim(*claim, message, node->node_name(), !rest.empty(), now_s);
    if (auto base = signature_base(message, claim->covered)) CHECK(base->ends_with(serialize(claim->covered)));
  }
  auto caller = node->authenticate(message, rest, now_s, [](std::string_view) { return std::optional(known); });
  CHECK(!caller);
  for (char c : caller.error().json()) CHECK(c == '\n' || (c >= ' ' && c < 127));
  return 0;
}

}  // namespace hanse::gateway
