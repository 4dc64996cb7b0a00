#include "gateway/authenticator.h"

#include <charconv>

#include "gateway/json.h"

namespace hanse::gateway {

namespace {

std::unexpected<Problem> refuse(unsigned status, const char* kind, std::string detail) {
  return std::unexpected(Problem{status, kind, std::move(detail)});
}

}  // namespace

std::expected<Caller, Problem> Authenticator::authenticate(const Message& request, std::string_view body, int64_t now_s, const FindKey& find_key) {
  auto claim = read_signature(request, tag_prefix);
  if (!claim) return std::unexpected(claim.error());
  if (auto valid = check_claim(*claim, request, name_, !body.empty(), now_s); !valid) return std::unexpected(valid.error());
  if (auto problem = check_digest(request, body)) return std::unexpected(*problem);
  if (claim->algorithm == Algorithm::hmac_sha256) return with_session(*claim, request, now_s);

  auto key = find_key(claim->keyid);
  if (!key || thumbprint(*key) != claim->keyid) return refuse(401, "key", "this node does not know the key that keyid names");
  if (auto valid = check_signature(*claim, request, *key); !valid) return std::unexpected(valid.error());
  switch (nonces_->take(claim->keyid, claim->nonce, claim->expires, now_s)) {
    case NonceJournal::Outcome::fresh: break;
    case NonceJournal::Outcome::seen: return refuse(409, "replay", "this request has been here already: its nonce is used up");
    case NonceJournal::Outcome::not_written: return refuse(503, "nonces", "the node cannot write its file of nonces");
  }
  return Caller{claim->keyid, claim->keyid, nullptr, std::move(claim->label)};
}

std::expected<Caller, Problem> Authenticator::with_session(SignatureClaim& claim, const Message& request, int64_t now_s) {
  auto session = sessions_.find(claim.keyid, now_s);
  if (!session) return refuse(401, "session", "there is no such session (any more): open a new one");
  if (auto valid = check_signature(claim, request, session->secret); !valid) return std::unexpected(valid.error());
  uint64_t number = 0;
  const char* end = claim.nonce.data() + claim.nonce.size();
  auto parsed = std::from_chars(claim.nonce.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return refuse(401, "malformed", "in a session the nonce is a counter: 1, 2, 3 and so on");
  bool fresh;
  {
    Lock lock(session->mutex);
    fresh = session->window.take(number);
  }
  if (!fresh) return refuse(409, "replay", "this request has been here already: its nonce is used up");
  std::string key = session->key;
  return Caller{std::move(key), claim.keyid, std::move(session), std::move(claim.label)};
}

std::expected<std::string, Problem> Authenticator::open_session(const Caller& caller, std::string_view body, int64_t now_s) {
  auto given = json_object(body);
  auto text = given ? json_text(*given, "x25519") : std::nullopt;
  auto bytes = text ? base64url_decode(*text) : std::nullopt;
  if (!bytes || bytes->size() != sizeof(Bytes32)) return refuse(422, "session", "expected a JSON object with x25519: 32 bytes in base64url");
  if (caller.session) return refuse(422, "session", "a session is opened with a signature of the key itself");
  Bytes32 client_public, secret;
  std::copy(bytes->begin(), bytes->end(), reinterpret_cast<char*>(client_public.data()));
  random_bytes(secret);
  Bytes32 own_public = x25519_public(secret);
  auto shared = session_secret(secret, client_public, client_public, own_public, caller.key, name_);
  if (!shared) return refuse(422, "session", "this x25519 key gives everybody the same secret");
  auto session = sessions_.add(caller.key, *shared, now_s);
  return R"({"x25519":")" + base64url(own_public) + R"(","session":")" + session->id + R"(","expires":)" + std::to_string(session->ends_s) + "}\n";
}

SignatureFields Authenticator::sign_answer(const Message& answer, const Caller& caller, int64_t now_s) const {
  std::vector<Item> components = {component("@status"), component("content-digest"), component("content-type")};
  components.push_back({BareItem::of_string("signature"), {{"req", {}}, {"key", BareItem::of_string(caller.label)}}});
  std::erase_if(components, [&](const Item& item) {
    return item.parameters.empty() && !item.value.text.starts_with('@') && find_field(answer.fields, item.value.text) == nullptr;
  });
  Parameters parameters = {{"created", BareItem::of_integer(now_s)},
                           {"keyid", BareItem::of_string(caller.session ? caller.keyid : name_)},
                           {"alg", BareItem::of_string(caller.session ? "hmac-sha256" : "ed25519")},
                           {"tag", BareItem::of_string(std::string(answer_tag))}};
  return make_signature(answer, "sig1", std::move(components), std::move(parameters), [&](std::string_view base) {
    return caller.session ? std::string(text_of(hmac_sha256(caller.session->secret, base))) : std::string(text_of(node_.sign(base)));
  });
}

}  // namespace hanse::gateway
