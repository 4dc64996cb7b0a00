#include "gateway/directory_service.h"

#include <algorithm>
#include <charconv>

#include "gateway/directory_page.h"
#include "gateway/json.h"
#include "gateway/percent.h"

namespace hanse::gateway {

namespace {

constexpr size_t nodes_of_answer = 1000;
const Problem not_found{404, "unknown-path", "there is nothing here; GET / shows who is there"};
const Problem not_yours{403, "name-taken", "expected a signature of the key that this name belongs to, of a node that is registered"};

std::vector<Field> json_fields() { return {{"content-type", "application/json"}, {"access-control-allow-origin", "*"}, {"cache-control", "no-store"}}; }
std::vector<Field> event_fields() { return {{"content-type", "text/event-stream"}, {"access-control-allow-origin", "*"}}; }

// A parameter of the query; empty if there is none.
std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string_view::npos) return form_decode(pair.substr(equals + 1)).value_or("");
  }
  return {};
}

std::string field_value(const Request& request, std::string_view name) {
  auto found = std::ranges::find(request.fields, name, &Field::name);
  return found == request.fields.end() ? std::string() : found->value;
}

bool is_get(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

// What is behind /relay/NAME, as it was sent.
std::string_view target_behind_relay(std::string_view target) {
  size_t at = 0;
  for (int segment = 0; segment < 2; segment++) {
    at = target.find_first_not_of('/', at);
    if (at == std::string_view::npos) return "/";
    at = target.find_first_of("/?", at);
    if (at == std::string_view::npos) return "/";
  }
  return target.substr(at);
}

}  // namespace

DirectoryService::DirectoryService(NameOwners& owners, const PublicKey& own, DirectoryOptions options)
    : own_(own), options_(options), relay_(options.relay), directory_(owners, options.limits) {}

bool DirectoryService::load() {
  Lock lock(mutex_);
  return directory_.load();
}

// Anybody may register, so every key may knock; what it may do is decided by the name.
std::optional<PublicKey> DirectoryService::key(std::string_view keyid, const Request& request) {
  for (const auto& key : {key_of_text(field_value(request, "hanse-key")), key_of_body(request.body)})
    if (key && thumbprint(*key) == keyid) return key;
  Lock lock(mutex_);
  return directory_.key(keyid);
}

bool DirectoryService::takes_unsigned(const Request& request) {
  if (passes_on(request)) return true;
  if (!is_get(request)) return false;
  bool is_public = request.path.empty() || request.path[0] == "nodes" || request.path[0] == "events";
  return is_public && request.path.size() <= 2;
}

bool DirectoryService::passes_on(const Request& request) { return request.path.size() >= 2 && request.path[0] == "relay"; }

void DirectoryService::handle(std::shared_ptr<Exchange> exchange) {
  const Request& request = exchange->request();
  const auto& path = request.path;
  if (path.empty() && is_get(request)) return page(*exchange);
  if (passes_on(request)) {
    if (!request.target.starts_with("/relay/")) exchange->answer(not_found);
    else relay_.forward(path[1], target_behind_relay(request.target), exchange);
  } else if (path.size() == 1 && path[0] == "nodes" && is_get(request)) {
    list(*exchange);
  } else if (path.size() == 1 && path[0] == "events" && is_get(request)) {
    subscribe(std::move(exchange));
  } else if (path.size() == 2 && path[0] == "nodes") {
    handle_node(*exchange, path[1]);
  } else if (path.size() >= 3 && path[0] == "nodes") {
    handle_listener(std::move(exchange), path[1]);
  } else {
    exchange->answer(not_found);
  }
}

void DirectoryService::handle_node(Exchange& exchange, const std::string& name) {
  const Request& request = exchange.request();
  if (is_get(request)) return show(exchange, name);
  Streams slow;
  bool dropped = false;
  if (request.method == "PUT") {
    auto registration = parse_registration(name, request.body);
    if (!registration) {
      exchange.answer(registration.error());
    } else if (thumbprint(registration->key) != request.caller->key) {
      exchange.answer({403, "key", "the key in the body is not the one that signed"});
    } else {
      Lock lock(mutex_);
      answer_change(exchange, directory_.put(std::move(*registration), request.peer, unix_seconds()));
      slow.swap(slow_);
    }
  } else if (request.method == "DELETE") {
    Lock lock(mutex_);
    auto removed = directory_.remove(name, request.caller->key);
    dropped = removed.has_value();
    if (dropped) {
      tell("down", *removed);
      exchange.answer(200, json_fields(), removed->json() + "\n");
    } else {
      exchange.answer(removed.error());
    }
    slow.swap(slow_);
  } else {
    exchange.answer({405, "method", "expected GET, PUT or DELETE"});
  }
  if (dropped) relay_.drop(name);
  for (auto& stream : slow) stream->end();
}

void DirectoryService::answer_change(Exchange& exchange, const std::expected<Directory::Registered, Problem>& outcome) {
  if (!outcome) {
    exchange.answer(outcome.error());
    return;
  }
  if (outcome->change != Change::renewed) tell(outcome->change == Change::up ? "up" : "change", *outcome->node);
  exchange.answer(outcome->change == Change::up ? 201 : 200, json_fields(), outcome->node->json() + "\n");
}

bool DirectoryService::is_owner(const Request& request, const std::string& name) {
  Lock lock(mutex_);
  const Node* node = directory_.find(name);
  return request.caller && node != nullptr && node->thumbprint == request.caller->key;
}

// What only the node itself does: its heartbeat, its side of the relay.
void DirectoryService::handle_listener(std::shared_ptr<Exchange> exchange, const std::string& name) {
  const Request& request = exchange->request();
  const auto& path = request.path;
  if (path.size() == 3 && path[2] == "heartbeat" && request.method == "POST") {
    Lock lock(mutex_);
    return answer_change(*exchange, directory_.heartbeat(name, request.caller->key, unix_seconds()));
  }
  if (!is_owner(request, name)) {
    exchange->answer(not_yours);
  } else if (path.size() == 3 && path[2] == "requests" && request.method == "GET") {
    relay_.listen(name, std::move(exchange), event_fields());
  } else if (path.size() == 4 && path[2] == "answers" && request.method == "POST") {
    auto taken = relay_.answer(name, path[3], request.body);
    if (taken) exchange->answer(200, json_fields(), "true\n");
    else exchange->answer(taken.error());
  } else {
    exchange->answer(not_found);
  }
}

void DirectoryService::page(Exchange& exchange) {
  const Request& request = exchange.request();
  if (field_value(request, "accept").contains("text/html")) {
    std::string text;
    {
      Lock lock(mutex_);
      text = directory_page(directory_, query_value(request.query, "offers"), unix_seconds());
    }
    exchange.answer(200, page_fields(), std::move(text));
    return;
  }
  exchange.answer(200, json_fields(), R"({"key":{"crv":"Ed25519","kty":"OKP","x":")" + base64url(own_.bytes) + R"("},"node":")" + thumbprint(own_) +
                                          R"(","service":"directory"})" + "\n");
}

void DirectoryService::list(Exchange& exchange) {
  const Request& request = exchange.request();
  std::string offers = query_value(request.query, "offers");
  std::string next, nodes;
  size_t count = 0;
  {
    Lock lock(mutex_);
    directory_.each(query_value(request.query, "after"), [&](const Node& node) {
      if (!offers.empty() && !node.offers(offers)) return true;
      if (count++ == nodes_of_answer) return false;
      if (!nodes.empty()) nodes += ",\n";
      nodes += node.json();
      next = node.registration.name;
      return true;
    });
  }
  exchange.answer(200, json_fields(), R"({"nodes":[)" + nodes + R"(],"after":)" + (count > nodes_of_answer ? json_quote(next) : "null") + "}\n");
}

void DirectoryService::show(Exchange& exchange, const std::string& name) {
  std::string text;
  {
    Lock lock(mutex_);
    if (const Node* node = directory_.find(name)) text = node->json() + "\n";
  }
  if (text.empty()) exchange.answer({404, "unknown-name", "nobody of this name is there"});
  else exchange.answer(200, json_fields(), std::move(text));
}

bool DirectoryService::Subscriber::wants(const Node& node) const {
  return (name.empty() || name == node.registration.name) && (function.empty() || node.offers(function));
}

// Begins with those who are there: nobody can come or go unseen between a look and a subscription.
void DirectoryService::subscribe(std::shared_ptr<Exchange> exchange) {
  const Request& request = exchange->request();
  Subscriber subscriber{exchange, query_value(request.query, "name"), query_value(request.query, "offers")};
  bool full;
  {
    Lock lock(mutex_);
    full = subscribers_.size() >= options_.subscribers || subscribers_of_[request.peer] >= options_.subscribers_of_peer;
    if (!full) subscribers_of_[request.peer]++;
  }
  if (full) {
    exchange->answer({503, "subscribers", "too many event streams are open"});
    return;
  }
  exchange->stream(event_fields(), [this, which = exchange.get()] { unsubscribe(which); });
  bool gone;
  {
    Lock lock(mutex_);
    std::string events = ": tick\n\n";
    directory_.each("", [&](const Node& node) {
      if (subscriber.wants(node)) events += "event: up\ndata: " + node.json() + "\n\n";
      return events.size() < (1 << 19);
    });
    gone = exchange->send(std::move(events)) == Exchange::Sent::gone;
    subscribers_.push_back(std::move(subscriber));
  }
  if (gone) unsubscribe(exchange.get());  // it had gone before it was in the table
}

void DirectoryService::unsubscribe(const Exchange* exchange) {
  std::shared_ptr<Exchange> last;
  Lock lock(mutex_);
  auto found = std::ranges::find_if(subscribers_, [&](const Subscriber& subscriber) { return subscriber.exchange.get() == exchange; });
  if (found == subscribers_.end()) return;
  auto of_peer = subscribers_of_.find(exchange->request().peer);
  if (of_peer != subscribers_of_.end() && --of_peer->second == 0) subscribers_of_.erase(of_peer);
  last = std::move(found->exchange);
  *found = std::move(subscribers_.back());
  subscribers_.pop_back();
}

void DirectoryService::tell(const char* kind, const Node& node) {
  std::string event = std::string("event: ") + kind + "\ndata: " + node.json() + "\n\n";
  for (const Subscriber& subscriber : subscribers_)
    if (subscriber.wants(node) && subscriber.exchange->send(event) == Exchange::Sent::full) slow_.push_back(subscriber.exchange);
}

void DirectoryService::second_passed() {
  int64_t now_s = unix_seconds();
  Streams slow;
  std::vector<Node> gone;
  {
    Lock lock(mutex_);
    gone = directory_.expire(now_s);
    for (const Node& node : gone) tell("down", node);
    if (now_s % 15 == 0)
      for (const Subscriber& subscriber : subscribers_) subscriber.exchange->send(": tick\n\n");
    slow.swap(slow_);
  }
  for (auto& stream : slow) stream->end();
  for (const Node& node : gone) relay_.drop(node.registration.name);
  relay_.second_passed(now_s);
}

}  // namespace hanse::gateway
