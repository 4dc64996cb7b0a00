// Signing and checking HTTP messages: RFC 9421 with Ed25519 or HMAC-SHA256, and Content-Digest (RFC 9530). What a message of the gateway
// must cover is decided here; docs/grants.md tells clients.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "gateway/crypto.h"
#include "gateway/message.h"
#include "gateway/problem.h"
#include "gateway/structured_fields.h"

namespace hanse::gateway {

constexpr int64_t clock_tolerance_s = 60;   // how far clocks may differ
constexpr int64_t longest_validity_s = 120;  // between created and expires
constexpr std::string_view tag_prefix = "hanse:";  // followed by the thumbprint of whom a request is for
constexpr std::string_view answer_tag = "hanse";

enum class Algorithm : uint8_t { ed25519, hmac_sha256 };

// What a signature says of itself.
struct SignatureClaim {
  std::string label;
  Member covered;
  std::string signature;
  int64_t created = 0;
  int64_t expires = 0;  // the end of its validity, whether it was given or not
  Algorithm algorithm = Algorithm::ed25519;
  std::string nonce;
  std::string keyid;
  std::string tag;
};

// The signature for us: the one whose tag starts with `tag`. 401 if there is none, or if it is not as described above.
std::expected<SignatureClaim, Problem> read_signature(const Message& message, std::string_view tag);

// Checks that a request's signature covers what it must, that it is for `recipient` and that it is valid now (unix seconds).
std::expected<void, Problem> check_claim(const SignatureClaim& claim, const Message& request, std::string_view recipient, bool has_body, int64_t now_s);

// nullopt: the body is what Content-Digest says. A digest of an algorithm that we do not know does not count.
std::optional<Problem> check_digest(const Message& message, std::string_view body);
std::string content_digest(std::string_view body);  // the field's value

// Checks the signature itself.
std::expected<void, Problem> check_signature(const SignatureClaim& claim, const Message& message, const PublicKey& key);
std::expected<void, Problem> check_signature(const SignatureClaim& claim, const Message& message, const Bytes32& secret);

struct SignatureFields {
  std::string input;      // of Signature-Input
  std::string signature;  // of Signature
};

// components: serialized identifiers, such as "\"@path\"". The parameters are those of the signature, in their order.
using Signer = std::function<std::string(std::string_view base)>;
SignatureFields make_signature(const Message& message, std::string_view label, std::vector<Item> components, Parameters parameters, const Signer& signer);

Item component(std::string_view name);

}  // namespace hanse::gateway
