#include "gateway/node_service.h"

#include "gateway/exchanges.h"
#include "heap/fragment.h"
#include "machine/figures.h"
#include "process/send.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse::gateway {

namespace {

// What Erlang code sees of a request's fields.
bool is_passed_on(std::string_view name) {
  static constexpr std::string_view names[] = {"accept", "content-type", "last-event-id", "traceparent", "user-agent"};
  return name.starts_with("hanse-") || std::ranges::find(names, name) != std::end(names);
}

Term fields_map(Arena& arena, const std::vector<Field>& fields) {
  std::unordered_map<std::string_view, std::string> joined;
  for (const Field& field : fields) {
    if (!is_passed_on(field.name)) continue;
    std::string& value = joined[field.name];
    if (!value.empty()) value += ", ";
    value += field.value;
  }
  Figures map(arena);
  for (auto& [name, value] : joined) map.add(make_binary(arena, name), make_binary(arena, value));
  return map.map();
}

}  // namespace

std::string NodeService::self_document(const PublicKey& key) {
  return R"({"node":")" + thumbprint(key) + R"(","key":{"crv":"Ed25519","kty":"OKP","x":")" + base64url(key.bytes) + "\"}}\n";
}

void NodeService::add_key(std::string name, const PublicKey& key) {
  Lock lock(mutex_);
  keys_[std::move(name)] = key;
}

void NodeService::remove_key(const std::string& name) {
  Lock lock(mutex_);
  keys_.erase(name);
}

std::optional<PublicKey> NodeService::key(std::string_view keyid, const Request&) {
  Lock lock(mutex_);
  auto found = keys_.find(std::string(keyid));
  if (found == keys_.end()) return std::nullopt;
  return found->second;
}

void NodeService::handle(std::shared_ptr<Exchange> exchange) {
  const Request& request = exchange->request();
  if (!request.caller) {
    exchange->answer(200, {{"content-type", "application/json"}}, self_);
    return;
  }
  FragmentArena arena(128);
  std::vector<Term> path;
  for (const std::string& segment : request.path) path.push_back(make_binary(arena, segment));
  uint64_t id = ExchangeTable::node().add(id_, exchange);
  Term elements[] = {am::gateway_request,
                     make_unsigned(arena, id_),
                     make_unsigned(arena, id),
                     make_binary(arena, request.method),
                     make_list(arena, path),
                     make_binary(arena, request.query),
                     make_binary(arena, request.caller->key),
                     fields_map(arena, request.fields),
                     make_binary(arena, request.body),
                     make_binary(arena, request.peer)};
  Term message = make_tuple(arena, elements);
  if (deliver_fragment(handler_, message, arena.take())) return;
  ExchangeTable::node().take(id);
  exchange->answer(Problem{503, "unavailable", "the gateway is being stopped"});
}

void NodeService::tell(const RefusedRequest& refusal, uint64_t count) {
  FragmentArena arena(64);
  Term keyid = refusal.keyid.empty() ? am::none : make_binary(arena, refusal.keyid);
  Term elements[] = {am::gateway_refused,
                     make_unsigned(arena, id_),
                     Term::small(refusal.status),
                     make_atom(refusal.kind),
                     keyid,
                     make_binary(arena, refusal.peer),
                     make_binary(arena, std::string_view(refusal.method).substr(0, 64)),
                     make_binary(arena, std::string_view(refusal.target).substr(0, 1024)),
                     make_unsigned(arena, count)};
  Term message = make_tuple(arena, elements);
  (void)deliver_fragment(handler_, message, arena.take());
}

void NodeService::refused(const RefusedRequest& refusal) {
  {
    Lock lock(mutex_);
    if (told_ >= told_per_second) {
      Flood& flood = floods_[refusal.kind];
      flood.last = refusal;
      flood.count++;
      return;
    }
    told_++;
  }
  tell(refusal, 1);
}

void NodeService::second_passed() {
  std::unordered_map<std::string, Flood> floods;
  {
    Lock lock(mutex_);
    told_ = 0;
    floods.swap(floods_);
  }
  for (auto& [_, flood] : floods) tell(flood.last, flood.count);
  ExchangeTable::node().drop_late(unix_seconds());
}

}  // namespace hanse::gateway
