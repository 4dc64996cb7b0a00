// prim_gateway's functions for calls of other nodes: see lib/hanse/src/prim_gateway.erl.
#include "bif/tables.h"
#include "gateway/answer.h"
#include "gateway/client.h"
#include "gateway/library_gate.h"
#include "gateway/option_map.h"
#include "gateway/term_arguments.h"
#include "heap/fragment.h"
#include "process/send.h"

namespace hanse {

using namespace gateway;

namespace {

Term error_kind(ClientErrorKind kind) {
  switch (kind) {
    case ClientErrorKind::url: return am::url;
    case ClientErrorKind::resolve: return am::resolve;
    case ClientErrorKind::connect: return am::connect;
    case ClientErrorKind::tls: return am::tls;
    case ClientErrorKind::timeout: return am::timeout;
    case ClientErrorKind::closed: return am::closed;
    case ClientErrorKind::http: return am::http;
    case ClientErrorKind::peer: return am::peer;
    case ClientErrorKind::cancelled: return am::cancelled;
  }
  __builtin_unreachable();
}

Term error_term(Arena& arena, const ClientError& error) { return make_tuple(arena, error_kind(error.kind), make_binary(arena, error.text)); }

std::optional<ClientRequest> request_argument(Term given) {
  OptionMap map(given);
  ClientRequest request;
  map.text(am::url, request.url);
  map.text(am::target, request.target);
  map.text(am::method, request.method);
  map.text(am::body, request.body);
  map.text_of_term(map.take(am::ca), request.trusted_pem);
  map.number(am::timeout_ms, request.timeout_ms);
  if (Term peer = map.take(am::peer); !peer.is_none() && peer != am::none) {
    map.text_of_term(peer, request.peer);
    // A key, or its thumbprint.
    if (auto key = bytes32_argument(peer)) request.peer = thumbprint(PublicKey{*key});
    else if (request.peer.size() != 43) map.fail();
  }
  if (Term seed = map.take(am::seed); !seed.is_none() && seed != am::none) {
    request.seed = bytes32_argument(seed);
    if (!request.seed) map.fail();
  }
  for (auto [key, flag] : {std::pair(am::session, &request.with_session), {am::stream, &request.is_stream}}) {
    Term value = map.take(key);
    if (value == am::true_ || value == am::false_) *flag = value == am::true_;
    else if (!value.is_none()) map.fail();
  }
  if (Term headers = map.take(am::headers); !headers.is_none()) {
    auto fields = fields_argument(headers);
    if (fields) request.fields = std::move(*fields);
    else map.fail();
  }
  bool target_is_path = request.target.starts_with('/') && std::ranges::all_of(request.target, [](char c) { return c > ' ' && c < 127; });
  bool method_is_token = is_valid_field({request.method, ""});
  if (!map.is_valid() || !target_is_path || !method_is_token || request.url.empty()) return std::nullopt;
  return request;
}

// Tells the process that has asked.
class Reporter {
 public:
  Reporter(Term process, uint64_t id) : process_(process), id_(id) {}

  void answered(const std::expected<ClientAnswer, ClientError>& answer, bool is_stream) const {
    FragmentArena arena(64);
    Term outcome;
    if (!answer) {
      outcome = make_tuple(arena, am::error, error_term(arena, answer.error()));
    } else {
      std::vector<Term> fields;
      for (const Field& field : answer->raw.fields) fields.push_back(make_tuple(arena, make_binary(arena, field.name), make_binary(arena, field.value)));
      bool streaming = is_stream && answer->raw.status == 200;
      Term elements[] = {am::ok, Term::small(answer->raw.status), make_list(arena, fields),
                         streaming ? am::stream : make_binary(arena, answer->raw.body), boolean(answer->verified)};
      outcome = make_tuple(arena, elements);
    }
    tell(arena, am::gateway_answer, outcome);
  }
  void data(const std::string& bytes) const {
    FragmentArena arena(16);
    if (!tell(arena, am::gateway_data, make_binary(arena, bytes))) Client::node().cancel(id_);
  }
  void ended(const std::optional<ClientError>& error) const {
    FragmentArena arena(16);
    tell(arena, am::gateway_end, error ? error_term(arena, *error) : am::normal);
  }

 private:
  bool tell(FragmentArena& arena, Term what, Term about) const {
    Term message = make_tuple(arena, what, make_unsigned(arena, id_), about);
    return deliver_fragment(process_, message, arena.take());
  }
  Term process_;
  uint64_t id_;
};

}  // namespace

static Result prim_gateway_request_1(Call& call) {
  auto request = request_argument(call.args[0]);
  if (!request) return raise_badarg(call);
  bool is_stream = request->is_stream;
  call.charge(100);
  Client& client = Client::node();
  uint64_t id = client.reserve();
  Reporter reporter(call.process.self, id);
  client.request(id, std::move(*request),
                 {[reporter, is_stream](auto answer) { reporter.answered(answer, is_stream); }, [reporter](auto bytes) { reporter.data(bytes); },
                  [reporter](auto error) { reporter.ended(error); }});
  return make_unsigned(call.arena(), id);
}

static Result prim_gateway_request_cancel_1(Call& call) {
  if (!call.args[0].is_small() || call.args[0].as_small() <= 0) return raise_badarg(call);
  Client::node().cancel(static_cast<uint64_t>(call.args[0].as_small()));
  return am::ok;
}

static constexpr BifRow rows[] = {
    {"prim_gateway", "request", 1, with_libraries<prim_gateway_request_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "request_cancel", 1, with_libraries<prim_gateway_request_cancel_1>, BifKind::plain, Authority::host},
};
const BifTable gateway_client_bifs = rows;

}  // namespace hanse
