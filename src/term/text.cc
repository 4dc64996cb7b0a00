#include "term/text.h"

#include "base/work_stack.h"
#include "term/atom.h"
#include "term/views.h"

namespace hanse {

void append_utf8(std::string& out, uint32_t code_point) {
  DCHECK(is_unicode_scalar(code_point));
  auto put = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
}

int32_t next_utf8(const uint8_t*& from, const uint8_t* end) {
  if (from == end) return -2;
  uint8_t first = *from;
  if (first < 0x80) {
    from++;
    return first;
  }
  size_t more;
  int32_t value, smallest;
  if (first >= 0xc2 && first <= 0xdf) {
    more = 1, value = first & 0x1f, smallest = 0x80;
  } else if ((first & 0xf0) == 0xe0) {
    more = 2, value = first & 0x0f, smallest = 0x800;
  } else if (first >= 0xf0 && first <= 0xf4) {
    more = 3, value = first & 0x07, smallest = 0x10000;
  } else {
    return -1;
  }
  for (size_t i = 1; i <= more; i++) {
    if (from + i == end) return -2;
    if ((from[i] & 0xc0) != 0x80) return -1;
    // What can only become overlong, a surrogate or too large is invalid at once, not truncated.
    if (i == 1) {
      uint8_t second = from[1];
      if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
          (first == 0xf4 && second > 0x8f))
        return -1;
    }
    value = value << 6 | (from[i] & 0x3f);
  }
  DCHECK(value >= smallest && is_unicode_scalar(value));
  (void)smallest;
  from += more + 1;
  return value;
}

bool is_valid_utf8(std::string_view text) {
  auto* from = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = from + text.size();
  while (from < end) {
    while (end - from >= 8 && (load_unaligned<uint64_t>(from) & 0x8080808080808080) == 0) from += 8;
    if (from < end && next_utf8(from, end) < 0) return false;
  }
  return true;
}

size_t utf8_length(std::string_view text) {
  size_t length = 0;
  for (char c : text) length += (static_cast<uint8_t>(c) & 0xc0) != 0x80;
  return length;
}

std::optional<std::string> characters_of_list(Term list) {
  std::string text;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term head = list.as_cons()->head;
    if (!head.is_small() || !is_unicode_scalar(head.as_small())) return std::nullopt;
    append_utf8(text, static_cast<uint32_t>(head.as_small()));
  }
  if (!list.is_nil()) return std::nullopt;
  return text;
}

namespace {

// Walks over iodata in order. on_byte(uint8_t) and on_binary(Term) see its parts; false if it is something else.
template <class OnByte, class OnBinary>
bool walk_iodata(Term data, OnByte on_byte, OnBinary on_binary) {
  if (data.is_binary()) {
    on_binary(data);
    return true;
  }
  if (!data.is_list()) return false;
  WorkStack<Term> rest;
  for (;;) {
    while (data.is_cons()) {
      Cons* cell = data.as_cons();
      Term head = cell->head;
      data = cell->tail;
      if (head.is_small() && static_cast<uint64_t>(head.as_small()) < 256) {
        on_byte(static_cast<uint8_t>(head.as_small()));
      } else if (head.is_cons()) {
        rest.push(data);
        data = head;
      } else if (head.is_binary()) {
        on_binary(head);
      } else if (!head.is_nil()) {
        return false;
      }
    }
    if (data.is_binary()) {
      on_binary(data);
    } else if (!data.is_nil()) {
      return false;
    }
    if (rest.empty()) return true;
    data = rest.pop();
  }
}

void append_bytes(std::string& out, Term binary) {
  BitView view = bit_view(binary);
  size_t size = view.byte_size();
  if (view.is_aligned()) {
    out.append(reinterpret_cast<const char*>(view.bytes()), size);
    return;
  }
  auto shift = view.bit_offset & 7;
  const uint8_t* from = view.bytes();
  for (size_t i = 0; i < size; i++) out.push_back(static_cast<char>(from[i] << shift | from[i + 1] >> (8 - shift)));
}

}  // namespace

std::optional<std::string> bytes_of_iodata(Term data) {
  std::string bytes;
  bool good = walk_iodata(
      data, [&](uint8_t byte) { bytes.push_back(static_cast<char>(byte)); },
      [&](Term binary) { append_bytes(bytes, binary); });
  if (!good) return std::nullopt;
  return bytes;
}

std::optional<size_t> iodata_size(Term data) {
  size_t size = 0;
  bool good = walk_iodata(data, [&](uint8_t) { size++; }, [&](Term binary) { size += bit_view(binary).byte_size(); });
  if (!good) return std::nullopt;
  return size;
}

std::optional<std::string> native_name(Term name) {
  std::string text;
  if (name.is_binary()) {
    append_bytes(text, name);
  } else if (name.is_atom()) {
    text = atom_name(name);
  } else if (name.is_list()) {
    WorkStack<Term> rest;
    for (Term list = name;;) {
      while (list.is_cons()) {
        Term head = list.as_cons()->head;
        list = list.as_cons()->tail;
        if (head.is_small() && is_unicode_scalar(head.as_small())) {
          append_utf8(text, static_cast<uint32_t>(head.as_small()));
        } else if (head.is_cons()) {
          rest.push(list);
          list = head;
        } else if (!head.is_nil()) {
          return std::nullopt;
        }
      }
      if (!list.is_nil()) return std::nullopt;
      if (rest.empty()) break;
      list = rest.pop();
    }
  } else {
    return std::nullopt;
  }
  if (text.find('\0') != std::string::npos) return std::nullopt;
  return text;
}

}  // namespace hanse
