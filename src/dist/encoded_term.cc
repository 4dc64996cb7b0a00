#include "dist/encoded_term.h"

#include "process/machine.h"
#include "term/build.h"

#include <algorithm>

namespace hanse::dist {

PeerEnvironment::PeerEnvironment(RemoteNode& peer, std::span<const Term> atoms, OffHeapBinary* storage)
    : RealmDecodeEnvironment(host_machine().realm), peer_(peer), atoms_(atoms), storage_(storage) {}

Term PeerEnvironment::atom(std::string_view utf8) {
  if (auto existing = existing_atom(utf8)) return *existing;
  return count_new_name() ? make_atom(utf8) : Term::none();
}

bool PeerEnvironment::count_new_name() {
  if (peer_.count_new_name()) return true;
  is_full_ = true;
  return false;
}

Export* PeerEnvironment::export_for(Term module, Term function, uint32_t arity) {
  if (Export* existing = host_machine().realm.find_export(module, function, arity)) return existing;
  return count_new_name() ? RealmDecodeEnvironment::export_for(module, function, arity) : nullptr;
}

FunEntry* PeerEnvironment::fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                                     uint32_t free_count) {
  uint64_t identity = module.word();
  for (uint64_t part : {uint64_t{index}, uint64_t{old_unique}, load_unaligned<uint64_t>(md5), load_unaligned<uint64_t>(md5 + 8),
                        uint64_t{arity} << 32 | free_count})
    identity = (identity ^ part) * 0x9e3779b97f4a7c15 ^ identity >> 29;
  if (!peer_.count_fun(identity)) {
    is_full_ = true;
    return nullptr;
  }
  return RealmDecodeEnvironment::fun_entry(module, index, old_unique, md5, arity, free_count);
}

// What a binary keeps alive is at most four times as large as itself. Compressed terms are not in the storage.
Term PeerEnvironment::shared_binary(Arena& arena, Bytes bytes) {
  if (storage_ == nullptr || bytes.size() < storage_->size / 4) return Term::none();
  const uint8_t *begin = storage_->data, *end = begin + storage_->size;
  if (bytes.data() < begin || bytes.data() + bytes.size() > end) return Term::none();
  storage_->retain();
  Term whole = make_refc_binary(arena, storage_, storage_->size);
  return make_sub_binary(arena, whole, static_cast<size_t>(bytes.data() - begin) * 8, bytes.size() * 8);
}

size_t words_expected(size_t bytes) { return std::clamp<size_t>(bytes / 2, 16, size_t{1} << 16); }

Term decode_view(Connection& connection, Arena& arena, const EncodedView& view, const char** expected) {
  PeerEnvironment environment(connection.node, view.atoms, view.storage);
  Decoded decoded = view.has_version ? decode_external(arena, view.bytes, environment)
                                     : decode_external_body(arena, view.bytes, environment);
  if (!decoded.term.is_none()) return decoded.term;
  const char* reason = environment.reason(decoded.error.reason);
  if (expected != nullptr) *expected = reason;
  // A limit is not a matter of one message.
  if (expected == nullptr || environment.is_full()) connection.fail(reason);
  return Term::none();
}

EncodedTerm::EncodedTerm(Connection& connection, const EncodedView& view)
    : connection_(&connection), atoms_(view.atoms.begin(), view.atoms.end()), storage_(view.storage), bytes_(view.bytes),
      has_version_(view.has_version) {
  if (storage_) return;
  storage_ = Ref<OffHeapBinary>::adopt(OffHeapBinary::create(bytes_.size()));
  CHECK(storage_.get() != nullptr);
  std::memcpy(storage_->data, bytes_.data(), bytes_.size());
  bytes_ = Bytes(storage_->data, bytes_.size());
}

Term EncodedTerm::decode(Arena& arena, const char*& expected) const {
  return decode_view(*connection_, arena, {atoms_, bytes_, storage_.get(), has_version_}, &expected);
}

}  // namespace hanse::dist
