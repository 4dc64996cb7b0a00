#include "gateway/client.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <algorithm>
#include <atomic>
#include <thread>
#include <unordered_map>

#include "gateway/http_signature.h"
#include "gateway/json.h"
#include "gateway/server.h"
#include "gateway/sessions.h"
#include "gateway/thread.h"
#include "gateway/tls.h"

namespace hanse::gateway {

namespace asio = boost::asio;

std::string UrlParts::authority() const {
  std::string name = host.contains(':') ? "[" + host + "]" : host;
  return port == (scheme == "https" ? "443" : "80") ? name : name + ":" + port;
}

std::optional<UrlParts> parse_url(std::string_view url) {
  UrlParts parts;
  for (const char* scheme : {"http", "https"})
    if (std::string prefix = std::string(scheme) + "://"; url.starts_with(prefix)) {
      parts.scheme = scheme;
      url.remove_prefix(prefix.size());
      break;
    }
  if (parts.scheme.empty() || url.find_first_of("@?#\\ \t\r\n") != std::string_view::npos) return std::nullopt;
  std::string_view authority = url.substr(0, url.find('/'));
  parts.prefix = url.substr(authority.size());
  while (parts.prefix.ends_with('/')) parts.prefix.pop_back();
  size_t colon = authority.rfind(':');
  if (authority.starts_with('[')) {
    size_t end = authority.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = authority.substr(1, end - 1);
    if (colon < end) colon = std::string_view::npos;
    else if (colon != std::string_view::npos && colon != end + 1) return std::nullopt;
  } else {
    parts.host = authority.substr(0, colon);
  }
  parts.port = colon == std::string_view::npos ? (parts.scheme == "https" ? "443" : "80") : authority.substr(colon + 1);
  bool is_number = !parts.port.empty() && parts.port.size() <= 5 && std::ranges::all_of(parts.port, [](char c) { return c >= '0' && c <= '9'; });
  if (parts.host.empty() || !is_number) return std::nullopt;
  return parts;
}

namespace {

struct ClientSession {
  std::string id;
  Bytes32 secret{};
  int64_t ends_s = 0;
  uint64_t counter = 0;
};

// A node as this client knows it.
struct Origin {
  UrlParts url;
  std::shared_ptr<Transport> transport;
  std::string name;                // its thumbprint; empty: not asked yet
  std::optional<PublicKey> key;
  std::unordered_map<std::string, ClientSession> sessions;  // by the caller's thumbprint
  std::vector<std::function<void(std::optional<ClientError>)>> waiting;  // for name and key
  std::unordered_map<std::string, std::vector<std::function<void(std::optional<ClientError>)>>> opening;
};

using Ready = std::function<void(std::optional<ClientError>)>;

// What a caller signs with.
struct Credentials {
  SigningKey key;
  std::string name;
  explicit Credentials(const Bytes32& seed) : key(seed), name(thumbprint(key.public_key())) {}
};

struct Call {
  uint64_t id;
  ClientRequest request;
  ClientCallbacks callbacks;
  std::chrono::steady_clock::time_point deadline;
  std::shared_ptr<Origin> origin;
  std::optional<Credentials> credentials;
  std::shared_ptr<RawExchange> exchange;
  bool cancelled = false;
  bool retried = false;
};

// A request as it was sent, for the check of its answer.
struct SentRequest {
  std::string target, authority, method;
  std::vector<Field> fields;
  ClientSession session;  // id is empty: signed with the key
  std::string scheme;
  Message message() const { return {method, scheme, authority, target, 0, fields, nullptr}; }
};

void sign(SentRequest& sent, const Origin& origin, const Credentials& credentials, bool has_body) {
  std::vector<Item> components = {component("@method"), component("@path")};
  if (!query_of(sent.target).empty()) components.push_back(component("@query"));
  if (has_body) components.push_back(component("content-digest"));
  if (find_field(sent.fields, "content-type") != nullptr) components.push_back(component("content-type"));
  bool in_session = !sent.session.id.empty();
  std::string nonce;
  if (in_session) {
    nonce = std::to_string(sent.session.counter);
  } else {
    std::array<uint8_t, 16> random;
    random_bytes(random);
    nonce = base64url(random);
  }
  Parameters parameters = {{"created", BareItem::of_integer(unix_seconds())},
                           {"keyid", BareItem::of_string(in_session ? sent.session.id : credentials.name)},
                           {"alg", BareItem::of_string(in_session ? "hmac-sha256" : "ed25519")},
                           {"nonce", BareItem::of_string(nonce)},
                           {"tag", BareItem::of_string(std::string(tag_prefix) + origin.name)}};
  SignatureFields made = make_signature(sent.message(), "sig1", std::move(components), std::move(parameters), [&](std::string_view base) {
    return in_session ? std::string(text_of(hmac_sha256(sent.session.secret, base))) : std::string(text_of(credentials.key.sign(base)));
  });
  sent.fields.push_back({"signature-input", std::move(made.input)});
  sent.fields.push_back({"signature", std::move(made.signature)});
}

std::string request_bytes(const SentRequest& sent, const Origin& origin, const std::string& body) {
  std::string bytes = sent.method + " " + origin.url.prefix + sent.target + " HTTP/1.1\r\nhost: " + sent.authority + "\r\n";
  for (const Field& field : sent.fields) bytes += field.name + ": " + field.value + "\r\n";
  if (!body.empty() || (sent.method != "GET" && sent.method != "HEAD" && sent.method != "DELETE"))
    bytes += "content-length: " + std::to_string(body.size()) + "\r\n";
  return bytes + "\r\n" + body;
}

// Whether the peer has signed the answer, for this request.
bool is_verified(const RawAnswer& answer, const SentRequest& sent, const Origin& origin, bool is_stream) {
  if (!origin.key) return false;
  Message asked = sent.message();
  Message message{.status = answer.status, .fields = answer.fields, .request = &asked};
  auto claim = read_signature(message, answer_tag);
  if (!claim) return false;
  auto covered = [&](std::string_view name, std::string_view parameter) {
    return std::ranges::any_of(claim->covered.items, [&](const Item& item) {
      return item.value.text == name && (parameter.empty() ? item.parameters.empty() : find_parameter(item.parameters, parameter) != nullptr);
    });
  };
  if (!covered("@status", "") || !covered("signature", "req")) return false;
  if (!is_stream && !answer.body.empty() && (!covered("content-digest", "") || check_digest(message, answer.body))) return false;
  if (sent.session.id.empty()) return claim->keyid == origin.name && check_signature(*claim, message, *origin.key).has_value();
  return claim->keyid == sent.session.id && check_signature(*claim, message, sent.session.secret).has_value();
}

class NodeClient final : public Client {
 public:
  NodeClient() : work_(asio::make_work_guard(context_)), thread_([this] { run_handlers(context_); }) {}

  uint64_t reserve() override { return next_.fetch_add(1, std::memory_order_relaxed); }

  void request(uint64_t id, ClientRequest request, ClientCallbacks callbacks) override {
    auto call = std::make_shared<Call>();
    call->id = id;
    call->deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(request.timeout_ms);
    call->request = std::move(request);
    call->callbacks = std::move(callbacks);
    asio::post(context_, [this, call] { begin(call); });
  }

  void cancel(uint64_t id) override {
    asio::post(context_, [this, id] {
      auto found = calls_.find(id);
      if (found == calls_.end()) return;
      auto call = found->second;
      call->cancelled = true;
      if (call->exchange && call->exchange->cancel) call->exchange->cancel();
    });
  }

 private:
  void begin(const std::shared_ptr<Call>& call) {
    calls_.emplace(call->id, call);
    auto origin = find_origin(call->request);
    if (!origin) return fail(call, origin.error());
    call->origin = *origin;
    if (!call->request.seed) return send(call);
    call->credentials.emplace(*call->request.seed);
    with_identity(call, [this, call](std::optional<ClientError> error) {
      if (error) return fail(call, *error);
      if (!call->request.with_session) return send(call);
      with_session(call, [this, call](std::optional<ClientError> problem) {
        if (problem) return fail(call, *problem);
        send(call);
      });
    });
  }

  std::expected<std::shared_ptr<Origin>, ClientError> find_origin(const ClientRequest& request) {
    std::string name = request.url + " " + request.peer + " " + (request.trusted_pem.empty() ? "" : std::string(text_of(sha256(request.trusted_pem))));
    if (auto known = origins_.find(name); known != origins_.end()) return known->second;
    auto url = parse_url(request.url);
    if (!url) return std::unexpected(ClientError{ClientErrorKind::url, "expected a URL such as https://host:port"});
    std::optional<asio::ssl::context> tls;
    if (url->scheme == "https") {
      auto context = client_context(request.trusted_pem, url->host, request.peer);
      if (!context) return std::unexpected(ClientError{ClientErrorKind::tls, context.error()});
      tls.emplace(std::move(*context));
    }
    auto origin = std::make_shared<Origin>();
    origin->transport = std::make_shared<Transport>(context_, url->host, url->port, std::move(tls));
    origin->url = std::move(*url);
    return origins_[name] = origin;
  }

  std::shared_ptr<RawExchange> plain_exchange(const Call& call, std::string bytes, std::function<void(std::expected<RawAnswer, ClientError>)> done) {
    auto exchange = std::make_shared<RawExchange>();
    exchange->bytes = std::move(bytes);
    exchange->deadline = call.deadline;
    exchange->done = std::move(done);
    return exchange;
  }

  SentRequest new_request(const Call& call, std::string method, std::string target) {
    SentRequest sent;
    sent.method = std::move(method);
    sent.target = std::move(target);
    sent.authority = call.origin->url.authority();
    sent.scheme = call.origin->url.scheme;
    return sent;
  }

  // Who is there: asked once, for all that wait.
  void with_identity(const std::shared_ptr<Call>& call, Ready ready) {
    auto origin = call->origin;
    if (origin->key) return ready(std::nullopt);
    origin->waiting.push_back(std::move(ready));
    if (origin->waiting.size() > 1) return;
    SentRequest sent = new_request(*call, "GET", "/");
    auto told = [origin, peer = call->request.peer](std::expected<RawAnswer, ClientError> answer) {
      std::optional<ClientError> error;
      if (!answer) error = answer.error();
      else if (!learn_identity(*origin, answer->body, peer))
        error = ClientError{ClientErrorKind::peer, peer.empty() ? "there is no Hanse node: GET / gives no key" : "another node than the expected one is there"};
      for (auto& next : std::exchange(origin->waiting, {})) next(error);
    };
    origin->transport->start(plain_exchange(*call, request_bytes(sent, *origin, {}), told));
  }

  static bool learn_identity(Origin& origin, const std::string& body, const std::string& peer) {
    auto document = json_object(body);
    const boost::json::value* jwk = document ? document->if_contains("key") : nullptr;
    auto text = jwk != nullptr && jwk->is_object() ? json_text(jwk->get_object(), "x") : std::nullopt;
    auto bytes = text ? base64url_decode(*text) : std::nullopt;
    if (!bytes || bytes->size() != sizeof(Bytes32)) return false;
    PublicKey key;
    std::copy(bytes->begin(), bytes->end(), reinterpret_cast<char*>(key.bytes.data()));
    std::string name = thumbprint(key);
    if (!peer.empty() && name != peer) return false;
    origin.key = key;
    origin.name = std::move(name);
    return true;
  }

  void with_session(const std::shared_ptr<Call>& call, Ready ready) {
    auto origin = call->origin;
    const std::string name = call->credentials->name;
    auto known = origin->sessions.find(name);
    if (known != origin->sessions.end() && known->second.ends_s > unix_seconds() + clock_tolerance_s) return ready(std::nullopt);
    auto& waiting = origin->opening[name];
    waiting.push_back(std::move(ready));
    if (waiting.size() > 1) return;

    Bytes32 secret;
    random_bytes(secret);
    Bytes32 own_public = x25519_public(secret);
    std::string body = R"({"x25519":")" + base64url(own_public) + "\"}";
    auto sent = std::make_shared<SentRequest>(new_request(*call, "POST", "/session"));
    sent->fields = {{"content-type", "application/json"}, {"content-digest", content_digest(body)}};
    sign(*sent, *origin, *call->credentials, true);
    auto opened = [origin, name, secret, own_public, sent](std::expected<RawAnswer, ClientError> answer) {
      std::optional<ClientError> error;
      if (!answer) error = answer.error();
      else if (answer->status != 200) error = ClientError{ClientErrorKind::peer, "no session: " + answer->body.substr(0, 500)};
      else if (!is_verified(*answer, *sent, *origin, false) || !learn_session(*origin, name, secret, own_public, answer->body))
        error = ClientError{ClientErrorKind::peer, "the answer to POST /session is not the node's"};
      for (auto& next : std::exchange(origin->opening[name], {})) next(error);
    };
    origin->transport->start(plain_exchange(*call, request_bytes(*sent, *origin, body), opened));
  }

  static bool learn_session(Origin& origin, const std::string& name, const Bytes32& secret, const Bytes32& own_public, const std::string& body) {
    auto document = json_object(body);
    auto text = document ? json_text(*document, "x25519") : std::nullopt;
    auto id = document ? json_text(*document, "session") : std::nullopt;
    auto ends_s = document ? json_integer(*document, "expires") : std::nullopt;
    auto bytes = text ? base64url_decode(*text) : std::nullopt;
    if (!bytes || bytes->size() != sizeof(Bytes32) || !id || id->empty() || !ends_s) return false;
    Bytes32 node_public;
    std::copy(bytes->begin(), bytes->end(), reinterpret_cast<char*>(node_public.data()));
    auto shared = session_secret(secret, node_public, own_public, node_public, name, origin.name);
    if (!shared) return false;
    origin.sessions[name] = {*id, *shared, *ends_s, 0};
    return true;
  }

  void send(const std::shared_ptr<Call>& call) {
    if (call->cancelled) return fail(call, {ClientErrorKind::cancelled, "cancelled"});
    ClientRequest& request = call->request;
    auto sent = std::make_shared<SentRequest>(new_request(*call, request.method, request.target));
    sent->fields = request.fields;
    if (call->credentials) {
      if (!request.body.empty()) sent->fields.push_back({"content-digest", content_digest(request.body)});
      if (request.with_session) {
        ClientSession& session = call->origin->sessions[call->credentials->name];
        session.counter++;
        sent->session = session;
      }
      sign(*sent, *call->origin, *call->credentials, !request.body.empty());
    }
    auto exchange = plain_exchange(*call, request_bytes(*sent, *call->origin, request.body),
                                   [this, call, sent](std::expected<RawAnswer, ClientError> answer) { answered(call, *sent, std::move(answer)); });
    exchange->is_stream = request.is_stream;
    exchange->data = call->callbacks.data;
    exchange->ended = [this, call](std::optional<ClientError> error) {
      calls_.erase(call->id);
      call->callbacks.ended(std::move(error));
    };
    call->exchange = exchange;
    call->origin->transport->start(exchange);
  }

  void answered(const std::shared_ptr<Call>& call, const SentRequest& sent, std::expected<RawAnswer, ClientError> raw) {
    if (!raw) return fail(call, raw.error());
    // A node that was started anew does not know its sessions; one whose key has changed is another node.
    if (raw->status == 401 && !sent.session.id.empty() && !call->retried && raw->body.contains("urn:hanse:problem:session")) {
      call->retried = true;
      auto& sessions = call->origin->sessions;
      if (auto known = sessions.find(call->credentials->name); known != sessions.end() && known->second.id == sent.session.id) sessions.erase(known);
      return with_session(call, [this, call](std::optional<ClientError> error) {
        if (error) return fail(call, *error);
        send(call);
      });
    }
    bool streaming = call->request.is_stream && raw->status == 200;
    ClientAnswer answer{std::move(*raw)};
    answer.verified = call->credentials && is_verified(answer.raw, sent, *call->origin, streaming);
    if (!streaming) calls_.erase(call->id);
    call->callbacks.answered(std::move(answer));
  }

  void fail(const std::shared_ptr<Call>& call, ClientError error) {
    calls_.erase(call->id);
    call->callbacks.answered(std::unexpected(std::move(error)));
  }

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::unordered_map<std::string, std::shared_ptr<Origin>> origins_;
  std::unordered_map<uint64_t, std::shared_ptr<Call>> calls_;
  std::atomic<uint64_t> next_{1};  // callers of any thread take a number
  std::thread thread_;
};

}  // namespace

Client& Client::node() {
  static auto* client = new NodeClient();
  return *client;
}

}  // namespace hanse::gateway
