// unicode: character data (nested lists of characters and binaries) to UTF-8 binaries and to lists.
//
// When something cannot be converted, the guest gets what was converted and the rest of its own data, nested as it was. A
// character of UTF-8 may reach over several binaries: its bytes wait in `pending`, and if it then turns out to be wrong the
// rest is [Pending, Rest].
#include <vector>

#include "base/work_stack.h"
#include "bif/binary_bytes.h"
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "code/realm.h"
#include "process/call.h"
#include "process/machine.h"
#include "term/budget.h"
#include "term/text.h"

namespace hanse {

namespace {

enum class Encoding : uint8_t { latin1, utf8 };
enum class Outcome : uint8_t { complete, incomplete, error };

// Bytes of the character that this byte begins; 0 if none can begin so.
size_t sequence_length(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xc0) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
}
bool are_continuations(const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    if ((bytes[i] & 0xc0) != 0x80) return false;
  return true;
}
size_t ascii_prefix(Bytes bytes) {
  size_t i = 0;
  while (i + 8 <= bytes.size() && (load_unaligned<uint64_t>(bytes.data() + i) & 0x8080808080808080) == 0) i += 8;
  while (i < bytes.size() && bytes[i] < 0x80) i++;
  return i;
}

class BinarySink {
 public:
  explicit BinarySink(Arena& arena) : arena_(arena), text_(64) {}
  void add(uint32_t character) {
    if (text_.size() - size_ < 4) [[unlikely]] grow(4);
    uint8_t* to = text_.data() + size_;
    if (character < 0x80) {
      to[0] = static_cast<uint8_t>(character);
      size_ += 1;
    } else if (character < 0x800) {
      to[0] = static_cast<uint8_t>(0xc0 | (character >> 6));
      to[1] = static_cast<uint8_t>(0x80 | (character & 0x3f));
      size_ += 2;
    } else if (character < 0x10000) {
      to[0] = static_cast<uint8_t>(0xe0 | (character >> 12));
      to[1] = static_cast<uint8_t>(0x80 | ((character >> 6) & 0x3f));
      to[2] = static_cast<uint8_t>(0x80 | (character & 0x3f));
      size_ += 3;
    } else {
      to[0] = static_cast<uint8_t>(0xf0 | (character >> 18));
      to[1] = static_cast<uint8_t>(0x80 | ((character >> 12) & 0x3f));
      to[2] = static_cast<uint8_t>(0x80 | ((character >> 6) & 0x3f));
      to[3] = static_cast<uint8_t>(0x80 | (character & 0x3f));
      size_ += 4;
    }
  }
  // Valid UTF-8.
  void add_bytes(Bytes bytes) {
    if (bytes.empty()) return;
    if (text_.size() - size_ < bytes.size()) grow(bytes.size());
    std::memcpy(text_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  Term finish() { return make_binary(arena_, Bytes(text_.data(), size_)); }

 private:
  HANSE_NOINLINE void grow(size_t room) { text_.resize((text_.size() + room) * 2); }
  Arena& arena_;
  std::vector<uint8_t> text_;
  size_t size_ = 0;
};

class ListSink {
 public:
  explicit ListSink(Arena& arena) : list_(arena) {}
  void add(uint32_t character) { list_.add(Term::small(character)); }
  void add_bytes(Bytes bytes) {
    for (auto *at = bytes.data(), *end = at + bytes.size(); at < end;) list_.add(Term::small(next_utf8(at, end)));
  }
  Term finish() { return list_.finish(); }

 private:
  ListBuilder list_;
};

// Length of the well-formed sequence (Unicode Standard, table 3-7) at the start of the bytes; 0 if there is none.
size_t valid_sequence(const uint8_t* at, size_t there) {
  auto continuation = [&](size_t i) { return i < there && (at[i] & 0xc0) == 0x80; };
  uint8_t lead = at[0];
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return continuation(1) ? 2 : 0;
  if (lead < 0xf0) {
    if (!continuation(1) || !continuation(2)) return 0;
    if ((lead == 0xe0 && at[1] < 0xa0) || (lead == 0xed && at[1] >= 0xa0)) return 0;
    return 3;
  }
  if (lead > 0xf4 || !continuation(1) || !continuation(2) || !continuation(3)) return 0;
  if ((lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] >= 0x90)) return 0;
  return 4;
}

bool is_well_formed(Bytes bytes) {
  for (size_t at = 0; at < bytes.size();) {
    at += ascii_prefix(bytes.subspan(at));
    // Text in one script: runs of sequences of the same length.
    while (at < bytes.size() && bytes[at] >= 0x80) {
      size_t length = valid_sequence(&bytes[at], bytes.size() - at);
      if (length == 0) return false;
      at += length;
    }
  }
  return true;
}

// Whether the term is character data at all: integers of any size, binaries, lists that end in [] or a binary. size: its bytes and
// characters; shared parts count each time, and may add up to more than there is memory.
bool is_character_data(Term data, size_t& work, size_t& size) {
  WorkStack<Term> tails;
  WalkSteps steps;
  Term at = data;
  while (true) {
    if (!steps.go_on() || size > SIZE_MAX / 4) return false;
    if (at.is_cons()) {
      work++;
      Term head = at.as_cons()->head, tail = at.as_cons()->tail;
      if (head.is_cons()) {
        tails.push(tail);
        at = head;
        continue;
      }
      if (head.is_binary()) {
        work += bit_view(head).byte_size() / 8;
        size += bit_view(head).byte_size();
      } else if (head.is_integer()) {
        size++;
      } else if (!head.is_nil()) {
        return false;
      }
      at = tail;
      continue;
    }
    if (at.is_binary()) {
      work += bit_view(at).byte_size() / 8;
      size += bit_view(at).byte_size();
    } else if (!at.is_nil()) {
      return false;
    }
    if (tails.empty()) return true;
    at = tails.pop();
  }
}

template <class Sink>
class Converter {
 public:
  Converter(Arena& arena, Encoding encoding) : arena_(arena), encoding_(encoding), sink_(arena) {}

  // data has passed is_character_data.
  Outcome convert(Term data) {
    Term at = data;
    while (true) {
      if (at.is_cons()) {
        Term head = at.as_cons()->head, tail = at.as_cons()->tail;
        if (head.is_cons()) {
          tails_.push(tail);
          at = head;
          continue;
        }
        if (head.is_integer()) {
          if (!convert_character(head)) return fail(at);
        } else if (head.is_binary()) {
          Term left = convert_binary(head);
          if (!left.is_none()) return fail(make_cons(arena_, left, tail));
        }
        at = tail;
        continue;
      }
      if (at.is_binary()) {
        Term left = convert_binary(at);
        if (!left.is_none()) return fail(left);
      }
      if (tails_.empty()) break;
      at = tails_.pop();
    }
    if (pending_size_ == 0) return Outcome::complete;
    rest_ = pending_term();
    return are_continuations(pending_ + 1, pending_size_ - 1) ? Outcome::incomplete : Outcome::error;
  }
  Term converted() { return sink_.finish(); }
  Term rest() const { return rest_; }

 private:
  Term pending_term() { return make_binary(arena_, Bytes(pending_, pending_size_)); }

  // Wraps what is left into the lists around it.
  Outcome fail(Term left) {
    while (!tails_.empty()) left = make_cons(arena_, left, tails_.pop());
    if (pending_size_ > 0)
      left = make_cons(arena_, pending_term(), make_cons(arena_, left, Term::nil()));
    rest_ = left;
    return Outcome::error;
  }

  bool convert_character(Term character) {
    if (pending_size_ > 0 || !character.is_small()) return false;
    int64_t value = character.as_small();
    if (encoding_ == Encoding::latin1 ? (value < 0 || value > 255) : !is_unicode_scalar(value)) return false;
    sink_.add(static_cast<uint32_t>(value));
    return true;
  }

  // none(), or the part of the binary that could not be converted.
  Term convert_binary(Term binary) {
    BinaryBytes content(binary);
    Bytes bytes = content.span();
    if (encoding_ == Encoding::latin1) {
      for (uint8_t byte : bytes) sink_.add(byte);
      return Term::none();
    }
    size_t at = 0;
    if (pending_size_ > 0 && !bytes.empty()) {
      size_t missing = sequence_length(pending_[0]) - pending_size_;
      size_t taken = missing < bytes.size() ? missing : bytes.size();
      std::memcpy(pending_ + pending_size_, bytes.data(), taken);
      if (taken == missing) {
        const uint8_t* from = pending_;
        int32_t character = next_utf8(from, pending_ + pending_size_ + taken);
        if (character < 0) return binary;
        sink_.add(static_cast<uint32_t>(character));
        pending_size_ = 0;
      } else {
        pending_size_ += taken;
      }
      at = taken;
    }
    at += convert_utf8(bytes.subspan(at));
    if (at == bytes.size()) return Term::none();
    return make_sub_binary(arena_, binary, at * 8, (bytes.size() - at) * 8);
  }

  // Bytes converted or put into pending_: all of them unless there is an error.
  size_t convert_utf8(Bytes bytes) {
    size_t at = 0, run = 0;  // [run, at) is valid and not yet in the sink
    while (at < bytes.size()) {
      at += ascii_prefix(bytes.subspan(at));
      if (at == bytes.size()) break;
      size_t length = sequence_length(bytes[at]), there = bytes.size() - at;
      if (length > there) {  // whether these bytes can be right is found out when the others are there
        sink_.add_bytes(bytes.subspan(run, at - run));
        std::memcpy(pending_, &bytes[at], there);
        pending_size_ = there;
        return bytes.size();
      }
      if (length == 0 || valid_sequence(&bytes[at], there) == 0) break;
      at += length;
    }
    sink_.add_bytes(bytes.subspan(run, at - run));
    return at;
  }

  Arena& arena_;
  Encoding encoding_;
  Sink sink_;
  WorkStack<Term> tails_;
  uint8_t pending_[4];
  size_t pending_size_ = 0;
  Term rest_;
};

template <class Sink>
Result convert(Call& call, Term data, Encoding encoding) {
  // What is left of a single binary is not given back in a list.
  if (std::is_same_v<Sink, BinarySink> && data.is_cons() && data.as_cons()->tail.is_nil() &&
      data.as_cons()->head.is_binary())
    data = data.as_cons()->head;
  if (std::is_same_v<Sink, BinarySink> && encoding == Encoding::utf8 && data.is_binary()) {
    BitView view = bit_view(data);
    call.charge(view.byte_size() / 256);
    if (view.is_aligned() && is_well_formed(view.span())) return data;
  }
  size_t work = 0, size = 0;
  if (!is_character_data(data, work, size)) return raise_badarg(call);
  if (!budget_admits_bytes(size)) return raise_system_limit(call);
  call.charge(work / 8);
  Converter<Sink> converter(call.arena(), encoding);
  Outcome outcome = converter.convert(data);
  Term converted = converter.converted();
  if (outcome == Outcome::complete) return converted;
  return make_tuple(call.arena(), outcome == Outcome::error ? am::error : am::incomplete, converted, converter.rest());
}

// Encodings other than these two are converted by Erlang code.
template <class Sink>
Result convert_or_trap(Call& call, Term slow_function) {
  Term encoding = call.args[1];
  if (encoding == am::latin1) return convert<Sink>(call, call.args[0], Encoding::latin1);
  if (encoding == am::utf8 || encoding == am::unicode) return convert<Sink>(call, call.args[0], Encoding::utf8);
  call.process.trap_target = call.process.machine.realm.export_for(am::unicode, slow_function, 2);
  return Result::trap();
}

Result unicode_characters_to_binary_2(Call& call) {
  return convert_or_trap<BinarySink>(call, am::characters_to_binary_int);
}
Result unicode_characters_to_list_2(Call& call) { return convert_or_trap<ListSink>(call, am::characters_to_list_int); }

Result unicode_bin_is_7bit_1(Call& call) {
  if (!call.args[0].is_binary()) return am::false_;
  BinaryBytes bytes(call.args[0]);
  call.charge(bytes.size() / 1024);
  return boolean(ascii_prefix(bytes.span()) == bytes.size());
}

constexpr BifRow rows[] = {
    {"unicode", "bin_is_7bit", 1, unicode_bin_is_7bit_1, BifKind::plain, Authority::pure},
    {"unicode", "characters_to_binary", 2, unicode_characters_to_binary_2, BifKind::plain, Authority::pure},
    {"unicode", "characters_to_list", 2, unicode_characters_to_list_2, BifKind::plain, Authority::pure},
};

}  // namespace
const BifTable unicode_bifs = rows;

}  // namespace hanse
