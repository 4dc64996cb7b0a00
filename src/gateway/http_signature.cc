#include "gateway/http_signature.h"

#include <algorithm>

#include "base/check.h"
#include "gateway/signature_base.h"

namespace hanse::gateway {

namespace {

std::unexpected<Problem> refuse(const char* kind, std::string detail) { return std::unexpected(Problem{401, kind, std::move(detail)}); }

// Fields of the same name are one list.
std::string joined(const Message& message, std::string_view name) {
  std::string all;
  for (const Field& field : message.fields) {
    if (field.name != name) continue;
    if (!all.empty()) all += ", ";
    all += field.value;
  }
  return all;
}

std::string text_parameter(const Parameters& parameters, std::string_view name) {
  const BareItem* item = find_parameter(parameters, name);
  return item != nullptr && item->kind == BareItem::Kind::string ? item->text : std::string();
}

int64_t number_parameter(const Parameters& parameters, std::string_view name) {
  const BareItem* item = find_parameter(parameters, name);
  return item != nullptr && item->kind == BareItem::Kind::integer ? item->integer : 0;
}

bool covers(const Member& covered, std::string_view name) {
  return std::ranges::any_of(covered.items, [&](const Item& item) { return item.parameters.empty() && item.value.text == name; });
}

// Texts of clients are shown only if they are harmless.
std::string shown(std::string_view text) {
  std::string result;
  for (char c : text.substr(0, 120)) result += c >= ' ' && c < 127 && c != '"' && c != '\\' ? c : '?';
  return result;
}

}  // namespace

std::expected<SignatureClaim, Problem> read_signature(const Message& message, std::string_view tag) {
  std::string inputs = joined(message, "signature-input");
  std::string signatures = joined(message, "signature");
  if (inputs.empty() || signatures.empty())
    return refuse("unsigned", "expected fields Signature-Input and Signature (RFC 9421)");
  auto input = parse_dictionary(inputs);
  auto values = parse_dictionary(signatures);
  if (!input || !values) return refuse("malformed", "Signature-Input or Signature is not a dictionary (RFC 8941)");
  for (auto& [label, covered] : *input) {
    SignatureClaim claim;
    claim.tag = text_parameter(covered.parameters, "tag");
    if (!covered.is_list || !claim.tag.starts_with(tag)) continue;
    const Member* value = find_member(*values, label);
    if (value == nullptr || value->is_list || value->items[0].value.kind != BareItem::Kind::bytes)
      return refuse("malformed", "Signature has no bytes for the label of Signature-Input");
    claim.signature = value->items[0].value.text;
    claim.created = number_parameter(covered.parameters, "created");
    claim.expires = number_parameter(covered.parameters, "expires");
    if (claim.expires == 0) claim.expires = claim.created + clock_tolerance_s;
    claim.nonce = text_parameter(covered.parameters, "nonce");
    claim.keyid = text_parameter(covered.parameters, "keyid");
    std::string algorithm = text_parameter(covered.parameters, "alg");
    if (algorithm == "hmac-sha256") claim.algorithm = Algorithm::hmac_sha256;
    else if (!algorithm.empty() && algorithm != "ed25519")
      return refuse("algorithm", "expected alg ed25519 or hmac-sha256, got " + shown(algorithm));
    if (claim.created <= 0) return refuse("malformed", "the signature has no parameter created");
    if (claim.keyid.empty() || claim.keyid.size() > 64) return refuse("malformed", "the signature's keyid must have 1 to 64 characters");
    claim.label = label;
    claim.covered = std::move(covered);
    return claim;
  }
  return refuse("unsigned", "no signature has a tag that starts with " + std::string(tag));
}

std::expected<void, Problem> check_claim(const SignatureClaim& claim, const Message& request, std::string_view recipient, bool has_body, int64_t now_s) {
  if (claim.tag != std::string(tag_prefix) + std::string(recipient))
    return refuse("recipient", "the signature is for another node: its tag must be hanse:" + std::string(recipient));
  size_t shortest = claim.algorithm == Algorithm::ed25519 ? 16 : 1;
  if (claim.nonce.size() < shortest || claim.nonce.size() > 64) return refuse("malformed", "the signature's nonce must have 16 to 64 characters");
  for (const char* needed : {"@method", "@path"})
    if (!covers(claim.covered, needed) && !covers(claim.covered, needed[1] == 'p' ? "@request-target" : needed))
      return refuse("coverage", std::string("the signature must cover ") + needed);
  if (!query_of(request.target).empty() && !covers(claim.covered, "@query") && !covers(claim.covered, "@request-target"))
    return refuse("coverage", "the signature must cover @query");
  if (has_body && !covers(claim.covered, "content-digest")) return refuse("coverage", "the signature must cover content-digest");
  auto with_times = [&](const char* kind, std::string detail) {
    return std::unexpected(Problem{401, kind, std::move(detail), {{"now", now_s}, {"created", claim.created}}});
  };
  if (claim.created > now_s + clock_tolerance_s)
    return with_times("clock", "the signature was created " + std::to_string(claim.created - now_s) + " s in the future: is one of the clocks wrong? Here it is " +
                                   std::to_string(now_s) + " (unix seconds)");
  if (claim.expires - claim.created > longest_validity_s || claim.expires < claim.created)
    return with_times("malformed", "a signature may be valid for at most " + std::to_string(longest_validity_s) + " s");
  if (claim.expires < now_s) {
    int64_t age = now_s - claim.created;
    return with_times("clock", "the signature was created " + std::to_string(age) + " s ago and is no longer valid: it is too old, or one of the clocks is wrong. Here it is " +
                                   std::to_string(now_s) + " (unix seconds)");
  }
  return {};
}

std::string content_digest(std::string_view body) { return "sha-256=:" + base64(sha256(body)) + ":"; }

std::optional<Problem> check_digest(const Message& message, std::string_view body) {
  std::string text = joined(message, "content-digest");
  if (text.empty()) {
    if (body.empty()) return std::nullopt;
    return Problem{401, "digest", "expected a field Content-Digest (RFC 9530)"};
  }
  auto digests = parse_dictionary(text);
  if (!digests) return Problem{401, "digest", "Content-Digest is not a dictionary (RFC 8941)"};
  bool known = false;
  for (auto& [algorithm, value] : *digests) {
    std::string expected;
    if (algorithm == "sha-256") expected = text_of(sha256(body));
    else if (algorithm == "sha-512") expected = text_of(sha512(body));
    else continue;
    known = true;
    if (value.is_list || value.items[0].value != BareItem::of_bytes(expected))
      return Problem{401, "digest", "the body is not the one that Content-Digest was made of"};
  }
  if (!known) return Problem{401, "digest", "Content-Digest has neither sha-256 nor sha-512"};
  return std::nullopt;
}

namespace {

std::unexpected<Problem> bad_signature() { return refuse("signature", "the signature does not fit this message and this key"); }

}  // namespace

std::expected<void, Problem> check_signature(const SignatureClaim& claim, const Message& message, const PublicKey& key) {
  Signature signature;
  if (claim.algorithm != Algorithm::ed25519 || claim.signature.size() != signature.size()) return bad_signature();
  auto base = signature_base(message, claim.covered);
  if (!base) return refuse("coverage", shown(base.error()));
  std::copy(claim.signature.begin(), claim.signature.end(), reinterpret_cast<char*>(signature.data()));
  if (!verify(key, *base, signature)) return bad_signature();
  return {};
}

std::expected<void, Problem> check_signature(const SignatureClaim& claim, const Message& message, const Bytes32& secret) {
  if (claim.algorithm != Algorithm::hmac_sha256) return bad_signature();
  auto base = signature_base(message, claim.covered);
  if (!base) return refuse("coverage", shown(base.error()));
  if (!equal_secrets(hmac_sha256(secret, *base), bytes_of(claim.signature))) return bad_signature();
  return {};
}

Item component(std::string_view name) { return {BareItem::of_string(std::string(name)), {}}; }

SignatureFields make_signature(const Message& message, std::string_view label, std::vector<Item> components, Parameters parameters, const Signer& signer) {
  Member covered{.is_list = true, .items = std::move(components), .parameters = std::move(parameters)};
  auto base = signature_base(message, covered);
  CHECK(base);  // who signs covers what the message has
  std::string prefix = std::string(label) + "=";
  return {prefix + serialize(covered), prefix + ":" + base64(bytes_of(signer(*base))) + ":"};
}

}  // namespace hanse::gateway
