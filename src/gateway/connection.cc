#include "gateway/connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>

#include "gateway/answer.h"
#include "gateway/percent.h"

namespace hanse::gateway {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr size_t read_bytes = 2048;  // a usual request; idle connections keep this much
constexpr size_t path_segments = 256;

using Tcp = beast::basic_stream<asio::ip::tcp, asio::io_context::executor_type, beast::unlimited_rate_policy>;
using Tls = asio::ssl::stream<Tcp>;

// Whether the client has gone: written by the connection, read by anybody who has its exchange.
using Gone = std::shared_ptr<std::atomic<bool>>;

template <class Stream>
class ConnectionOf;

template <class Stream>
class ExchangeOf final : public Exchange {
 public:
  ExchangeOf(std::shared_ptr<ConnectionOf<Stream>> connection, Request request, bool persistent)
      : connection_(std::move(connection)), persistent_(persistent) {
    request_ = std::move(request);
  }
  ~ExchangeOf() override {
    if (!done_.load(std::memory_order_relaxed)) Exchange::answer(Problem{500, "internal", "the request got no answer"});
  }
  bool answer(unsigned status, std::vector<Field> fields, std::string body) override;
  bool stream(std::vector<Field> fields, std::function<void()> closed) override;
  Sent send(std::string data) override;
  void end() override;

 private:
  friend class ConnectionOf<Stream>;
  const std::shared_ptr<ConnectionOf<Stream>> connection_;
  const bool persistent_;
  std::atomic<bool> done_{false};        // answered, or turned into a stream: whoever sets it does it
  const Gone gone_ = std::make_shared<std::atomic<bool>>(false);
  std::atomic<size_t> unsent_bytes_{0};  // of a stream; senders add, the connection subtracts
};

template <class Stream>
class ConnectionOf final : public Connection, public std::enable_shared_from_this<ConnectionOf<Stream>> {
 public:
  template <class... More>
  ConnectionOf(std::shared_ptr<ServerState> state, std::function<void(Connection*)> ended, Socket socket, More&... more)
      : state_(std::move(state)), ended_(std::move(ended)), stream_(std::move(socket), more...) {
    error_code ignored;
    lowest().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    auto peer = lowest().socket().remote_endpoint(ignored);
    if (!ignored) peer_ = peer.address().to_string();
    state_->connections.fetch_add(1, std::memory_order_relaxed);
    state_->accepted.fetch_add(1, std::memory_order_relaxed);
  }
  ~ConnectionOf() override { state_->connections.fetch_sub(1, std::memory_order_relaxed); }

  std::shared_ptr<Connection> shared() override { return this->shared_from_this(); }
  auto executor() { return lowest().get_executor(); }
  const Authenticator& authenticator() const { return state_->authenticator; }
  size_t stream_bytes() const { return state_->options.stream_bytes; }

  void start() override {
    if constexpr (is_secure) {
      lowest().expires_after(milliseconds(state_->options.header_ms));
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](error_code error) {
        if (error) return self->close();
        self->wait_for_request();
      });
    } else {
      wait_for_request();
    }
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    lowest().close();
    if (current_gone_) current_gone_->store(true, std::memory_order_relaxed);
    end_stream();
    if (ended_) std::exchange(ended_, nullptr)(this);
  }

  // --- from an exchange, on this connection's thread ---
  void write_answer(std::string bytes, bool persistent) {
    if (closed_) return;
    current_gone_ = nullptr;
    output_.push_back(std::move(bytes));
    close_after_ = !persistent;
    write_next();
  }

  void begin_stream(std::shared_ptr<ExchangeOf<Stream>> exchange, std::string bytes, std::function<void()> closed) {
    on_stream_closed_ = std::move(closed);
    streaming_ = std::move(exchange);
    state_->streams.fetch_add(1, std::memory_order_relaxed);
    if (closed_) return end_stream();
    input_.clear();
    input_.shrink_to_fit();
    lowest().expires_never();
    watch();
    output_.push_back(std::move(bytes));
    write_next();
  }

  void write_event(std::string data) {
    if (closed_ || !streaming_) return;
    output_.push_back(std::move(data));
    if (output_.size() == 1) write_next();
  }

  void finish_stream() {
    if (!closed_ && streaming_) write_event("0\r\n\r\n");
    close_after_ = true;
    if (!closed_ && output_.empty()) close();
  }

 private:
  static constexpr bool is_secure = std::is_same_v<Stream, Tls>;
  using Parser = http::request_parser<http::string_body>;

  Tcp& lowest() { return beast::get_lowest_layer(stream_); }

  // The time until a request begins is not the time that it may take.
  void wait_for_request() {
    if (input_.size() > 0) return read_header();
    lowest().expires_after(milliseconds(state_->options.idle_ms));
    stream_.async_read_some(input_.prepare(read_bytes), [self = this->shared_from_this()](error_code error, size_t bytes) {
      if (error) return self->close();
      self->input_.commit(bytes);
      self->read_header();
    });
  }

  void read_header() {
    parser_.emplace();
    parser_->header_limit(state_->options.header_bytes);
    parser_->body_limit(state_->options.body_bytes);
    lowest().expires_after(milliseconds(state_->options.header_ms));
    http::async_read_header(stream_, input_, *parser_, [self = this->shared_from_this()](error_code error, size_t) {
      if (error) return self->fail(error);
      self->header_read();
    });
  }

  void header_read() {
    auto& message = parser_->get();
    if (message[http::field::expect].size() > 0 && !parser_->is_done()) {
      if (!beast::iequals(message[http::field::expect], "100-continue"))
        return refuse({417, "expectation", "expected no Expect but 100-continue"}, {});
      static constexpr std::string_view proceed = "HTTP/1.1 100 Continue\r\n\r\n";
      asio::async_write(stream_, asio::buffer(proceed), [self = this->shared_from_this()](error_code error, size_t) {
        if (error) return self->close();
        self->read_body();
      });
    } else if (parser_->is_done()) {
      request_read();
    } else {
      read_body();
    }
  }

  void read_body() {
    lowest().expires_after(milliseconds(state_->options.body_ms));
    http::async_read(stream_, input_, *parser_, [self = this->shared_from_this()](error_code error, size_t) {
      if (error) return self->fail(error);
      self->request_read();
    });
  }

  // What is not HTTP, or too much, or too late.
  void fail(error_code error) {
    if (error == beast::error::timeout) return refuse({408, "slow", "the request took too long"}, {});
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
      return refuse({431, "header", "expected at most " + std::to_string(state_->options.header_bytes) + " bytes of header"}, {});
    if (error == http::error::body_limit)
      return refuse({413, "body", "expected a body of at most " + std::to_string(state_->options.body_bytes) + " bytes"}, {});
    if (error == http::error::end_of_stream || error == http::error::partial_message || error == asio::error::eof ||
        error.category() != http::make_error_code(http::error::bad_method).category())
      return close();
    refuse({400, "http", "this is not HTTP/1.1"}, {});
  }

  void request_read() {
    state_->requests.fetch_add(1, std::memory_order_relaxed);
    bool persistent = parser_->get().keep_alive() && parser_->get().version() >= 11;
    auto request = take_request();
    parser_.reset();
    if (!request) return refuse(request.error(), {});
    auto exchange = std::make_shared<ExchangeOf<Stream>>(this->shared_from_this(), std::move(*request), persistent);
    current_gone_ = exchange->gone_;
    serve(std::move(exchange));
  }

  std::expected<Request, Problem> take_request() {
    auto& message = parser_->get();
    Request request;
    request.method = message.method_string();
    request.target = message.target();
    if (!request.target.starts_with('/')) return std::unexpected(Problem{400, "target", "expected a path"});
    if (request.target.size() > state_->options.header_bytes / 2) return std::unexpected(Problem{414, "target", "the path is too long"});
    for (auto& field : message) {
      std::string name(field.name_string());
      std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      if (name == "host") request.authority = field.value();
      request.fields.push_back({std::move(name), std::string(field.value())});
    }
    std::string_view path = path_of(request.target);
    std::string_view query = query_of(request.target);
    if (!query.empty()) request.query = query.substr(1);
    while (!path.empty()) {
      path.remove_prefix(1);  // the slash
      std::string_view segment = path.substr(0, path.find('/'));
      path.remove_prefix(segment.size());
      if (segment.empty()) continue;
      auto decoded = percent_decode(segment);
      if (!decoded) return std::unexpected(Problem{400, "target", "a percent sign without two hexadecimal digits"});
      if (request.path.size() == path_segments) return std::unexpected(Problem{414, "target", "the path has too many parts"});
      request.path.push_back(std::move(*decoded));
    }
    request.body = std::move(message.body());
    request.peer = peer_;
    request.secure = is_secure;
    return request;
  }

  void serve(std::shared_ptr<ExchangeOf<Stream>> exchange) {
    Request& request = exchange->request_;
    Service& service = state_->service;
    bool is_signed = find_field(request.fields, "signature") != nullptr;
    if (service.passes_on(request) || (!is_signed && service.takes_unsigned(request))) return service.handle(std::move(exchange));
    int64_t now_s = unix_seconds();
    auto caller = state_->authenticator.authenticate(request.message(), request.body, now_s,
                                                    [&](std::string_view keyid) { return service.key(keyid, request); });
    if (!caller) {
      tell(caller.error(), request);
      exchange->Exchange::answer(caller.error());
      return;
    }
    request.caller = std::move(*caller);
    if (request.method == "POST" && request.path == std::vector<std::string>{"session"}) {
      auto opened = state_->authenticator.open_session(*request.caller, request.body, now_s);
      if (opened) exchange->answer(200, {{"content-type", "application/json"}}, std::move(*opened));
      else exchange->Exchange::answer(opened.error());
      return;
    }
    service.handle(std::move(exchange));
  }

  void tell(const Problem& problem, const Request& request) {
    state_->refused.fetch_add(1, std::memory_order_relaxed);
    std::string keyid;
    if (auto claim = read_signature(request.message(), tag_prefix)) keyid = claim->keyid;
    state_->service.refused({problem.status, problem.kind, std::move(keyid), request.method, request.target, peer_});
  }

  // Before there is an exchange: an answer, and the end.
  void refuse(const Problem& problem, const Request& request) {
    if (closed_) return;
    tell(problem, request);
    lowest().expires_after(milliseconds(state_->options.write_ms));
    write_answer(answer_bytes(request, state_->authenticator, problem.status, {{"content-type", "application/problem+json"}}, problem.json(),
                              BodyKind::whole, false),
                 false);
  }

  void write_next() {
    if (!output_.empty()) {
      lowest().expires_after(milliseconds(state_->options.write_ms));
      asio::async_write(stream_, asio::buffer(output_.front()), [self = this->shared_from_this()](error_code error, size_t) {
        if (error) return self->close();
        self->written();
      });
    }
  }

  void written() {
    if (closed_) return;
    if (streaming_) streaming_->unsent_bytes_.fetch_sub(output_.front().size(), std::memory_order_relaxed);
    output_.pop_front();
    if (!output_.empty()) return write_next();
    if (streaming_) return close_after_ ? close() : lowest().expires_never();
    if (close_after_) return finish();
    wait_for_request();
  }

  // What the client still sends is read for a while, so that it gets to see the answer.
  void finish() {
    lowest().expires_after(std::chrono::seconds(2));
    if constexpr (is_secure) {
      stream_.async_shutdown([self = this->shared_from_this()](error_code) { self->close(); });
    } else {
      error_code ignored;
      lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
      drain();
    }
  }
  void drain() {
    input_.clear();
    stream_.async_read_some(input_.prepare(read_bytes), [self = this->shared_from_this()](error_code error, size_t) {
      if (error) return self->close();
      self->drain();
    });
  }

  // The client of a stream has nothing to say; the end of what it says is the end of the stream.
  void watch() {
    stream_.async_read_some(asio::buffer(ignored_), [self = this->shared_from_this()](error_code error, size_t) {
      if (error || self->closed_) return self->close();
      self->watch();
    });
  }

  void end_stream() {
    if (!streaming_) return;
    streaming_->gone_->store(true, std::memory_order_relaxed);
    streaming_ = nullptr;
    state_->streams.fetch_sub(1, std::memory_order_relaxed);
    if (on_stream_closed_) std::exchange(on_stream_closed_, nullptr)();
  }

  const std::shared_ptr<ServerState> state_;  // first: it owns the context of the stream
  std::function<void(Connection*)> ended_;
  Stream stream_;
  std::string peer_;
  beast::flat_buffer input_;
  std::optional<Parser> parser_;
  std::deque<std::string> output_;
  bool close_after_ = false;
  bool closed_ = false;
  Gone current_gone_;  // of the exchange that has no answer yet
  std::shared_ptr<ExchangeOf<Stream>> streaming_;
  std::function<void()> on_stream_closed_;
  std::array<char, 64> ignored_;
};

template <class Stream>
bool ExchangeOf<Stream>::answer(unsigned status, std::vector<Field> fields, std::string body) {
  if (done_.exchange(true, std::memory_order_acq_rel) || gone_->load(std::memory_order_relaxed)) return false;
  BodyKind kind = request_.method == "HEAD" ? BodyKind::none : BodyKind::whole;
  std::string bytes = answer_bytes(request_, connection_->authenticator(), status, std::move(fields), body, kind, persistent_);
  asio::dispatch(connection_->executor(), [connection = connection_, bytes = std::move(bytes), persistent = persistent_]() mutable {
    connection->write_answer(std::move(bytes), persistent);
  });
  return true;
}

// Events are chunks (RFC 9112, section 7.1), so that a client can tell an end from a cut.
template <class Stream>
bool ExchangeOf<Stream>::stream(std::vector<Field> fields, std::function<void()> closed) {
  if (done_.exchange(true, std::memory_order_acq_rel)) return false;
  std::string bytes = answer_bytes(request_, connection_->authenticator(), 200, std::move(fields), {}, BodyKind::stream, false);
  unsent_bytes_.fetch_add(bytes.size(), std::memory_order_relaxed);
  auto self = std::static_pointer_cast<ExchangeOf>(this->shared_from_this());
  asio::dispatch(connection_->executor(), [self, bytes = std::move(bytes), closed = std::move(closed)]() mutable {
    self->connection_->begin_stream(self, std::move(bytes), std::move(closed));
  });
  return true;
}

template <class Stream>
Exchange::Sent ExchangeOf<Stream>::send(std::string data) {
  if (gone_->load(std::memory_order_relaxed)) return Sent::gone;
  if (data.empty()) return Sent::ok;
  char size[32];
  std::snprintf(size, sizeof(size), "%zx\r\n", data.size());
  std::string chunk = size + std::move(data) + "\r\n";
  if (unsent_bytes_.load(std::memory_order_relaxed) + chunk.size() > connection_->stream_bytes()) return Sent::full;
  unsent_bytes_.fetch_add(chunk.size(), std::memory_order_relaxed);
  asio::dispatch(connection_->executor(), [connection = connection_, chunk = std::move(chunk)]() mutable { connection->write_event(std::move(chunk)); });
  return Sent::ok;
}

template <class Stream>
void ExchangeOf<Stream>::end() {
  asio::dispatch(connection_->executor(), [connection = connection_] { connection->finish_stream(); });
}

}  // namespace

std::shared_ptr<Connection> make_connection(std::shared_ptr<ServerState> state, Socket socket, asio::ssl::context* tls, std::function<void(Connection*)> ended) {
  if (tls == nullptr) return std::make_shared<ConnectionOf<Tcp>>(std::move(state), std::move(ended), std::move(socket));
  return std::make_shared<ConnectionOf<Tls>>(std::move(state), std::move(ended), std::move(socket), *tls);
}

}  // namespace hanse::gateway
