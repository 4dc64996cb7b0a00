#include "gateway/relay.h"

#include <algorithm>

#include "gateway/answer.h"
#include "gateway/json.h"

namespace hanse::gateway {

namespace {

const Problem not_there{502, "relay", "the node is not connected to the relay"};

// What a node gets to see of a request; the rest concerns the connection to the relay.
bool concerns_node(std::string_view name) {
  constexpr std::string_view names[] = {"accept",    "content-type", "content-digest", "signature",  "signature-input",
                                        "last-event-id", "traceparent",  "user-agent",     "date"};
  return std::ranges::find(names, name) != std::end(names) || name.starts_with("hanse-");
}

bool concerns_client(std::string_view name) {
  constexpr std::string_view not_these[] = {"connection", "transfer-encoding", "content-length", "date", "keep-alive", "upgrade", "set-cookie", "content-security-policy"};
  return std::ranges::find(not_these, name) == std::end(not_these);
}

std::string event(std::string_view kind, std::string_view data) {
  std::string text = "event: ";
  return text.append(kind).append("\ndata: ").append(data).append("\n\n");
}

std::string request_event(const std::string& id, std::string_view target, const Request& request) {
  std::string headers;
  for (const Field& field : request.fields) {
    if (!concerns_node(field.name)) continue;
    if (!headers.empty()) headers += ',';
    headers += '[' + json_quote(field.name) + ',' + json_quote(field.value) + ']';
  }
  return event("request", R"({"id":")" + id + R"(","method":)" + json_quote(request.method) + R"(,"target":)" + json_quote(target) +
                              R"(,"headers":[)" + headers + R"(],"body":")" + base64(bytes_of(request.body)) + "\"}");
}

// Of strangers: whatever it is, a browser shall not run it in the relay's name.
std::optional<std::vector<Field>> answer_fields(const boost::json::object& object) {
  std::vector<Field> fields;
  const auto* given = object.if_contains("headers");
  if (given == nullptr || !given->is_array() || given->get_array().size() > 64) return std::nullopt;
  for (const auto& pair : given->get_array()) {
    if (!pair.is_array() || pair.get_array().size() != 2 || !pair.get_array()[0].is_string() || !pair.get_array()[1].is_string()) return std::nullopt;
    Field field{std::string(pair.get_array()[0].get_string()), std::string(pair.get_array()[1].get_string())};
    std::ranges::transform(field.name, field.name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!is_valid_field(field)) return std::nullopt;
    if (concerns_client(field.name)) fields.push_back(std::move(field));
  }
  fields.push_back({"content-security-policy", "sandbox; default-src 'none'"});
  return fields;
}

}  // namespace

void Relay::listen(const std::string& name, std::shared_ptr<Exchange> exchange, std::vector<Field> fields) {
  const Exchange* which = exchange.get();
  exchange->stream(std::move(fields), [this, name, which] { closed(name, which); });
  std::shared_ptr<Exchange> former;
  Ended ended;
  Exchange::Sent sent;
  {
    Lock lock(mutex_);
    former = std::exchange(listeners_[name].exchange, exchange);
    ended = take_all(name);
    sent = exchange->send(": tick\n\n");
  }
  if (former) former->end();
  fail(std::move(ended), not_there);
  if (sent == Exchange::Sent::gone) closed(name, which);  // before it was in the table
}

void Relay::forward(const std::string& name, std::string_view target, std::shared_ptr<Exchange> exchange) {
  Bytes32 random;
  random_bytes(random);
  std::string id = base64url(random);
  std::string data = request_event(id, target, exchange->request());
  Exchange::Sent sent = Exchange::Sent::gone;
  bool too_many = false;
  {
    Lock lock(mutex_);
    auto found = listeners_.find(name);
    if (found != listeners_.end()) {
      Listener& listener = found->second;
      too_many = listener.waiting >= limits_.waiting_of_node || waiting_.size() >= limits_.waiting;
      if (!too_many) sent = listener.exchange->send(std::move(data));
      if (sent == Exchange::Sent::ok) {
        listener.waiting++;
        waiting_.emplace(id, Waiting{name, exchange, unix_seconds() + limits_.answer_s});
      }
    }
  }
  if (too_many || sent == Exchange::Sent::full) exchange->answer({503, "relay", "too many requests wait for this node"});
  else if (sent == Exchange::Sent::gone) exchange->answer(not_there);
}

std::expected<void, Problem> Relay::answer(const std::string& name, const std::string& id, std::string_view body) {
  auto object = json_object(body);
  const auto* given_more = object ? object->if_contains("more") : nullptr;
  bool more = given_more != nullptr && given_more->is_bool() && given_more->get_bool();
  auto bytes = object ? base64_decode(json_text(*object, "body").value_or("")) : std::nullopt;
  if (!bytes) return std::unexpected(Problem{422, "relay", "expected a JSON object with a body in base64"});

  Waiting waiting;
  bool begins;
  {
    Lock lock(mutex_);
    auto found = waiting_.find(id);
    if (found == waiting_.end() || found->second.name != name)
      return std::unexpected(Problem{410, "relay", "nobody waits for this answer (any more)"});
    waiting = found->second;
    begins = !waiting.streaming;
    found->second.streaming = true;
    if (!more) forget(id);
  }
  Exchange& client = *waiting.exchange;
  if (begins) {
    int64_t status = json_integer(*object, "status").value_or(0);
    auto fields = answer_fields(*object);
    if (!fields || status < 200 || status > 599 || (more && status != 200)) {
      client.answer({502, "relay", "the node's answer makes no sense"});
      Lock lock(mutex_);
      forget(id);
      return std::unexpected(Problem{422, "relay", "expected a status and headers; only a status of 200 may have more than one piece"});
    }
    if (!more) {
      client.answer(static_cast<unsigned>(status), std::move(*fields), std::move(*bytes));
      return {};
    }
    client.stream(std::move(*fields), [this, id] { client_gone(id); });
  }
  Exchange::Sent sent = client.send(std::move(*bytes));
  if (!more) client.end();
  if (sent == Exchange::Sent::ok) return {};
  if (more) client.end();
  client_gone(id);
  return std::unexpected(Problem{410, "relay", "the client has gone, or does not read"});
}

// The client of a stream has gone; the node is told, so that it need not go on.
void Relay::client_gone(const std::string& id) {
  Lock lock(mutex_);
  auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  if (auto listener = listeners_.find(found->second.name); listener != listeners_.end())
    listener->second.exchange->send(event("cancel", R"({"id":")" + id + "\"}"));
  forget(id);
}

void Relay::closed(const std::string& name, const Exchange* exchange) {
  Ended ended;
  std::shared_ptr<Exchange> last;
  {
    Lock lock(mutex_);
    auto found = listeners_.find(name);
    if (found == listeners_.end() || found->second.exchange.get() != exchange) return;
    ended = take_all(name);
    last = std::move(found->second.exchange);
    listeners_.erase(found);
  }
  fail(std::move(ended), not_there);
}

void Relay::drop(const std::string& name) {
  std::shared_ptr<Exchange> listener;
  {
    Lock lock(mutex_);
    if (auto found = listeners_.find(name); found != listeners_.end()) listener = found->second.exchange;
  }
  if (listener) listener->end();
}

void Relay::forget(const std::string& id) {
  auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  if (auto listener = listeners_.find(found->second.name); listener != listeners_.end() && listener->second.waiting > 0) listener->second.waiting--;
  waiting_.erase(found);
}

Relay::Ended Relay::take_all(const std::string& name) {
  Ended ended;
  for (auto place = waiting_.begin(); place != waiting_.end();) {
    if (place->second.name != name) {
      ++place;
      continue;
    }
    ended.push_back(std::move(place->second));
    place = waiting_.erase(place);
  }
  if (auto listener = listeners_.find(name); listener != listeners_.end()) listener->second.waiting = 0;
  return ended;
}

// Never under the lock: the end of a stream calls back.
void Relay::fail(Ended ended, const Problem& problem) {
  for (Waiting& waiting : ended) {
    if (waiting.streaming) waiting.exchange->end();
    else waiting.exchange->answer(problem);
  }
}

void Relay::second_passed(int64_t now_s) {
  Ended late;
  {
    Lock lock(mutex_);
    for (auto place = waiting_.begin(); place != waiting_.end();) {
      auto here = place++;
      if (here->second.streaming || here->second.deadline_s > now_s) continue;
      late.push_back(here->second);
      forget(std::string(here->first));
    }
    if (now_s % 15 == 0)
      for (auto& [name, listener] : listeners_) listener.exchange->send(": tick\n\n");
  }
  fail(std::move(late), {504, "relay", "the node did not answer in time"});
}

size_t Relay::listening() const {
  Lock lock(mutex_);
  return listeners_.size();
}

size_t Relay::waiting() const {
  Lock lock(mutex_);
  return waiting_.size();
}

}  // namespace hanse::gateway
