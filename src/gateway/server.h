// The gateway's HTTP server: HTTP/1.1 by Boost.Beast, TLS 1.3 by OpenSSL, on threads of its own. It bounds everything that a client can make it
// wait for or keep, checks signatures (authenticator.h) and hands what is left to a Service.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/authenticator.h"
#include "gateway/message.h"
#include "gateway/problem.h"

namespace hanse::gateway {

struct TlsFiles {
  std::string certificate_pem;  // a chain
  std::string key_pem;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;               // 0: the system chooses
  bool tls = false;
  std::optional<TlsFiles> files;   // none: a certificate of the node's own key
  std::string nonce_path;          // empty: replays are impossible until the end of the process only
  unsigned threads = 2;
  size_t body_bytes = 1 << 20;
  uint32_t header_bytes = 16384;
  size_t connections = 20000;
  uint32_t header_ms = 10000;      // from the first byte of a request to the last of its header; a TLS handshake
  uint32_t body_ms = 30000;
  uint32_t idle_ms = 60000;        // between requests
  uint32_t write_ms = 30000;       // for a client that does not read
  size_t stream_bytes = 1 << 20;   // of an event stream: what its client has not read yet
};

struct Request {
  std::string method;
  std::string target;
  std::vector<std::string> path;  // decoded segments, empty ones left out
  std::string query;              // without its question mark
  std::string authority;
  std::vector<Field> fields;
  std::string body;
  std::string peer;               // address
  bool secure = false;
  std::optional<Caller> caller;   // none: not signed, and the service takes that

  // Valid as long as the request.
  Message message() const { return {method, secure ? "https" : "http", authority, target, 0, fields, nullptr}; }
};

// What the server refused by itself.
struct RefusedRequest {
  unsigned status;
  const char* kind;
  std::string keyid;  // as claimed; empty if there is none
  std::string method;
  std::string target;
  std::string peer;
};

// A request on its way to its answer. Whoever lets go of the last reference without one has answered 500. Any thread.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  enum class Sent : uint8_t { ok, full, gone };
  virtual ~Exchange() = default;
  const Request& request() const { return request_; }

  // Once. Names and values must be printable; Content-Length, Content-Digest, Date and the signature are added. False: the client has gone.
  virtual bool answer(unsigned status, std::vector<Field> fields, std::string body) = 0;
  bool answer(const Problem& problem) {
    return answer(problem.status, {{"content-type", "application/problem+json"}}, problem.json());
  }

  // Instead of an answer: a body that goes on. closed is called once, when the client goes or the service ends it.
  virtual bool stream(std::vector<Field> fields, std::function<void()> closed) = 0;
  virtual Sent send(std::string data) = 0;
  virtual void end() = 0;

 protected:
  Request request_;
};

// Called by the server's threads.
class Service {
 public:
  virtual ~Service() = default;
  // The key that keyid names, if it may knock.
  virtual std::optional<PublicKey> key(std::string_view keyid, const Request& request) = 0;
  virtual bool takes_unsigned(const Request&) { return false; }
  virtual void handle(std::shared_ptr<Exchange> exchange) = 0;
  virtual void refused(const RefusedRequest&) {}
  virtual void second_passed() {}
  // What is for another node: its signature, if it has one, is not ours to check, and it counts as unsigned.
  virtual bool passes_on(const Request&) { return false; }
};

struct ServerFigures {
  uint64_t connections = 0;  // open
  uint64_t accepted = 0;     // connections
  uint64_t requests = 0;
  uint64_t refused = 0;
  uint64_t streams = 0;      // open
  uint64_t sessions = 0;     // open
  uint64_t nonces = 0;       // kept
};

enum class StartError : uint8_t { address, in_use, tls, nonces, system };

class Server {
 public:
  // The service outlives the server. The text says what is wrong.
  static std::expected<std::unique_ptr<Server>, std::pair<StartError, std::string>> start(const ServerOptions& options, const Bytes32& seed,
                                                                                           Service& service);
  // Closes every connection; returns when no thread calls the service any more.
  virtual ~Server() = default;
  virtual uint16_t port() const = 0;
  virtual Authenticator& authenticator() = 0;
  virtual ServerFigures figures() const = 0;
};

int64_t unix_seconds();

}  // namespace hanse::gateway
