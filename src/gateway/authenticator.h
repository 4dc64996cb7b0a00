// Who sent a request: everything that a node asks of a signature, in an order in which what is cheap comes first. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "gateway/http_signature.h"
#include "gateway/nonce_journal.h"
#include "gateway/sessions.h"

namespace hanse::gateway {

// Whoever signed a request, for the signature of its answer.
struct Caller {
  std::string key;                   // a thumbprint
  std::string keyid;                 // that, or the session's
  std::shared_ptr<Session> session;  // nullptr: signed with the key itself
  std::string label;                 // of the request's signature
};

class Authenticator {
 public:
  Authenticator(const SigningKey& node, std::unique_ptr<NonceJournal> nonces)
      : node_(node), name_(thumbprint(node.public_key())), nonces_(std::move(nonces)) {}

  const std::string& node_name() const { return name_; }
  PublicKey node_key() const { return node_.public_key(); }
  SessionTable& sessions() { return sessions_; }

  using FindKey = std::function<std::optional<PublicKey>(std::string_view keyid)>;
  // A request is authentic once: its nonce is used up.
  std::expected<Caller, Problem> authenticate(const Message& request, std::string_view body, int64_t now_s, const FindKey& find_key);

  // The body of POST /session: what the node answers.
  std::expected<std::string, Problem> open_session(const Caller& caller, std::string_view body, int64_t now_s);

  // answer.request must be the request.
  SignatureFields sign_answer(const Message& answer, const Caller& caller, int64_t now_s) const;

 private:
  std::expected<Caller, Problem> with_session(SignatureClaim& claim, const Message& request, int64_t now_s);

  const SigningKey node_;
  const std::string name_;
  const std::unique_ptr<NonceJournal> nonces_;
  SessionTable sessions_;
};

}  // namespace hanse::gateway
