// prim_gateway's functions for keys: see lib/hanse/src/prim_gateway.erl.
#include "bif/iolist.h"
#include "bif/tables.h"
#include "gateway/crypto.h"
#include "gateway/library_gate.h"
#include "gateway/term_arguments.h"

namespace hanse {

using namespace gateway;

namespace {

Term binary(Call& call, std::span<const uint8_t> bytes) { return make_binary(call.arena(), bytes); }
Term text(Call& call, std::string_view value) { return make_binary(call.arena(), value); }

}  // namespace

static Result prim_gateway_key_new_0(Call& call) {
  Bytes32 seed;
  random_bytes(seed);
  return make_tuple(call.arena(), binary(call, SigningKey(seed).public_key().bytes), binary(call, seed));
}

static Result prim_gateway_key_public_1(Call& call) {
  auto seed = bytes32_argument(call.args[0]);
  if (!seed) return raise_badarg(call);
  return binary(call, SigningKey(*seed).public_key().bytes);
}

static Result prim_gateway_thumbprint_1(Call& call) {
  auto key = bytes32_argument(call.args[0]);
  if (!key) return raise_badarg(call);
  return text(call, thumbprint(PublicKey{*key}));
}

static Result prim_gateway_sign_2(Call& call) {
  IodataBytes message(call.args[0]);
  auto seed = bytes32_argument(call.args[1]);
  if (!message.is_valid() || !seed) return raise_badarg(call);
  call.charge(100 + message.size() / 64);
  return binary(call, SigningKey(*seed).sign(text_of(message.span())));
}

static Result prim_gateway_verify_3(Call& call) {
  IodataBytes message(call.args[0]);
  IodataBytes given(call.args[1]);
  auto key = bytes32_argument(call.args[2]);
  Signature signature;
  if (!message.is_valid() || !key || !given.is_valid() || given.size() != signature.size()) return raise_badarg(call);
  std::copy(given.data(), given.data() + given.size(), signature.begin());
  call.charge(200 + message.size() / 64);
  return boolean(verify(PublicKey{*key}, text_of(message.span()), signature));
}

static Result prim_gateway_sha256_1(Call& call) {
  IodataBytes data(call.args[0]);
  if (!data.is_valid()) return raise_badarg(call);
  call.charge(1 + data.size() / 1024);
  return binary(call, sha256(text_of(data.span())));
}

static Result prim_gateway_random_1(Call& call) {
  constexpr int64_t most = 65536;
  Term count = call.args[0];
  if (!count.is_small() || count.as_small() < 0 || count.as_small() > most) return raise_badarg(call);
  NewBinary made = allocate_binary(call.arena(), static_cast<size_t>(count.as_small()));
  if (made.term.is_none()) return raise_system_limit(call);
  random_bytes({made.bytes, static_cast<size_t>(count.as_small())});
  return made.term;
}

static Result prim_gateway_base64url_1(Call& call) {
  IodataBytes data(call.args[0]);
  if (!data.is_valid()) return raise_badarg(call);
  call.charge(1 + data.size() / 1024);
  return text(call, base64url(data.span()));
}

static Result prim_gateway_base64url_decode_1(Call& call) {
  IodataBytes data(call.args[0]);
  if (!data.is_valid()) return raise_badarg(call);
  call.charge(1 + data.size() / 1024);
  auto bytes = base64url_decode(text_of(data.span()));
  if (!bytes) return am::error;
  return make_tuple(call.arena(), am::ok, text(call, *bytes));
}

static Result prim_gateway_seal_2(Call& call) {
  IodataBytes passphrase(call.args[0]), plain(call.args[1]);
  if (!passphrase.is_valid() || !plain.is_valid()) return raise_badarg(call);
  std::string sealed = seal(text_of(passphrase.span()), text_of(plain.span()));
  if (sealed.empty()) return raise_system_limit(call);
  return text(call, sealed);
}

static Result prim_gateway_unseal_2(Call& call) {
  IodataBytes passphrase(call.args[0]), sealed(call.args[1]);
  if (!passphrase.is_valid() || !sealed.is_valid()) return raise_badarg(call);
  auto plain = unseal(text_of(passphrase.span()), text_of(sealed.span()));
  if (!plain) return am::error;
  return make_tuple(call.arena(), am::ok, text(call, *plain));
}

static constexpr BifRow rows[] = {
    {"prim_gateway", "base64url", 1, with_libraries<prim_gateway_base64url_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "base64url_decode", 1, with_libraries<prim_gateway_base64url_decode_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "key_new", 0, with_libraries<prim_gateway_key_new_0>, BifKind::plain, Authority::host},
    {"prim_gateway", "key_public", 1, with_libraries<prim_gateway_key_public_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "random", 1, with_libraries<prim_gateway_random_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "seal", 2, with_libraries<prim_gateway_seal_2>, BifKind::dirty_cpu, Authority::host},
    {"prim_gateway", "sha256", 1, with_libraries<prim_gateway_sha256_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "sign", 2, with_libraries<prim_gateway_sign_2>, BifKind::plain, Authority::host},
    {"prim_gateway", "thumbprint", 1, with_libraries<prim_gateway_thumbprint_1>, BifKind::plain, Authority::host},
    {"prim_gateway", "unseal", 2, with_libraries<prim_gateway_unseal_2>, BifKind::dirty_cpu, Authority::host},
    {"prim_gateway", "verify", 3, with_libraries<prim_gateway_verify_3>, BifKind::plain, Authority::host},
};
const BifTable gateway_crypto_bifs = rows;

}  // namespace hanse
