// Encoding of atoms, and of what names processes, ports, references and functions.
#include "term/external_encoder.h"
#include "term/external_tags.h"

#include "term/atom.h"
#include "term/identifiers.h"
#include "term/magic_references.h"
#include "term/reference.h"

namespace hanse {

namespace tag = external_tag;

// Up to minor version 1 atoms of Latin-1 characters are written in the old way, always with a length of two bytes.
void ExternalEncoder::put_atom(Term atom) {
  std::string_view name = atom_name(atom);
  if (options_.minor_version < 2 && atom_is_latin1(atom)) {
    size_t length = atom_length(atom);
    uint8_t* to = out_.append(3 + length);
    to[0] = tag::atom_latin1;
    store_be16(to + 1, static_cast<uint16_t>(length));
    to += 3;
    for (size_t i = 0; i < name.size(); i++) {
      auto byte = static_cast<uint8_t>(name[i]);
      if (byte >= 0x80) byte = static_cast<uint8_t>((byte << 6) | (name[++i] & 0x3f));
      *to++ = byte;
    }
    return;
  }
  if (name.size() <= 255) {
    out_.put8(tag::small_atom_utf8);
    out_.put8(static_cast<uint8_t>(name.size()));
  } else {
    out_.put8(tag::atom_utf8);
    out_.put16(static_cast<uint16_t>(name.size()));
  }
  out_.put(name.data(), name.size());
}

void ExternalEncoder::put_pid(Term node, uint32_t creation, uint32_t id, uint32_t serial) {
  out_.put8(tag::new_pid);
  put_atom(node);
  out_.put32(id);
  out_.put32(serial);
  out_.put32(creation);
}

void ExternalEncoder::put_port(Term node, uint32_t creation, uint64_t number) {
  bool is_small = number >> 28 == 0;
  out_.put8(is_small ? tag::new_port : tag::v4_port);
  put_atom(node);
  if (is_small)
    out_.put32(static_cast<uint32_t>(number));
  else
    out_.put64(number);
  out_.put32(creation);
}

void ExternalEncoder::put_reference(Term node, uint32_t creation, const uint32_t* words, size_t count) {
  out_.put8(tag::newer_reference);
  out_.put16(static_cast<uint16_t>(count));
  put_atom(node);
  out_.put32(creation);
  for (size_t i = 0; i < count; i++) out_.put32(words[i]);
}

// A reference from which its process can be found carries the pid in two more words, so that it can when it comes back.
void ExternalEncoder::put_local_reference(Term term) {
  if (term.is_boxed_kind(Boxed::magic_reference)) list_magic_reference(term);
  ReferenceNumber number = reference_number(term);
  ThisNode self = this_node();
  uint32_t words[reference_max_words] = {static_cast<uint32_t>(number.number01), static_cast<uint32_t>(number.number01 >> 32),
                                         static_cast<uint32_t>(number.number2)};
  size_t count = 3;
  if (term.is_boxed_kind(Boxed::reference) && term.as<Reference>()->has_pid()) {
    words[3] = static_cast<uint32_t>(term.as<Reference>()->pid_number);
    words[4] = static_cast<uint32_t>(term.as<Reference>()->pid_number >> 32);
    count = 5;
  }
  put_reference(self.name, self.creation, words, count);
}

void ExternalEncoder::put_export(Term term) {
  Export* target = term.as<ExportFun>()->target;
  out_.put8(tag::export_fun);
  put_atom(target->module);
  put_atom(target->function);
  put_small(target->arity);
}

void ExternalEncoder::put_fun(Term term) {
  Fun* fun = as_fun(term);
  FunEntry* entry = fun->entry;
  out_.put8(tag::new_fun);
  open_funs_.push_back({out_.size(), out_.position()});
  stack_.push({0, 0, Step::fun_size});
  out_.put32(0);  // patched when the environment has been written
  out_.put8(static_cast<uint8_t>(entry->arity));
  out_.put(entry->md5, sizeof(entry->md5));
  out_.put32(entry->index);
  out_.put32(static_cast<uint32_t>(fun->free_count()));
  put_atom(entry->module);
  for (int32_t number : {static_cast<int32_t>(entry->index), static_cast<int32_t>(entry->old_unique)}) {
    put_small(number);
    if (number >= 0 && number <= 255) overestimate_ += 3;
  }
  put_term(fun->creator);
  push(fun->environment, fun->free_count());
}

}  // namespace hanse
