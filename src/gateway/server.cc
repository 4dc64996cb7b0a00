#include "gateway/server.h"

#include <sys/resource.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <thread>
#include <unordered_map>

#include "gateway/connection.h"
#include "gateway/thread.h"
#include "gateway/tls.h"

namespace hanse::gateway {

int64_t unix_seconds() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Debian gives programs 1024 descriptors unless they ask for more.
void allow_descriptors(size_t connections) {
  rlimit limit;
  rlim_t wanted = connections + 1024;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// A thread and its connections.
class Worker {
 public:
  explicit Worker(asio::io_context& context) : context_(context), work_(asio::make_work_guard(context)), thread_([this] { run_handlers(context_); }) {}

  asio::io_context& context() { return context_; }

  void adopt(std::shared_ptr<ServerState> state, Socket socket, asio::ssl::context* tls) {
    asio::post(context_, [this, state = std::move(state), tls, taken = std::move(socket)]() mutable {
      if (ending_) return;
      auto connection = make_connection(std::move(state), std::move(taken), tls, [this](Connection* ended) { connections_.erase(ended); });
      connections_.emplace(connection.get(), connection);
      connection->start();
    });
  }

  // Closes everything; the thread ends when nothing is left to do.
  void end() {
    asio::post(context_, [this] {
      ending_ = true;
      auto closing = std::move(connections_);
      connections_.clear();
      for (auto& [_, connection] : closing) connection->close();
      work_.reset();
    });
    thread_.join();
  }

 private:
  asio::io_context& context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
  bool ending_ = false;
  std::thread thread_;
};

class ServerOverTcp final : public Server {
 public:
  ServerOverTcp(ServerOptions options, const SigningKey& key, std::unique_ptr<NonceJournal> nonces, Service& service)
      : nonces_(*nonces), state_(std::make_shared<ServerState>(std::move(options), key, std::move(nonces), service)) {
    for (auto& context : state_->contexts) workers_.push_back(std::make_unique<Worker>(*context));
    acceptor_.emplace(workers_[0]->context());
    timer_.emplace(workers_[0]->context());
  }

  ~ServerOverTcp() override {
    asio::post(workers_[0]->context(), [this] {
      error_code ignored;
      acceptor_->close(ignored);
      timer_->cancel();
      ending_ = true;
    });
    for (auto& worker : workers_) worker->end();
    // What belongs to their contexts goes before them.
    next_.reset();
    timer_.reset();
    acceptor_.reset();
  }

  std::expected<void, std::pair<StartError, std::string>> listen(std::optional<asio::ssl::context> tls) {
    tls_ = std::move(tls);
    error_code error;
    auto address = asio::ip::make_address(state_->options.address, error);
    if (error) return std::unexpected(std::pair(StartError::address, state_->options.address + " is no address"));
    tcp::endpoint endpoint(address, state_->options.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(4096, error);
    if (error) {
      auto kind = error == asio::error::address_in_use ? StartError::in_use : StartError::system;
      return std::unexpected(std::pair(kind, state_->options.address + " port " + std::to_string(state_->options.port) + ": " + error.message()));
    }
    port_ = acceptor_->local_endpoint(error).port();
    asio::post(workers_[0]->context(), [this] {
      accept();
      tick();
    });
    return {};
  }

  uint16_t port() const override { return port_; }
  Authenticator& authenticator() override { return state_->authenticator; }
  ServerFigures figures() const override {
    auto read = [](const std::atomic<uint64_t>& figure) { return figure.load(std::memory_order_relaxed); };
    return {read(state_->connections), read(state_->accepted), read(state_->requests), read(state_->refused), read(state_->streams),
            state_->authenticator.sessions().size(), nonces_.size()};
  }

 private:
  void accept() {
    Worker& worker = *workers_[turn_++ % workers_.size()];
    next_.emplace(worker.context());
    acceptor_->async_accept(*next_, [this, &worker](error_code error) {
      if (ending_ || error == asio::error::operation_aborted) return;
      if (error) {  // no descriptors are left, most likely
        pause_.emplace(workers_[0]->context(), std::chrono::milliseconds(50));
        pause_->async_wait([this](error_code) {
          if (!ending_) accept();
        });
        return;
      }
      if (state_->connections.load(std::memory_order_relaxed) < state_->options.connections)
        worker.adopt(state_, std::move(*next_), tls_ ? &*tls_ : nullptr);
      accept();
    });
  }

  void tick() {
    timer_->expires_after(std::chrono::seconds(1));
    timer_->async_wait([this](error_code error) {
      if (error || ending_) return;
      state_->service.second_passed();
      tick();
    });
  }

  const NonceJournal& nonces_;
  const std::shared_ptr<ServerState> state_;
  std::optional<asio::ssl::context> tls_;
  std::vector<std::unique_ptr<Worker>> workers_;
  // Of worker 0's thread.
  std::optional<tcp::acceptor> acceptor_;
  std::optional<Socket> next_;
  std::optional<asio::steady_timer> timer_, pause_;
  size_t turn_ = 0;
  bool ending_ = false;
  uint16_t port_ = 0;
};

}  // namespace

std::expected<std::unique_ptr<Server>, std::pair<StartError, std::string>> Server::start(const ServerOptions& options, const Bytes32& seed, Service& service) {
  std::optional<asio::ssl::context> tls;
  if (options.tls) {
    auto context = server_context(options.files, seed);
    if (!context) return std::unexpected(std::pair(StartError::tls, context.error()));
    tls.emplace(std::move(*context));
  }
  allow_descriptors(options.connections);
  auto nonces = NonceJournal::open(options.nonce_path, unix_seconds());
  if (!nonces) return std::unexpected(std::pair(StartError::nonces, nonces.error()));
  auto server = std::make_unique<ServerOverTcp>(options, SigningKey(seed), std::move(*nonces), service);
  if (auto listening = server->listen(std::move(tls)); !listening) return std::unexpected(listening.error());
  return server;
}

}  // namespace hanse::gateway
