#include "dist/frame_header.h"

#include "term/atom.h"
#include "term/external_tags.h"
#include "term/text.h"

namespace hanse::dist {

// Reference k is described by four bits, the low half of a byte first: bit 3 says that its text follows, bits 0 to 2 are the
// segment. The four bits after the last reference say in bit 0 whether lengths have two bytes.
void SendCache::append_references(std::string& out, const std::vector<Term>& atoms) {
  out.push_back(static_cast<char>(atoms.size()));
  if (atoms.empty()) return;
  size_t flags_at = out.size(), flag_bytes = atoms.size() / 2 + 1;
  out.append(flag_bytes, '\0');
  auto add_flags = [&](size_t index, size_t bits) {
    char& byte = out[flags_at + index / 2];
    byte = static_cast<char>(static_cast<uint8_t>(byte) | (bits << (index % 2 * 4)));
  };
  bool long_atoms = false;
  for (Term atom : atoms)
    if (known_[cache_place(atom)] != atom && atom_name(atom).size() > 255) long_atoms = true;
  if (long_atoms) add_flags(atoms.size(), 1);
  for (size_t i = 0; i < atoms.size(); i++) {
    size_t place = cache_place(atoms[i]);
    bool is_new = known_[place] != atoms[i];
    add_flags(i, (place >> 8) | (is_new ? 8u : 0u));
    out.push_back(static_cast<char>(place & 255));
    if (!is_new) continue;
    known_[place] = atoms[i];
    std::string_view name = atom_name(atoms[i]);
    if (long_atoms) out.push_back(static_cast<char>(name.size() >> 8));
    out.push_back(static_cast<char>(name.size() & 255));
    out.append(name);
  }
}

size_t ReceiveCache::read_references(Bytes bytes, std::vector<Term>& atoms, DecodeEnvironment& environment,
                                     const char*& error) {
  auto fail = [&](const char* what) {
    error = what;
    return size_t{0};
  };
  if (bytes.empty()) return fail("the number of atoms");
  size_t count = bytes[0], at = 1;
  if (count == 0) return 1;
  size_t flag_bytes = count / 2 + 1;
  if (bytes.size() < at + flag_bytes) return fail("flags of the atoms");
  Bytes flags = bytes.subspan(at, flag_bytes);
  auto bits_of = [&](size_t index) { return (flags[index / 2] >> (index % 2 * 4)) & 15u; };
  bool long_atoms = (bits_of(count) & 1) != 0;
  at += flag_bytes;
  atoms.reserve(count);
  for (size_t i = 0; i < count; i++) {
    if (at >= bytes.size()) return fail("the index of an atom");
    unsigned bits = bits_of(i);
    Term& entry = known_[(bits & 7) << 8 | bytes[at++]];
    if ((bits & 8) != 0) {
      if (bytes.size() < at + (long_atoms ? 2 : 1)) return fail("the length of an atom");
      size_t length = long_atoms ? load_be16(bytes.data() + at) : bytes[at];
      at += long_atoms ? 2 : 1;
      if (bytes.size() - at < length) return fail("the text of an atom");
      std::string_view name(reinterpret_cast<const char*>(bytes.data() + at), length);
      if (!is_valid_utf8(name) || utf8_length(name) > atom_max_characters) return fail("an atom of at most 255 characters");
      entry = environment.atom(name);
      if (entry.is_none()) return fail("room for another atom");
      at += length;
    }
    if (entry.is_none()) return fail("an atom that was sent before");
    atoms.push_back(entry);
  }
  return at;
}

FrameStart read_frame_start(Bytes frame) {
  FrameStart start;
  if (frame.size() < 2 || frame[0] != external_tag::version) return start;
  if (frame[1] == normal_header) {
    start.kind = FrameStart::Kind::whole;
    start.size = 2;
    return start;
  }
  if ((frame[1] != first_fragment && frame[1] != later_fragment) || frame.size() < 18) return start;
  start.sequence = load_be64(frame.data() + 2);
  start.fragment = load_be64(frame.data() + 10);
  start.size = 18;
  if (start.fragment == 0) return start;
  start.kind = frame[1] == first_fragment ? FrameStart::Kind::first_fragment : FrameStart::Kind::later_fragment;
  return start;
}

}  // namespace hanse::dist
