// One client of the server: reads requests, one at a time, and writes answers. A connection is touched by its worker's thread only; an Exchange
// hands over to it.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "gateway/server.h"

namespace hanse::gateway {

// Without the cost of an executor that could be any.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// What connections share. Whoever keeps an exchange keeps its connection, and that keeps this.
struct ServerState {
  ServerState(ServerOptions given, const SigningKey& key, std::unique_ptr<NonceJournal> journal, Service& s)
      : options(std::move(given)), authenticator(key, std::move(journal)), service(s) {
    for (unsigned i = 0; i < std::max(1u, options.threads); i++) contexts.push_back(std::make_unique<boost::asio::io_context>(1));
  }
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts;  // one for each worker
  const ServerOptions options;
  Authenticator authenticator;
  Service& service;
  // Figures; written by all workers.
  std::atomic<uint64_t> connections{0}, accepted{0}, requests{0}, refused{0}, streams{0};
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void start() = 0;
  virtual void close() = 0;
  virtual std::shared_ptr<Connection> shared() = 0;
};

// tls: nullptr for plain HTTP. ended is called once, on the connection's thread.
std::shared_ptr<Connection> make_connection(std::shared_ptr<ServerState> state, Socket socket, boost::asio::ssl::context* tls,
                                            std::function<void(Connection*)> ended);

}  // namespace hanse::gateway
