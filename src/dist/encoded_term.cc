#include "dist/encoded_term.h"

#include "process/machine.h"

#include <algorithm>

namespace hanse::dist {

PeerEnvironment::PeerEnvironment(RemoteNode& peer, std::span<const Term> atoms)
    : RealmDecodeEnvironment(host_machine().realm), peer_(peer), atoms_(atoms) {}

Term PeerEnvironment::atom(std::string_view utf8) {
  if (auto existing = existing_atom(utf8)) return *existing;
  return peer_.count_new_name() ? make_atom(utf8) : Term::none();
}

size_t words_expected(size_t bytes) { return std::clamp<size_t>(bytes / 2, 16, size_t{1} << 16); }

Term decode_view(Connection& connection, Arena& arena, const EncodedView& view) {
  PeerEnvironment environment(connection.node, view.atoms);
  Decoded decoded = view.has_version ? decode_external(arena, view.bytes, environment)
                                     : decode_external_body(arena, view.bytes, environment);
  if (decoded.term.is_none()) connection.fail(decoded.error.reason);
  return decoded.term;
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

Term EncodedTerm::decode(Arena& arena) const { return decode_view(*connection_, arena, {atoms_, bytes_, storage_.get(), has_version_}); }

}  // namespace hanse::dist
