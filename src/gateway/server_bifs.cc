// prim_gateway's functions for servers: see lib/hanse/src/prim_gateway.erl.
#include "bif/tables.h"
#include "gateway/exchanges.h"
#include "gateway/library_gate.h"
#include "gateway/option_map.h"
#include "gateway/servers.h"
#include "gateway/term_arguments.h"
#include "machine/figures.h"
#include "process/send.h"

namespace hanse {

using namespace gateway;

namespace {

bool read_tls(OptionMap& map, ServerOptions& options) {
  Term tls = map.take(am::tls);
  if (tls.is_none() || tls == am::none) return true;
  options.tls = true;
  if (tls == am::self_signed) return true;
  if (!is_tuple_of_arity(tls, 2)) return false;
  options.files.emplace();
  map.text_of_term(as_tuple(tls)->elements[0], options.files->certificate_pem);
  map.text_of_term(as_tuple(tls)->elements[1], options.files->key_pem);
  return true;
}

std::optional<ServerOptions> server_options(Term given, Bytes32& seed) {
  OptionMap map(given);
  ServerOptions options;
  map.text(am::address, options.address);
  map.number(am::port, options.port);
  map.text(am::nonces, options.nonce_path);
  map.number(am::threads, options.threads);
  map.number(am::body_bytes, options.body_bytes);
  map.number(am::header_bytes, options.header_bytes);
  map.number(am::connections, options.connections);
  map.number(am::header_ms, options.header_ms);
  map.number(am::body_ms, options.body_ms);
  map.number(am::idle_ms, options.idle_ms);
  auto key = bytes32_argument(map.take(am::seed));
  if (!read_tls(map, options) || !map.is_valid() || !key) return std::nullopt;
  if (options.threads < 1 || options.threads > 64 || options.header_bytes < 1024 || options.address.empty()) return std::nullopt;
  seed = *key;
  return options;
}

Term error_kind(StartError error) {
  switch (error) {
    case StartError::address: return am::address;
    case StartError::in_use: return am::eaddrinuse;
    case StartError::tls: return am::tls;
    case StartError::nonces: return am::nonces;
    case StartError::system: return am::listen;
  }
  __builtin_unreachable();
}

std::shared_ptr<NodeServer> server_argument(Term term) {
  return term.is_small() ? find_node_server(static_cast<uint64_t>(term.as_small())) : nullptr;
}

std::optional<uint64_t> id_argument(Term term) {
  if (!term.is_small() || term.as_small() <= 0) return std::nullopt;
  return static_cast<uint64_t>(term.as_small());
}

}  // namespace

static Result prim_gateway_server_start_2(Call& call) {
  Bytes32 seed;
  auto options = server_options(call.args[1], seed);
  if (!call.args[0].is_local_pid() || !options) return raise_badarg(call);
  auto started = start_node_server(call.args[0], *options, seed);
  Arena& arena = call.arena();
  if (!started) {
    auto& [kind, text] = started.error();
    return make_tuple(arena, am::error, make_tuple(arena, error_kind(kind), make_binary(arena, text)));
  }
  return make_tuple(arena, am::ok, make_unsigned(arena, started->first), Term::small(started->second));
}

static Result prim_gateway_server_stop_1(Call& call) {
  auto id = id_argument(call.args[0]);
  if (!id) return raise_badarg(call);
  stop_node_server(*id);
  return am::ok;
}

static Result prim_gateway_server_figures_1(Call& call) {
  auto server = server_argument(call.args[0]);
  if (!server) return raise_badarg(call);
  ServerFigures read = server->server->figures();
  Figures figures(call.arena());
  auto add = [&](Term name, uint64_t value) { figures.add(name, static_cast<int64_t>(value)); };
  add(am::connections, read.connections);
  add(am::accepted, read.accepted);
  add(am::requests, read.requests);
  add(am::refused, read.refused);
  add(am::streams, read.streams);
  add(am::sessions, read.sessions);
  add(am::nonces, read.nonces);
  return figures.map();
}

// [{Name, Public | deleted}]
static Result prim_gateway_server_keys_2(Call& call) {
  auto server = server_argument(call.args[0]);
  if (!server) return raise_badarg(call);
  Term list = call.args[1];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term pair = list.as_cons()->head;
    if (!is_tuple_of_arity(pair, 2)) return raise_badarg(call);
    auto name = text_argument(as_tuple(pair)->elements[0]);
    if (!name) return raise_badarg(call);
    if (as_tuple(pair)->elements[1] == am::deleted) {
      server->service.remove_key(*name);
      server->server->authenticator().sessions().remove_key(*name);
    } else if (auto key = bytes32_argument(as_tuple(pair)->elements[1]); key && thumbprint(PublicKey{*key}) == *name) {
      server->service.add_key(std::move(*name), PublicKey{*key});
    } else {
      return raise_badarg(call);
    }
    call.charge(10);
  }
  return list.is_nil() ? Result(am::ok) : raise_badarg(call);
}

static Result prim_gateway_answer_4(Call& call) {
  auto id = id_argument(call.args[0]);
  auto fields = fields_argument(call.args[2]);
  auto body = text_argument(call.args[3]);
  Term status = call.args[1];
  if (!id || !fields || !body || !status.is_small() || status.as_small() < 200 || status.as_small() > 599) return raise_badarg(call);
  call.charge(20 + body->size() / 256);
  auto exchange = ExchangeTable::node().take(*id);
  if (!exchange) return am::gone;
  return exchange->answer(static_cast<unsigned>(status.as_small()), std::move(*fields), std::move(*body)) ? am::ok : am::gone;
}

// The caller hears {gateway_closed, Id} when the client goes.
static Result prim_gateway_stream_2(Call& call) {
  auto id = id_argument(call.args[0]);
  auto fields = fields_argument(call.args[1]);
  if (!id || !fields) return raise_badarg(call);
  auto exchange = ExchangeTable::node().find(*id);
  if (!exchange) return am::gone;
  ExchangeTable::node().set_owner(*id, call.process.self);
  bool begun = exchange->stream(std::move(*fields), [number = *id, owner = call.process.self] {
    ExchangeTable::node().take(number);
    FragmentArena arena(8);
    Term message = make_tuple(arena, am::gateway_closed, make_unsigned(arena, number));
    (void)deliver_fragment(owner, message, arena.take());
  });
  return begun ? am::ok : am::gone;
}

static Result prim_gateway_stream_send_2(Call& call) {
  auto id = id_argument(call.args[0]);
  auto data = text_argument(call.args[1]);
  if (!id || !data) return raise_badarg(call);
  call.charge(10 + data->size() / 256);
  auto exchange = ExchangeTable::node().find(*id);
  if (!exchange) return am::gone;
  switch (exchange->send(std::move(*data))) {
    case Exchange::Sent::ok: return am::ok;
    case Exchange::Sent::full: return am::full;
    case Exchange::Sent::gone: return am::gone;
  }
  __builtin_unreachable();
}

static Result prim_gateway_stream_end_1(Call& call) {
  auto id = id_argument(call.args[0]);
  if (!id) return raise_badarg(call);
  if (auto exchange = ExchangeTable::node().take(*id)) exchange->end();
  return am::ok;
}

static constexpr BifRow rows[] = {
    {"prim_gateway", "answer", 4, with_libraries<prim_gateway_answer_4>, BifKind::plain, Authority::host},
    {"prim_gateway", "server_figures", 1, with_libraries<prim_gateway_server_figures_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "server_keys", 2, with_libraries<prim_gateway_server_keys_2>, BifKind::plain, Authority::host},
    {"prim_gateway", "server_start", 2, with_libraries<prim_gateway_server_start_2>, BifKind::dirty_io, Authority::host},
    {"prim_gateway", "server_stop", 1, with_libraries<prim_gateway_server_stop_1>, BifKind::dirty_io, Authority::host},
    {"prim_gateway", "stream", 2, with_libraries<prim_gateway_stream_2>, BifKind::plain, Authority::host},
    {"prim_gateway", "stream_end", 1, with_libraries<prim_gateway_stream_end_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "stream_send", 2, with_libraries<prim_gateway_stream_send_2>, BifKind::plain, Authority::host},
};
const BifTable gateway_server_bifs = rows;

}  // namespace hanse
