#include "term/build.h"

#include "term/magic_references.h"
#include "term/reference.h"

namespace hanse {

void OffHeapList::release_all() {
  for (OffHeapObject* object = first; object != nullptr;) {
    OffHeapObject* next = object->next;
    object->value->release();
    object = next;
  }
  first = nullptr;
  bytes = 0;
}

Term make_big_integer(Arena& arena, bool negative, uint64_t magnitude) {
  auto* big = reinterpret_cast<Big*>(arena.allocate(2));
  big->header = make_header(negative ? Boxed::negative_big : Boxed::positive_big, 1);
  big->limbs[0] = magnitude;
  return Term::boxed(big);
}

NewBinary allocate_binary(Arena& arena, size_t size) {
  if (size <= heap_binary_limit) {
    size_t data_words = (size + 7) / 8;
    auto* binary = reinterpret_cast<HeapBinary*>(arena.allocate(2 + data_words));
    binary->header = make_header(Boxed::heap_binary, 1 + data_words);
    binary->byte_size = size;
    if (data_words > 0) reinterpret_cast<Word*>(binary->data)[data_words - 1] = 0;
    return {Term::boxed(binary), binary->data};
  }
  OffHeapBinary* value = OffHeapBinary::create(size);
  if (value == nullptr) return {Term::none(), nullptr};
  return {make_refc_binary(arena, value, size), value->data};
}

Term make_binary(Arena& arena, std::span<const uint8_t> bytes) {
  NewBinary binary = allocate_binary(arena, bytes.size());
  CHECK(!binary.term.is_none());
  if (!bytes.empty()) std::memcpy(binary.bytes, bytes.data(), bytes.size());
  return binary.term;
}

Term make_refc_binary(Arena& arena, OffHeapBinary* value, size_t byte_size) {
  auto* binary = reinterpret_cast<RefcBinary*>(arena.allocate(sizeof(RefcBinary) / sizeof(Word)));
  binary->header = make_header(Boxed::refc_binary, sizeof(RefcBinary) / sizeof(Word) - 1);
  binary->value = value;
  binary->byte_size = byte_size;
  binary->flags = 0;
  arena.off_heap.push(reinterpret_cast<OffHeapObject*>(binary));
  return Term::boxed(binary);
}

Term make_magic_reference(Arena& arena, OffHeapBinary* value) { return make_magic_reference(arena, value, next_reference_number()); }

Term make_magic_reference(Arena& arena, OffHeapBinary* value, ReferenceNumber number) {
  auto* reference = reinterpret_cast<MagicReference*>(arena.allocate(sizeof(MagicReference) / sizeof(Word)));
  reference->off_heap.header = make_header(Boxed::magic_reference, sizeof(MagicReference) / sizeof(Word) - 1);
  reference->off_heap.value = value;
  reference->number01 = number.number01;
  reference->number2 = number.number2;
  arena.off_heap.push(&reference->off_heap);
  return Term::boxed(reference);
}

Term make_sub_binary(Arena& arena, Term source, size_t bit_offset, size_t bit_size) {
  if (source.is_boxed_kind(Boxed::sub_binary)) {
    auto* part = source.as<SubBinary>();
    bit_offset += part->bit_offset;
    source = part->original;
  }
  auto* part = reinterpret_cast<SubBinary*>(arena.allocate(sizeof(SubBinary) / sizeof(Word)));
  part->header = make_header(Boxed::sub_binary, sizeof(SubBinary) / sizeof(Word) - 1);
  part->bit_size = bit_size;
  part->bit_offset = bit_offset;
  part->flags = 0;
  part->original = source;
  return Term::boxed(part);
}

Term make_string(Arena& arena, std::string_view text, Term tail) {
  for (size_t i = text.size(); i-- > 0;) tail = make_cons(arena, Term::small(static_cast<uint8_t>(text[i])), tail);
  return tail;
}

}  // namespace hanse
