#include "gateway/transport.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace hanse::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {
constexpr size_t answer_bytes_limit = size_t{256} << 20;
constexpr auto idle_time = std::chrono::seconds(30);          // an unused connection
constexpr auto stream_silence = std::chrono::seconds(60);     // a server's event stream ticks every 15 s
constexpr size_t idle_channels = 64;
}  // namespace

// One connection; one exchange at a time.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual void open(std::shared_ptr<RawExchange> exchange) = 0;
  virtual void reuse(std::shared_ptr<RawExchange> exchange) = 0;
};

namespace {

using Plain = tcp::socket;
using Secure = asio::ssl::stream<tcp::socket>;

template <class Stream>
class ChannelOf final : public Channel, public std::enable_shared_from_this<ChannelOf<Stream>> {
 public:
  template <class... More>
  explicit ChannelOf(std::shared_ptr<Transport> transport, More&... more)
      : transport_(std::move(transport)),
        stream_(transport_->context(), more...),
        resolver_(transport_->context()),
        timer_(transport_->context()) {}

  void open(std::shared_ptr<RawExchange> exchange) override {
    begin(std::move(exchange));
    resolver_.async_resolve(transport_->host(), transport_->port(), [self = this->shared_from_this()](error_code error, tcp::resolver::results_type found) {
      if (self->over_) return;
      if (error) return self->fail(ClientErrorKind::resolve, self->transport_->host() + ": " + error.message());
      asio::async_connect(self->socket(), found, [self](error_code failed, const tcp::endpoint&) {
        if (self->over_) return;
        if (failed) return self->fail(ClientErrorKind::connect, self->transport_->host() + " port " + self->transport_->port() + ": " + failed.message());
        error_code ignored;
        self->socket().set_option(tcp::no_delay(true), ignored);
        self->connected();
      });
    });
  }

  void reuse(std::shared_ptr<RawExchange> exchange) override {
    reused_ = true;
    begin(std::move(exchange));
    write();
  }

 private:
  static constexpr bool is_secure = std::is_same_v<Stream, Secure>;

  tcp::socket& socket() {
    if constexpr (is_secure) return stream_.next_layer();
    else return stream_;
  }

  void begin(std::shared_ptr<RawExchange> exchange) {
    exchange_ = std::move(exchange);
    over_ = false;
    started_ = false;
    exchange_->cancel = [weak = this->weak_from_this()] {
      if (auto self = weak.lock(); self && !self->over_) self->fail(ClientErrorKind::cancelled, "cancelled");
    };
    expire_at(exchange_->deadline, "no answer in time");
  }

  void expire_at(std::chrono::steady_clock::time_point deadline, const char* text) {
    timer_.expires_at(deadline);
    timer_.async_wait([weak = this->weak_from_this(), text](error_code error) {
      auto self = weak.lock();
      if (!error && self && !self->over_) self->fail(ClientErrorKind::timeout, text);
    });
  }

  void connected() {
    if constexpr (is_secure) {
      SSL_set_tlsext_host_name(stream_.native_handle(), transport_->host().c_str());
      stream_.async_handshake(asio::ssl::stream_base::client, [self = this->shared_from_this()](error_code error) {
        if (self->over_) return;
        if (error) return self->fail(ClientErrorKind::tls, error.message());
        self->write();
      });
    } else {
      write();
    }
  }

  void write() {
    asio::async_write(stream_, asio::buffer(exchange_->bytes), [self = this->shared_from_this()](error_code error, size_t) {
      if (self->over_) return;
      if (error) return self->broken(error);
      self->read_header();
    });
  }

  void read_header() {
    parser_.emplace();
    parser_->body_limit(answer_bytes_limit);
    if (exchange_->is_stream) parser_->body_limit(boost::none);
    parser_->header_limit(65536);
    http::async_read_header(stream_, input_, *parser_, [self = this->shared_from_this()](error_code error, size_t) {
      if (self->over_) return;
      if (error) return self->broken(error);
      self->started_ = true;
      if (self->parser_->get().result_int() == 100) return self->read_header();
      if (self->exchange_->is_stream && self->parser_->get().result_int() == 200) return self->begin_stream();
      self->read_body();
    });
  }

  void read_body() {
    http::async_read(stream_, input_, *parser_, [self = this->shared_from_this()](error_code error, size_t) {
      if (self->over_) return;
      if (error) return self->broken(error);
      self->finish();
    });
  }

  RawAnswer take_answer() {
    auto& message = parser_->get();
    RawAnswer answer;
    answer.status = message.result_int();
    for (auto& field : message) {
      std::string name(field.name_string());
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
      answer.fields.push_back({std::move(name), std::string(field.value())});
    }
    answer.body = std::move(message.body());
    return answer;
  }

  void finish() {
    bool persistent = parser_->get().keep_alive();
    RawAnswer answer = take_answer();
    auto exchange = end();
    if (persistent) {
      wait_idle();
      transport_->keep(this->shared_from_this());
    }
    exchange->done(std::move(answer));
  }

  void begin_stream() {
    RawAnswer answer = take_answer();
    parser_->get().body().clear();
    exchange_->done(std::move(answer));
    if (!over_) read_part();
  }

  void read_part() {
    expire_at(std::chrono::steady_clock::now() + stream_silence, "the stream has fallen silent");
    http::async_read_some(stream_, input_, *parser_, [self = this->shared_from_this()](error_code error, size_t) {
      if (self->over_) return;
      std::string part = std::exchange(self->parser_->get().body(), {});
      if (!part.empty()) self->exchange_->data(std::move(part));
      if (self->over_) return;
      if (error) return self->fail(ClientErrorKind::closed, error.message());
      if (!self->parser_->is_done()) return self->read_part();
      auto exchange = self->end();
      self->close();
      exchange->ended(std::nullopt);
    });
  }

  // Time does not count for whoever waits for work; what comes then is the end.
  void wait_idle() {
    timer_.expires_after(idle_time);
    timer_.async_wait([weak = this->weak_from_this()](error_code error) {
      auto self = weak.lock();
      if (error || !self || !self->over_) return;
      self->transport_->forget(self.get());
      self->close();
    });
  }

  std::shared_ptr<RawExchange> end() {
    over_ = true;
    timer_.cancel();
    exchange_->cancel = nullptr;
    return std::exchange(exchange_, nullptr);
  }

  void close() {
    error_code ignored;
    socket().close(ignored);
  }

  // A server may close a connection that is not in use just when it is used again: that says nothing.
  void broken(error_code error) {
    if (reused_ && !started_) {
      auto exchange = end();
      close();
      return transport_->restart(std::move(exchange));
    }
    bool is_http = error.category() == http::make_error_code(http::error::bad_method).category() && error != http::error::end_of_stream;
    fail(is_http ? ClientErrorKind::http : ClientErrorKind::closed, error.message());
  }

  void fail(ClientErrorKind kind, std::string text) {
    bool streaming = started_ && exchange_->is_stream && parser_ && parser_->get().result_int() == 200;
    auto exchange = end();
    resolver_.cancel();
    close();
    ClientError error{kind, std::move(text)};
    if (streaming) exchange->ended(std::move(error));
    else exchange->done(std::unexpected(std::move(error)));
  }

  const std::shared_ptr<Transport> transport_;
  Stream stream_;
  tcp::resolver resolver_;
  asio::steady_timer timer_;
  beast::flat_buffer input_;
  std::optional<http::response_parser<http::string_body>> parser_;
  std::shared_ptr<RawExchange> exchange_;
  bool reused_ = false;
  bool started_ = false;  // the answer has begun
  bool over_ = true;      // no exchange is under way
};

}  // namespace

void Transport::start(std::shared_ptr<RawExchange> exchange) {
  if (idle_.empty()) return restart(std::move(exchange));
  auto channel = std::move(idle_.back());
  idle_.pop_back();
  channel->reuse(std::move(exchange));
}

void Transport::restart(std::shared_ptr<RawExchange> exchange) {
  std::shared_ptr<Channel> channel;
  if (tls_) channel = std::make_shared<ChannelOf<Secure>>(shared_from_this(), *tls_);
  else channel = std::make_shared<ChannelOf<Plain>>(shared_from_this());
  channel->open(std::move(exchange));
}

void Transport::keep(std::shared_ptr<Channel> channel) {
  if (idle_.size() < idle_channels) idle_.push_back(std::move(channel));
}

void Transport::forget(const Channel* channel) {
  std::erase_if(idle_, [channel](auto& kept) { return kept.get() == channel; });
}

}  // namespace hanse::gateway
