// prim_buffer: a mutable queue of bytes, the read-ahead buffer of open files. Its user takes care that one process uses it
// at a time; a lock that never blocks is part of the interface.
#include <atomic>
#include <cstring>
#include <deque>

#include "bif/tables.h"
#include "io/contiguous_bytes.h"
#include "process/call.h"

namespace hanse {
namespace {

struct Buffer {
  struct Piece {
    Ref<OffHeapBinary> bytes;
    size_t start;
    size_t end;
    size_t size() const { return end - start; }
  };
  std::deque<Piece> pieces;
  size_t size = 0;
  // Written by try_lock and unlock only; nothing else is ordered by it.
  std::atomic<bool> locked{false};

  void append(Term binary) {
    ContiguousBytes bytes(binary);
    size_t count = bytes.bytes().size();
    if (count == 0) return;
    OffHeapBinary* copy = OffHeapBinary::create(count);
    CHECK(copy != nullptr);
    std::memcpy(copy->data, bytes.bytes().data(), count);
    pieces.push_back({Ref<OffHeapBinary>::adopt(copy), 0, count});
    size += count;
  }
  void skip(size_t count) {
    size -= count;
    while (count > 0) {
      Piece& first = pieces.front();
      if (first.size() > count) {
        first.start += count;
        return;
      }
      count -= first.size();
      pieces.pop_front();
    }
  }
  void copy_out(uint8_t* to, size_t count) const {
    for (const Piece& piece : pieces) {
      size_t part = std::min(count, piece.size());
      std::memcpy(to, piece.bytes->data + piece.start, part);
      to += part;
      if ((count -= part) == 0) return;
    }
  }
};
using MagicBuffer = Magic<Buffer>;

#define BUFFER_OR_RETURN(name)                                                                  \
  if (!call.args[0].is_boxed_kind(Boxed::magic_reference)) return raise_badarg(call);           \
  Buffer* name = MagicBuffer::get(call.args[0].as<MagicReference>()->off_heap.value);           \
  if (name == nullptr) return raise_badarg(call)

bool count_argument(Term term, const Buffer& buffer, size_t& count) {
  if (!term.is_small() || term.as_small() < 0 || static_cast<size_t>(term.as_small()) > buffer.size) return false;
  count = static_cast<size_t>(term.as_small());
  return true;
}

Result prim_buffer_new_0(Call& call) { return make_magic_reference(call.arena(), MagicBuffer::create()); }

Result prim_buffer_size_1(Call& call) {
  BUFFER_OR_RETURN(buffer);
  return make_unsigned(call.arena(), buffer->size);
}

// The first piece as it was written. An empty buffer has none.
Result prim_buffer_peek_head_1(Call& call) {
  BUFFER_OR_RETURN(buffer);
  if (buffer->pieces.empty()) return raise_badarg(call);
  const Buffer::Piece& first = buffer->pieces.front();
  if (first.size() <= heap_binary_limit)
    return make_binary(call.arena(), Bytes(first.bytes->data + first.start, first.size()));
  Ref<OffHeapBinary> shared = first.bytes;
  size_t whole_size = shared->size;
  Term whole = make_refc_binary(call.arena(), shared.leak(), whole_size);
  if (first.start == 0) return whole;
  return make_sub_binary(call.arena(), whole, first.start * 8, first.size() * 8);
}

Result prim_buffer_copying_read_2(Call& call) {
  BUFFER_OR_RETURN(buffer);
  size_t count;
  if (!count_argument(call.args[1], *buffer, count)) return raise_badarg(call);
  NewBinary binary = allocate_binary(call.arena(), count);
  if (binary.term.is_none()) return raise_system_limit(call);
  buffer->copy_out(binary.bytes, count);
  buffer->skip(count);
  call.charge(count / 1024);
  return binary.term;
}

Result prim_buffer_write_2(Call& call) {
  BUFFER_OR_RETURN(buffer);
  Term list = call.args[1];
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (!list.as_cons()->head.is_binary()) return raise_badarg(call);
  if (!list.is_nil()) return raise_badarg(call);
  size_t before = buffer->size;
  for (list = call.args[1]; list.is_cons(); list = list.as_cons()->tail) buffer->append(list.as_cons()->head);
  call.charge((buffer->size - before) / 1024);
  return am::ok;
}

Result prim_buffer_skip_2(Call& call) {
  BUFFER_OR_RETURN(buffer);
  size_t count;
  if (!count_argument(call.args[1], *buffer, count)) return raise_badarg(call);
  buffer->skip(count);
  return am::ok;
}

Result prim_buffer_find_byte_index_2(Call& call) {
  BUFFER_OR_RETURN(buffer);
  Term needle = call.args[1];
  if (!needle.is_small() || needle.as_small() < 0 || needle.as_small() > 255) return raise_badarg(call);
  size_t before = 0;
  for (const Buffer::Piece& piece : buffer->pieces) {
    const uint8_t* start = piece.bytes->data + piece.start;
    if (auto* found = static_cast<const uint8_t*>(std::memchr(start, static_cast<int>(needle.as_small()), piece.size()))) {
      Term index = make_unsigned(call.arena(), before + static_cast<size_t>(found - start));
      return make_tuple(call.arena(), am::ok, index);
    }
    before += piece.size();
  }
  call.charge(before / 4096);
  return am::not_found;
}

Result prim_buffer_try_lock_1(Call& call) {
  BUFFER_OR_RETURN(buffer);
  return buffer->locked.exchange(true, std::memory_order_acquire) ? am::busy : am::acquired;
}

Result prim_buffer_unlock_1(Call& call) {
  BUFFER_OR_RETURN(buffer);
  if (!buffer->locked.exchange(false, std::memory_order_release)) return raise_error(call, am::lock_order_violation);
  return am::ok;
}

constexpr BifKind plain = BifKind::plain;
constexpr Authority own = Authority::own_process;
constexpr BifRow rows[] = {
    {"prim_buffer", "copying_read", 2, prim_buffer_copying_read_2, plain, own},
    {"prim_buffer", "find_byte_index", 2, prim_buffer_find_byte_index_2, plain, own},
    {"prim_buffer", "new", 0, prim_buffer_new_0, plain, own},
    {"prim_buffer", "peek_head", 1, prim_buffer_peek_head_1, plain, own},
    {"prim_buffer", "size", 1, prim_buffer_size_1, plain, own},
    {"prim_buffer", "skip", 2, prim_buffer_skip_2, plain, own},
    {"prim_buffer", "try_lock", 1, prim_buffer_try_lock_1, plain, own},
    {"prim_buffer", "unlock", 1, prim_buffer_unlock_1, plain, own},
    {"prim_buffer", "write", 2, prim_buffer_write_2, plain, own},
};

}  // namespace
const BifTable prim_buffer_bifs = rows;

}  // namespace hanse
