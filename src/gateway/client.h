// Calls other nodes over signed HTTP: finds out who is there, opens sessions, signs, and checks the answers. A thread of its own; any thread may
// call these functions, callbacks come on the client's.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "gateway/crypto.h"
#include "gateway/transport.h"

namespace hanse::gateway {

struct ClientRequest {
  std::string url;         // scheme, host, port; a path is a relay's and not signed
  std::string target = "/";
  std::string method = "GET";
  std::vector<Field> fields;
  std::string body;
  std::optional<Bytes32> seed;  // none: unsigned
  bool with_session = true;     // sign with a session's secret where that is possible
  std::string peer;             // the thumbprint that the node must have; empty: whoever is there
  std::string trusted_pem;
  uint32_t timeout_ms = 30000;
  bool is_stream = false;
};

struct ClientAnswer {
  RawAnswer raw;
  bool verified = false;  // signed by the peer, for this request
};

struct ClientCallbacks {
  std::function<void(std::expected<ClientAnswer, ClientError>)> answered;  // once
  std::function<void(std::string)> data;                                   // of a stream
  std::function<void(std::optional<ClientError>)> ended;                   // of a stream, once
};

class Client {
 public:
  static Client& node();
  virtual ~Client() = default;
  virtual uint64_t reserve() = 0;  // a number for a request
  virtual void request(uint64_t id, ClientRequest request, ClientCallbacks callbacks) = 0;
  virtual void cancel(uint64_t id) = 0;
};

struct UrlParts {
  std::string scheme, host, port, prefix;
  std::string authority() const;  // host and a port that does not go without saying
};
// http and https; nullopt for anything else, for user names, queries and fragments.
std::optional<UrlParts> parse_url(std::string_view url);

}  // namespace hanse::gateway
