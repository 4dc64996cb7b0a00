// Binaries. What a library allocates becomes a binary without a copy; what it inspects stays where it is.
#include "bif/iolist.h"
#include "code/decode_environment.h"
#include "nif/environment.h"
#include "process/machine.h"
#include "term/external.h"

using namespace hanse;
using namespace hanse::nif;

namespace {

// Only these fields: libraries built for early versions of the interface have fewer words behind them.
void describe(ErlNifBinary* binary, const uint8_t* data, size_t size, OffHeapBinary* owner) {
  binary->data = const_cast<uint8_t*>(data);
  binary->size = size;
  binary->ref_bin = owner;
}

OffHeapBinary* owner_of(const ErlNifBinary* binary) { return static_cast<OffHeapBinary*>(binary->ref_bin); }

}  // namespace

extern "C" {

int enif_inspect_binary(ErlNifEnv* env, ERL_NIF_TERM value, ErlNifBinary* binary) {
  if (!term(value).is_bitstring()) return 0;
  BitView view = bit_view(term(value));
  if (!view.is_whole_bytes()) return 0;
  if (view.is_aligned()) return describe(binary, view.bytes(), view.byte_size(), nullptr), 1;
  return enif_inspect_iolist_as_binary(env, value, binary);
}

int enif_inspect_iolist_as_binary(ErlNifEnv* env, ERL_NIF_TERM value, ErlNifBinary* binary) {
  Term list = term(value);
  if (list.is_bitstring() && bit_view(list).is_aligned()) return enif_inspect_binary(env, value, binary);
  IodataBytes bytes(list);
  if (!bytes.is_valid()) return 0;
  uint8_t* copy = env->temporary_bytes(bytes.size() + 1);
  if (bytes.size() > 0) std::memcpy(copy, bytes.data(), bytes.size());
  describe(binary, copy, bytes.size(), nullptr);
  return 1;
}

int enif_alloc_binary(size_t size, ErlNifBinary* binary) {
  OffHeapBinary* owner = OffHeapBinary::create(size);
  if (owner == nullptr) return 0;
  describe(binary, owner->data, size, owner);
  return 1;
}

// What was only inspected becomes a binary of the library's own.
int enif_realloc_binary(ErlNifBinary* binary, size_t size) {
  OffHeapBinary* owner = owner_of(binary);
  if (owner == nullptr) {
    const uint8_t* inspected = binary->data;
    size_t common = std::min(size, binary->size);
    if (!enif_alloc_binary(size, binary)) return 0;
    if (common > 0) std::memcpy(binary->data, inspected, common);
    return 1;
  }
  OffHeapBinary* moved = OffHeapBinary::reallocate(owner, size);
  if (moved == nullptr) return 0;
  moved->size = size;
  describe(binary, moved->data, size, moved);
  return 1;
}

void enif_release_binary(ErlNifBinary* binary) {
  if (OffHeapBinary* owner = owner_of(binary)) owner->release();
  describe(binary, nullptr, 0, nullptr);
}

// The library's binary becomes the guests'; it must not write to it any more.
ERL_NIF_TERM enif_make_binary(ErlNifEnv* env, ErlNifBinary* binary) {
  OffHeapBinary* owner = owner_of(binary);
  if (owner == nullptr || binary->size <= heap_binary_limit) {
    Term copied = make_binary(*env->arena, std::span<const uint8_t>(binary->data, binary->size));
    if (owner != nullptr) enif_release_binary(binary);
    return made(env, copied);
  }
  owner->size = binary->size;
  binary->ref_bin = nullptr;
  return word(make_refc_binary(*env->arena, owner, binary->size));
}

unsigned char* enif_make_new_binary(ErlNifEnv* env, size_t size, ERL_NIF_TERM* to) {
  NewBinary binary = allocate_binary(*env->arena, size);
  if (binary.term.is_none()) return *to = raise(env, am::system_limit), nullptr;
  *to = word(binary.term);
  return binary.bytes;
}

ERL_NIF_TERM enif_make_sub_binary(ErlNifEnv* env, ERL_NIF_TERM value, size_t position, size_t size) {
  return word(make_sub_binary(*env->arena, term(value), position * 8, size * 8));
}

int enif_term_to_binary(ErlNifEnv*, ERL_NIF_TERM value, ErlNifBinary* binary) {
  std::vector<uint8_t> bytes = encode_external(term(value));
  if (!enif_alloc_binary(bytes.size(), binary)) return 0;
  std::memcpy(binary->data, bytes.data(), bytes.size());
  return 1;
}

// How many bytes the term took; 0: there is none.
size_t enif_binary_to_term(ErlNifEnv* env, const unsigned char* data, size_t size, ERL_NIF_TERM* to, unsigned int options) {
  if ((options & ~static_cast<unsigned>(ERL_NIF_BIN2TERM_SAFE)) != 0) return 0;
  using Mode = RealmDecodeEnvironment::Mode;
  RealmDecodeEnvironment environment(host_machine().realm, (options & ERL_NIF_BIN2TERM_SAFE) != 0 ? Mode::safe : Mode::trusting);
  Decoded decoded = decode_external(*env->arena, Bytes(data, size), environment);
  if (decoded.term.is_none()) return 0;
  *to = word(decoded.term);
  return decoded.bytes_used;
}

}  // extern "C"
