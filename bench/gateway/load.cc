// gateway-load: how many signed calls a second a node answers, and how long they take. One thread; each connection has one request under way.
//
//   gateway-load --url http://127.0.0.1:PORT --seed BASE64URL [--target /apply/m/f] [--body JSON] [--mode session|key|unsigned|bad]
//                [--connections 32] [--seconds 5] [--rate REQUESTS_PER_SECOND]
//   gateway-load --url ... --seed ... --target /events/ID --mode streams --connections 10000
//
// session: signed with the secret of a session (HMAC-SHA256); key: with the key itself (Ed25519); bad: with a wrong signature; unsigned: without.
// With a rate, requests are sent at their times, and their latency counts from those. The last line is JSON.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "gateway/client.h"
#include "gateway/http_signature.h"
#include "gateway/json.h"
#include "gateway/libraries.h"
#include "gateway/server.h"
#include "gateway/sessions.h"

using namespace hanse::gateway;

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& text) {
  std::fprintf(stderr, "gateway-load: %s\n", text.c_str());
  std::exit(1);
}

struct Settings {
  std::string url, seed, target = "/apply/m/f", body = "[]", mode = "session", accept = "application/json";
  size_t connections = 32;
  double seconds = 5, rate = 0;
};

Settings read_arguments(int count, char** words) {
  Settings settings;
  std::map<std::string, std::string*> texts = {{"--url", &settings.url}, {"--seed", &settings.seed}, {"--target", &settings.target},
                                               {"--body", &settings.body}, {"--mode", &settings.mode}};
  for (int i = 1; i + 1 < count; i += 2) {
    std::string name = words[i], value = words[i + 1];
    if (auto found = texts.find(name); found != texts.end()) *found->second = value;
    else if (name == "--connections") settings.connections = std::stoul(value);
    else if (name == "--seconds") settings.seconds = std::stod(value);
    else if (name == "--rate") settings.rate = std::stod(value);
    else die("unknown option " + name);
  }
  if (settings.url.empty() || settings.seed.empty()) die("expected --url and --seed");
  return settings;
}

struct Target {
  UrlParts url;
  std::string node;
};

int connect_to(const UrlParts& url) {
  int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::stoi(url.port)));
  inet_pton(AF_INET, url.host.c_str(), &address.sin_addr);
  if (descriptor < 0 || ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) die("connect: " + std::string(std::strerror(errno)));
  int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return descriptor;
}

// Where a field's value starts in a header; npos if it is not there.
size_t find_value(std::string_view header, std::string_view name) {
  auto same = [](char a, char b) { return (a | 32) == (b | 32); };
  auto found = std::ranges::search(header, name, same);
  return found.empty() ? std::string_view::npos : static_cast<size_t>(found.end() - header.begin());
}

// The length of the answer at the start of the text; 0: not all of it is there.
size_t answer_length(std::string_view text) {
  size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  std::string_view header = text.substr(0, end);
  if (find_value(header, "transfer-encoding: chunked") != std::string_view::npos) {
    size_t last = text.find("\r\n0\r\n\r\n", end);
    return last == std::string_view::npos ? 0 : last + 7;
  }
  size_t value = find_value(header, "content-length: ");
  size_t length = value == std::string_view::npos ? 0 : static_cast<size_t>(std::atol(text.data() + value));
  return text.size() >= end + 4 + length ? end + 4 + length : 0;
}

std::string ask(int descriptor, const std::string& request) {
  if (::write(descriptor, request.data(), request.size()) < 0) die("write");
  std::string answer;
  char buffer[65536];
  while (answer_length(answer) == 0) {
    ssize_t count = ::read(descriptor, buffer, sizeof(buffer));
    if (count <= 0) die("the connection was closed; got: " + answer);
    answer.append(buffer, static_cast<size_t>(count));
  }
  return answer;
}

std::string_view body_of(const std::string& answer) { return std::string_view(answer).substr(answer.find("\r\n\r\n") + 4); }

class Signing {
 public:
  Signing(const std::string& seed, const UrlParts& url, std::string node) : url_(url), node_(std::move(node)), key_(seed_of(seed)) {
    name_ = thumbprint(key_.public_key());
  }

  void open_session(int descriptor) {
    Bytes32 secret;
    random_bytes(secret);
    Bytes32 own = x25519_public(secret);
    std::string answer = ask(descriptor, request("POST", "/session", R"({"x25519":")" + base64url(own) + "\"}", "key"));
    auto document = json_object(body_of(answer));
    auto text = document ? json_text(*document, "x25519") : std::nullopt;
    if (!text) die("no session: " + answer);
    Bytes32 other;
    const std::string raw = base64url_decode(*text).value_or("");
    if (raw.size() != other.size()) die("no session: " + answer);
    std::copy(raw.begin(), raw.end(), reinterpret_cast<char*>(other.data()));
    secret_ = session_secret(secret, other, own, other, name_, node_).value();
    session_ = json_text(*document, "session").value();
  }

  std::string request(const std::string& method, const std::string& target, const std::string& body, std::string_view mode) {
    std::vector<Field> fields;
    if (!body.empty()) fields = {{"content-type", "application/json"}, {"content-digest", content_digest(body)}};
    if (mode != "unsigned") {
      bool in_session = mode == "session" || mode == "streams";
      std::vector<Item> components = {component("@method"), component("@path")};
      if (!body.empty()) components.insert(components.end(), {component("content-digest"), component("content-type")});
      std::string nonce = std::to_string(++counter_);
      if (!in_session) nonce = "nonce-" + std::to_string(getpid()) + "-" + std::to_string(10'000'000'000 + counter_);
      Parameters parameters = {{"created", BareItem::of_integer(unix_seconds())},
                               {"keyid", BareItem::of_string(in_session ? session_ : name_)},
                               {"alg", BareItem::of_string(in_session ? "hmac-sha256" : "ed25519")},
                               {"nonce", BareItem::of_string(nonce)},
                               {"tag", BareItem::of_string("hanse:" + node_)}};
      const std::string authority = url_.authority();
      Message message{method, url_.scheme, authority, target, 0, fields, nullptr};
      auto made = make_signature(message, "sig1", components, parameters, [&](std::string_view base) {
        if (mode == "bad") return std::string(64, 'x');
        return in_session ? std::string(text_of(hmac_sha256(secret_, base))) : std::string(text_of(key_.sign(base)));
      });
      fields.push_back({"signature-input", made.input});
      fields.push_back({"signature", made.signature});
    }
    std::string bytes = method + " " + target + " HTTP/1.1\r\nhost: " + url_.authority() + "\r\n";
    for (auto& field : fields) bytes += field.name + ": " + field.value + "\r\n";
    if (!body.empty()) bytes += "content-length: " + std::to_string(body.size()) + "\r\n";
    return bytes + "\r\n" + body;
  }

 private:
  static Bytes32 seed_of(const std::string& text) {
    auto raw = base64url_decode(text);
    Bytes32 seed;
    if (!raw || raw->size() != seed.size()) die("--seed: expected 32 bytes in base64url");
    std::copy(raw->begin(), raw->end(), reinterpret_cast<char*>(seed.data()));
    return seed;
  }
  const UrlParts& url_;
  const std::string node_;
  const SigningKey key_;
  std::string name_, session_;
  Bytes32 secret_{};
  uint64_t counter_ = 0;
};

struct Connection {
  int descriptor;
  std::string received;
  Clock::time_point asked;
  bool busy = false;
};

void open_streams(const Settings& settings, const UrlParts& url, Signing& signing) {
  std::vector<int> open;
  for (size_t i = 0; i < settings.connections; i++) {
    int descriptor = connect_to(url);
    std::string request = signing.request("GET", settings.target + "-" + std::to_string(i) + "-0123456789", "", "session");
    if (::write(descriptor, request.data(), request.size()) < 0) die("write");
    char buffer[4096];
    ssize_t count = ::read(descriptor, buffer, sizeof(buffer) - 1);
    if (count <= 0 || std::string_view(buffer, static_cast<size_t>(count)).substr(9, 3) != "200")
      die("stream " + std::to_string(i) + ": " + std::string(buffer, static_cast<size_t>(std::max<ssize_t>(count, 0))));
    open.push_back(descriptor);
  }
  std::printf("{\"streams\": %zu}\n", open.size());
  std::fflush(stdout);
  ::getchar();  // until standard input ends
}

void measure(const Settings& settings, const UrlParts& url, Signing& signing) {
  int poll = ::epoll_create1(0);
  std::vector<Connection> connections(settings.connections);
  for (auto& connection : connections) {
    connection.descriptor = connect_to(url);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connection.descriptor, &event);
  }
  std::vector<double> latencies_us;
  std::map<std::string, uint64_t> statuses;
  auto start = Clock::now();
  auto end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(settings.seconds));
  uint64_t sent = 0;
  std::vector<Connection*> idle;
  auto send = [&](Connection& connection, Clock::time_point due) {
    connection.asked = due;
    connection.busy = true;
    std::string request = signing.request("PUT", settings.target, settings.body, settings.mode);
    if (::write(connection.descriptor, request.data(), request.size()) != static_cast<ssize_t>(request.size())) die("write");
    sent++;
  };
  for (auto& connection : connections) idle.push_back(&connection);
  char buffer[65536];
  for (;;) {
    auto now = Clock::now();
    if (now >= end) break;
    while (!idle.empty()) {
      Clock::time_point due = now;
      if (settings.rate > 0) {
        due = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(sent) / settings.rate));
        if (due > now) break;
      }
      Connection* next = idle.back();
      idle.pop_back();
      send(*next, due);
    }
    // Sleeps until an answer comes or the next request is due: whoever polls takes a core from the server.
    auto wait = std::chrono::nanoseconds(std::chrono::milliseconds(100));
    if (settings.rate > 0 && !idle.empty()) {
      auto due = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(sent) / settings.rate));
      wait = std::clamp(std::chrono::nanoseconds(due - Clock::now()), std::chrono::nanoseconds(0), wait);
    }
    timespec pause{.tv_sec = 0, .tv_nsec = wait.count()};
    epoll_event events[64];
    int count = ::epoll_pwait2(poll, events, 64, &pause, nullptr);
    for (int i = 0; i < count; i++) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      ssize_t got = ::read(connection.descriptor, buffer, sizeof(buffer));
      if (got <= 0) die("the connection was closed");
      connection.received.append(buffer, static_cast<size_t>(got));
      size_t length = answer_length(connection.received);
      if (length == 0) continue;
      latencies_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - connection.asked).count());
      statuses[connection.received.substr(9, 3)]++;
      connection.received.erase(0, length);
      connection.busy = false;
      idle.push_back(&connection);
    }
  }
  double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::ranges::sort(latencies_us);
  auto quantile = [&](double part) { return latencies_us.empty() ? 0 : latencies_us[static_cast<size_t>(part * static_cast<double>(latencies_us.size() - 1))]; };
  std::string text;
  for (auto& [status, number] : statuses) text += (text.empty() ? "" : ", ") + ("\"" + status + "\": ") + std::to_string(number);
  std::printf("{\"per_second\": %.0f, \"p50_us\": %.0f, \"p99_us\": %.0f, \"max_us\": %.0f, \"status\": {%s}}\n", static_cast<double>(latencies_us.size()) / seconds,
              quantile(0.5), quantile(0.99), quantile(1), text.c_str());
}

}  // namespace

int main(int count, char** words) {
  Settings settings = read_arguments(count, words);
  require_libraries();
  auto url = parse_url(settings.url);
  if (!url) die("expected a URL such as http://127.0.0.1:8080");
  int descriptor = connect_to(*url);
  std::string node;
  if (settings.mode != "plain") {
    std::string self = ask(descriptor, "GET / HTTP/1.1\r\nhost: " + url->authority() + "\r\n\r\n");
    auto document = json_object(body_of(self));
    auto name = document ? json_text(*document, "node") : std::nullopt;
    if (!name) die("GET / gives no node: " + self);
    node = *name;
  } else {
    settings.mode = "unsigned";
  }
  Signing signing(settings.seed, *url, node);
  if (settings.mode == "session" || settings.mode == "streams") signing.open_session(descriptor);
  if (settings.mode == "streams") open_streams(settings, *url, signing);
  else measure(settings, *url, signing);
  return 0;
}
