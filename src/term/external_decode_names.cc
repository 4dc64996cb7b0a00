// Decoding of atoms, and of what names processes, ports, references and functions.
#include "term/external_decoder.h"
#include "term/external_tags.h"

#include "term/atom.h"
#include "term/build.h"
#include "term/identifiers.h"
#include "term/magic_references.h"
#include "term/text.h"

namespace hanse {

namespace tag = external_tag;

// Bytes of Latin-1 as UTF-8; at most atom_max_characters of them.
static std::string_view utf8_of_latin1(std::string_view latin1, char* buffer) {
  char* out = buffer;
  for (char character : latin1) {
    auto byte = static_cast<uint8_t>(character);
    if (byte < 0x80) {
      *out++ = character;
    } else {
      *out++ = static_cast<char>(0xc0 | (byte >> 6));
      *out++ = static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return {buffer, static_cast<size_t>(out - buffer)};
}

bool ExternalDecoder::decode_atom(uint8_t kind, Term* destination) {
  if (kind == tag::atom_cache_ref) {
    if (!need(1)) return false;
    *destination = environment_.cached_atom(take8());
    return !destination->is_none() || fail("an atom of the cache");
  }
  bool is_short = kind == tag::small_atom_utf8 || kind == tag::small_atom_latin1;
  if (!need(is_short ? 1 : 2)) return false;
  size_t length = is_short ? take8() : take16();
  if (!need(length)) return false;
  std::string_view name(reinterpret_cast<const char*>(next_), length);
  char buffer[atom_max_characters * 2];
  if (kind == tag::atom_latin1 || kind == tag::small_atom_latin1) {
    if (length > atom_max_characters) return fail("an atom of at most 255 characters");
    name = utf8_of_latin1(name, buffer);
  } else {
    if (!is_valid_utf8(name)) return fail("an atom in UTF-8");
    if (length > atom_max_characters && utf8_length(name) > atom_max_characters)
      return fail("an atom of at most 255 characters");
  }
  Term atom = environment_.atom(name);
  if (atom.is_none())
    return atom_count() >= atom_limit() ? fail_system_limit("room in the atom table") : fail("an existing atom");
  next_ += length;
  *destination = atom;
  return true;
}

bool ExternalDecoder::read_atom(Term* atom) {
  if (!need(1)) return false;
  uint8_t kind = take8();
  switch (kind) {
    case tag::small_atom_utf8: case tag::atom_utf8: case tag::atom_latin1: case tag::small_atom_latin1:
    case tag::atom_cache_ref: return decode_atom(kind, atom);
    default: return fail("an atom");
  }
}

bool ExternalDecoder::read_number(int64_t* number) {
  if (!need(2)) return false;
  uint8_t kind = take8();
  if (kind == tag::small_integer) {
    *number = take8();
    return true;
  }
  if (kind == tag::integer) {
    if (!need(4)) return false;
    *number = static_cast<int32_t>(take32());
    return true;
  }
  // Old releases wrote 32-bit hashes as big integers.
  if (kind != tag::small_big || !need(6) || next_[0] != 4) return fail("an integer of 32 bits");
  uint32_t magnitude = static_cast<uint32_t>(next_[2]) | static_cast<uint32_t>(next_[3]) << 8 |
                       static_cast<uint32_t>(next_[4]) << 16 | static_cast<uint32_t>(next_[5]) << 24;
  *number = next_[1] != 0 ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
  next_ += 6;
  return true;
}

// The forms with a creation of one byte know four of them.
static bool is_possible_creation(uint32_t creation, bool is_wide) { return is_wide || creation <= 3; }

bool ExternalDecoder::accept_local(Term identifier) { return environment_.accepts_local(identifier) || fail("an identifier of one's own"); }

bool ExternalDecoder::accept_foreign() { return environment_.accepts_foreign() || fail("no identifier of another node"); }

// Only V4 peers use all 32 bits; PID_EXT and the other old forms have a creation of one byte.
bool ExternalDecoder::decode_pid(uint8_t kind, Term* destination) {
  Term node;
  bool is_new = kind == tag::new_pid;
  if (!read_atom(&node) || !need(is_new ? 12 : 9)) return false;
  uint32_t id = take32(), serial = take32(), creation = is_new ? take32() : take8();
  if (!is_possible_creation(creation, is_new)) return fail("a creation from 0 to 3");
  *destination = make_pid(arena_, node, creation, id, serial);
  if (destination->is_none()) return fail("a possible pid of this node");
  if (destination->is_local_pid()) return accept_local(*destination);
  return accept_foreign();
}

bool ExternalDecoder::decode_port(uint8_t kind, Term* destination) {
  Term node;
  if (!read_atom(&node) || !need(kind == tag::v4_port ? 12 : kind == tag::new_port ? 8 : 5)) return false;
  uint64_t number = kind == tag::v4_port ? take64() : take32();
  uint32_t creation = kind == tag::port ? take8() : take32();
  if (kind != tag::v4_port && number >> 28 != 0) return fail("a port number of 28 bits");
  if (!is_possible_creation(creation, kind != tag::port)) return fail("a creation from 0 to 3");
  *destination = make_port(arena_, node, creation, number);
  if (destination->is_none()) return fail("a possible port of this node");
  if (destination->is_local_port()) return accept_local(*destination);
  return accept_foreign();
}

bool ExternalDecoder::decode_reference(uint8_t kind, Term* destination) {
  size_t count = 1;
  if (kind != tag::reference) {
    if (!need(2)) return false;
    count = take16();
    if (count > reference_max_words) return fail("a reference of at most five words");
  }
  Term node;
  uint32_t words[reference_max_words] = {}, creation;
  if (!read_atom(&node)) return false;
  if (!need(count * 4 + (kind == tag::newer_reference ? 4 : 1))) return false;
  if (kind == tag::reference) {  // the creation comes last
    words[0] = take32();
    creation = take8();
  } else {
    creation = kind == tag::newer_reference ? take32() : take8();
    for (size_t i = 0; i < count; i++) words[i] = take32();
  }
  if (kind != tag::newer_reference && words[0] >> 18 != 0) return fail("18 bits in the first word of a reference");
  if (!is_possible_creation(creation, kind == tag::newer_reference)) return fail("a creation from 0 to 3");
  *destination = make_reference_of_node(arena_, node, creation, {words, count});
  if (destination->is_none()) return fail("a possible reference of this node");
  if (!destination->is_internal_reference()) return accept_foreign();
  if (destination->is_boxed_kind(Boxed::reference) && !destination->as<Reference>()->has_pid() && environment_.revives_objects()) {
    ReferenceNumber number = reference_number(*destination);
    if (OffHeapBinary* object = find_magic_reference(number)) *destination = make_magic_reference(arena_, object, number);
  }
  return accept_local(*destination);
}

bool ExternalDecoder::decode_export(Term* destination) {
  Term module, function;
  int64_t arity;
  if (!read_atom(&module) || !read_atom(&function) || !read_number(&arity)) return false;
  if (arity < 0 || arity > INT32_MAX) return fail("an arity");
  Export* target = environment_.export_for(module, function, static_cast<uint32_t>(arity));
  if (target == nullptr) return fail("a known function");
  *destination = make_export_fun(arena_, target);
  return true;
}

bool ExternalDecoder::begin_fun(Term* destination) {
  if (!need(4 + 1 + 16 + 4 + 4)) return false;
  take32();  // the size, for readers that skip
  uint32_t arity = take8();
  const uint8_t* md5 = next_;
  next_ += 16;
  uint32_t index = take32(), free_count = take32();
  Term module, creator;
  int64_t old_index, old_unique;
  if (!read_atom(&module) || !read_number(&old_index) || !read_number(&old_unique) || !need(1)) return false;
  uint8_t kind = take8();
  if (kind != tag::new_pid && kind != tag::pid) return fail("the pid of a fun");
  if (!decode_pid(kind, &creator) || !owe(free_count)) return false;
  FunEntry* entry = environment_.fun_entry(module, index, static_cast<uint32_t>(old_unique), md5, arity, free_count);
  // A body that expects another number of free variables must never see this one's.
  if (free_count > 255) return fail("a fun with at most 255 free variables");
  if (entry == nullptr || entry->arity != arity || entry->free_count != free_count) return fail("a fun as its module has it");
  auto* fun = reinterpret_cast<Fun*>(arena_.allocate(size_t{free_count} + 3));
  fun->header = make_header(Boxed::fun, size_t{free_count} + 2);
  fun->entry = entry;
  fun->creator = creator;
  *destination = Term::boxed(fun);
  if (free_count > 0) stack_.push({fun->environment, free_count, Step::fill, 0});
  return true;
}

}  // namespace hanse
