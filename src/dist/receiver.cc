#include "dist/receiver.h"

#include <algorithm>

#include "dist/incoming.h"
#include "heap/fragment.h"

namespace hanse::dist {

// A peer has at most one large signal under way for each of its processes.
static constexpr size_t max_partials = 65536;
static constexpr size_t max_partial_bytes = size_t{1} << 34;
// So much of what is announced is believed, and more if the node keeps memory of that size anyway.
static constexpr size_t max_reserved = 512 * 1024;
static constexpr size_t max_kept = size_t{1} << 30;

bool Receiver::frame(Bytes frame) {
  if (!connection_.has(flag::header_atom_cache)) return plain_frame(frame);
  FrameStart start = read_frame_start(frame);
  Bytes rest = frame.subspan(start.size);
  switch (start.kind) {
    case FrameStart::Kind::bad: return refuse("a distribution header");
    case FrameStart::Kind::first_fragment: return first_fragment(start, rest);
    case FrameStart::Kind::later_fragment: return later_fragment(start, rest);
    case FrameStart::Kind::whole: break;
  }
  std::vector<Term> atoms;
  PeerEnvironment environment(connection_.node, {});
  const char* error = nullptr;
  size_t size = cache_.read_references(rest, atoms, environment, error);
  if (size == 0) return refuse(environment.reason(error));
  return signal(atoms, rest.subspan(size), nullptr);
}

// Without a header: 112, and each term with its version byte.
bool Receiver::plain_frame(Bytes frame) {
  if (frame[0] != pass_through) return refuse("a message without a header");
  return signal({}, frame.subspan(1), nullptr);
}

bool Receiver::first_fragment(const FrameStart& start, Bytes rest) {
  Partial partial;
  PeerEnvironment environment(connection_.node, {});
  const char* error = nullptr;
  size_t size = cache_.read_references(rest, partial.atoms, environment, error);
  if (size == 0) return refuse(environment.reason(error));
  rest = rest.subspan(size);
  if (start.fragment == 1) return signal(partial.atoms, rest, nullptr);
  if (partials_.size() >= max_partials) return refuse("fewer signals begun at the same time");
  if (partials_.contains(start.sequence)) return refuse("a new sequence of fragments");
  partial.fragments_left = start.fragment - 1;
  if (!append(partial, rest)) return false;
  partials_.emplace(start.sequence, std::move(partial));
  return true;
}

bool Receiver::later_fragment(const FrameStart& start, Bytes rest) {
  auto found = partials_.find(start.sequence);
  if (found == partials_.end()) return refuse("the first fragment of a sequence");
  Partial& partial = found->second;
  if (start.fragment != partial.fragments_left) return refuse("the next fragment of a sequence");
  if (!append(partial, rest)) return false;
  if (--partial.fragments_left > 0) return true;
  Partial whole = std::move(partial);
  partials_.erase(found);
  partial_bytes_ -= whole.storage->size;
  trim(whole);
  return signal(whole.atoms, Bytes(whole.storage->data, whole.storage->size), whole.storage.get());
}

// What a peer announces is hardly believed: room grows with what has come.
bool Receiver::append(Partial& partial, Bytes bytes) {
  partial_bytes_ += bytes.size();
  if (partial_bytes_ > max_partial_bytes) return refuse("fewer bytes of unfinished signals");
  size_t used = partial.storage ? partial.storage->size : 0;
  if (!partial.storage) {
    size_t fragments = std::min<uint64_t>(partial.fragments_left + 1, max_kept / std::max<size_t>(bytes.size(), 1));
    size_t announced = bytes.size() * fragments;
    OffHeapBinary* storage = OffHeapBinary::create_of_freed_memory(announced);
    if (storage == nullptr) storage = OffHeapBinary::create(std::max(std::min(announced, max_reserved), bytes.size()));
    partial.storage = Ref<OffHeapBinary>::adopt(storage);
    if (!partial.storage) return refuse("a signal that fits into memory");
  } else if (partial.storage->capacity - used < bytes.size()) {
    OffHeapBinary* old = partial.storage.leak();
    OffHeapBinary* grown = OffHeapBinary::reallocate(old, (used + bytes.size()) * 2);
    partial.storage = Ref<OffHeapBinary>::adopt(grown != nullptr ? grown : old);
    if (grown == nullptr) return refuse("a signal that fits into memory");
  }
  std::memcpy(partial.storage->data + used, bytes.data(), bytes.size());
  partial.storage->size = used + bytes.size();
  return true;
}

// Parts of the message may keep the storage for long.
void Receiver::trim(Partial& partial) {
  OffHeapBinary* storage = partial.storage.get();
  if (storage->capacity - storage->size <= storage->size / 3) return;
  OffHeapBinary* old = partial.storage.leak();
  OffHeapBinary* trimmed = OffHeapBinary::reallocate(old, old->size);
  partial.storage = Ref<OffHeapBinary>::adopt(trimmed != nullptr ? trimmed : old);
}

bool Receiver::signal(std::span<const Term> atoms, Bytes bytes, OffHeapBinary* storage) {
  bool plain = !connection_.has(flag::header_atom_cache);
  FragmentArena arena(64);
  PeerEnvironment environment(connection_.node, atoms);
  Decoded control = plain ? decode_external(arena, bytes, environment) : decode_external_body(arena, bytes, environment);
  if (control.term.is_none()) return refuse(environment.reason(control.error.reason));
  EncodedView payload{atoms, bytes.subspan(control.bytes_used), storage, plain};
  const char* expected = handle_control(connection_, control.term, payload);
  return expected == nullptr || refuse(expected);
}

}  // namespace hanse::dist
