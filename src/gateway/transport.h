// The client's side of HTTP/1.1: sends the bytes of a request over a connection that is kept for the next one, and reads the answer. One thread,
// that of the io_context, touches all of it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/message.h"

namespace hanse::gateway {

enum class ClientErrorKind : uint8_t { url, resolve, connect, tls, timeout, closed, http, peer, cancelled };

struct ClientError {
  ClientErrorKind kind;
  std::string text;
};

struct RawAnswer {
  unsigned status = 0;
  std::vector<Field> fields;
  std::string body;
};

struct RawExchange {
  std::string bytes;
  bool is_stream = false;  // a body of status 200 is handed over in parts
  std::chrono::steady_clock::time_point deadline;
  // Once; of a stream without its body.
  std::function<void(std::expected<RawAnswer, ClientError>)> done;
  std::function<void(std::string)> data;
  std::function<void(std::optional<ClientError>)> ended;  // of a stream, after done
  std::function<void()> cancel;  // set by the transport while it is under way
};

class Channel;

// Where requests go: an address and how to be sure of it.
class Transport : public std::enable_shared_from_this<Transport> {
 public:
  Transport(boost::asio::io_context& context, std::string host, std::string port, std::optional<boost::asio::ssl::context> tls)
      : context_(context), host_(std::move(host)), port_(std::move(port)), tls_(std::move(tls)) {}

  void start(std::shared_ptr<RawExchange> exchange);

  // --- for channels ---
  boost::asio::io_context& context() { return context_; }
  boost::asio::ssl::context* tls() { return tls_ ? &*tls_ : nullptr; }
  const std::string& host() const { return host_; }
  const std::string& port() const { return port_; }
  void keep(std::shared_ptr<Channel> channel);
  void forget(const Channel* channel);
  void restart(std::shared_ptr<RawExchange> exchange);  // over a new connection

 private:
  boost::asio::io_context& context_;
  const std::string host_, port_;
  std::optional<boost::asio::ssl::context> tls_;
  std::vector<std::shared_ptr<Channel>> idle_;
};

}  // namespace hanse::gateway
