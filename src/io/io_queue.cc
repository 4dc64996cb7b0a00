// See io_queue.h.
#include "io/io_queue.h"

#include <algorithm>

#include "base/work_stack.h"
#include "term/binary_view.h"
#include "term/views.h"

namespace hanse {

// Below this a copy is cheaper than a shared piece.
static constexpr size_t share_limit = 256;

void IoQueue::append(Bytes bytes) {
  if (bytes.empty()) return;
  OffHeapBinary* binary = OffHeapBinary::create(bytes.size());
  CHECK(binary != nullptr);
  std::memcpy(binary->data, bytes.data(), bytes.size());
  pieces_.push_back({Ref<OffHeapBinary>::adopt(binary), binary->data, bytes.size()});
  size_ += bytes.size();
}

void IoQueue::append(IoQueue&& other) {
  for (Piece& piece : other.pieces_) pieces_.push_back(std::move(piece));
  size_ += other.size_;
  other.clear();
}

bool IoQueue::append_iodata(Term data) {
  std::string copied;
  auto add_binary = [&](Term binary) {
    BitView view = bit_view(binary);
    if (!view.is_whole_bytes()) return false;
    if (!view.is_aligned()) {
      size_t shift = view.bit_offset & 7;
      const uint8_t* from = view.base + view.bit_offset / 8;
      for (size_t i = 0; i < view.byte_size(); i++)
        copied.push_back(static_cast<char>((from[i] << shift) | (from[i + 1] >> (8 - shift))));
      return true;
    }
    OffHeapBinary* owner = view.byte_size() >= share_limit ? off_heap_owner(binary) : nullptr;
    if (owner == nullptr) {
      copied.append(reinterpret_cast<const char*>(view.bytes()), view.byte_size());
      return true;
    }
    append(copied);
    copied.clear();
    pieces_.push_back({Ref<OffHeapBinary>(owner), view.bytes(), view.byte_size()});
    size_ += view.byte_size();
    return true;
  };

  if (!data.is_list()) return data.is_bitstring() && add_binary(data) && (append(copied), true);
  WorkStack<Term> rest;
  rest.push(data);
  while (!rest.empty()) {
    Term item = rest.pop();
    while (item.is_cons()) {
      Term head = item.as_cons()->head;
      item = item.as_cons()->tail;
      if (head.is_small()) {
        if (head.as_small() < 0 || head.as_small() > 255) return false;
        copied.push_back(static_cast<char>(head.as_small()));
      } else if (head.is_cons()) {
        rest.push(item);
        item = head;
      } else if (head.is_bitstring()) {
        if (!add_binary(head)) return false;
      } else if (!head.is_nil()) {
        return false;
      }
    }
    if (item.is_bitstring()) {
      if (!add_binary(item)) return false;
    } else if (!item.is_nil()) {
      return false;
    }
  }
  append(copied);
  return true;
}

int IoQueue::fill(iovec* vectors, int capacity, size_t limit_bytes) const {
  int count = 0;
  for (const Piece& piece : pieces_) {
    if (count == capacity || limit_bytes == 0) break;
    size_t size = std::min(piece.size, limit_bytes);
    vectors[count++] = {const_cast<uint8_t*>(piece.data), size};
    limit_bytes -= size;
  }
  return count;
}

void IoQueue::fill(iovec* vectors, OffHeapBinary** owners) const {
  for (const Piece& piece : pieces_) {
    *vectors++ = {const_cast<uint8_t*>(piece.data), piece.size};
    *owners++ = piece.owner.get();
  }
}

void IoQueue::consume(size_t bytes) {
  size_ -= bytes;
  while (bytes > 0) {
    Piece& piece = pieces_.front();
    if (bytes < piece.size) {
      piece.data += bytes;
      piece.size -= bytes;
      return;
    }
    bytes -= piece.size;
    pieces_.pop_front();
  }
}

void IoQueue::clear() {
  pieces_.clear();
  size_ = 0;
}

void IoQueue::peek(uint8_t* out, size_t size) const {
  for (const Piece& piece : pieces_) {
    if (size == 0) return;
    size_t part = std::min(size, piece.size);
    std::memcpy(out, piece.data, part);
    out += part;
    size -= part;
  }
}

std::string IoQueue::to_string() const {
  std::string text;
  text.reserve(size_);
  for (const Piece& piece : pieces_) text.append(reinterpret_cast<const char*>(piece.data), piece.size);
  return text;
}

}  // namespace hanse
