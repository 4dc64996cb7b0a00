#include "term/identifiers.h"

#include "term/reference.h"

namespace hanse {

bool is_this_node(Term name, uint32_t creation) {
  ThisNode self = this_node();
  return name == self.name && creation == self.creation;
}

// Identifiers of other nodes: the object, all but what is its own.
template <class T>
static T* allocate_external(Arena& arena, Boxed kind, Term node, uint32_t creation) {
  static_assert(sizeof(T) % sizeof(Word) == 0);
  auto* external = reinterpret_cast<T*>(arena.allocate(sizeof(T) / sizeof(Word)));
  external->off_heap.header = make_header(kind, sizeof(T) / sizeof(Word) - 1);
  external->off_heap.value = retain_node_entry(node, creation);
  arena.off_heap.push(&external->off_heap);
  return external;
}

Term make_pid(Arena& arena, Term node, uint32_t creation, uint32_t id, uint32_t serial) {
  if (is_this_node(node, creation)) {
    if (serial >= local_serial_limit) return Term::none();
    return Term::pid(id | (Word{serial} << 32));
  }
  auto* pid = allocate_external<ExternalPid>(arena, Boxed::external_pid, node, creation);
  pid->number = id | (Word{serial} << 32);
  return Term::boxed(pid);
}

Term make_port(Arena& arena, Term node, uint32_t creation, uint64_t number) {
  if (is_this_node(node, creation)) {
    if (number >> 60 != 0) return Term::none();
    return Term::port(number);
  }
  auto* port = allocate_external<ExternalPort>(arena, Boxed::external_port, node, creation);
  port->number = number;
  return Term::boxed(port);
}

static Term make_local_reference(Arena& arena, std::span<const uint32_t> words) {
  if (words.empty() || words[0] >> 18 != 0) return Term::none();
  Word second = words.size() > 1 ? words[1] : 0, third = words.size() > 2 ? words[2] : 0;
  ReferenceNumber number{words[0] | (second << 32), third};
  if (words.size() <= 3) return make_reference(arena, number);
  if (words.size() != 5 || words[4] >= local_serial_limit) return Term::none();
  return make_pid_reference(arena, number, Term::pid(words[3] | (Word{words[4]} << 32)));
}

Term make_reference_of_node(Arena& arena, Term node, uint32_t creation, std::span<const uint32_t> words) {
  DCHECK(words.size() <= reference_max_words);
  if (is_this_node(node, creation)) return make_local_reference(arena, words);
  auto* reference = allocate_external<ExternalReference>(arena, Boxed::external_reference, node, creation);
  reference->count = words.size();
  for (size_t i = 0; i < std::size(reference->ids); i++) reference->ids[i] = i < words.size() ? words[i] : 0;
  return Term::boxed(reference);
}

}  // namespace hanse
