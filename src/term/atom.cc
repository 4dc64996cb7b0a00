#include "term/atom.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <shared_mutex>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"
#include "term/budget.h"

namespace hanse {

namespace {

struct Atom {
  std::string_view name;
  uint32_t order_key;
  uint32_t hash;
  uint16_t length;
  bool latin1;
};

// Atoms live in chunks that never move: readers index them without a lock. A writer publishes a chunk and then the index.
constexpr size_t chunk_bits = 10, chunk_size = 1 << chunk_bits, max_chunks = 1 << 17;

uint32_t elf_hash(std::string_view name) {
  uint32_t hash = 0;
  for (size_t i = 0; i < name.size(); i++) {
    auto byte = static_cast<uint8_t>(name[i]);
    // Two-byte sequences below U+0100 count as one Latin-1 character, so that the hash is that of older releases.
    if ((byte & 0xfe) == 0xc2 && i + 1 < name.size() && (name[i + 1] & 0xc0) == 0x80)
      byte = static_cast<uint8_t>((byte << 6) | (name[++i] & 0x3f));
    hash = (hash << 4) + byte;
    if (uint32_t high = hash & 0xf0000000; high != 0) {
      hash ^= high >> 24;
      hash ^= high;
    }
  }
  return hash;
}

Atom describe(std::string_view name) {
  Atom atom{name, 0, elf_hash(name), 0, true};
  unsigned char first[4] = {0, 0, 0, 0};
  std::memcpy(first, name.data(), name.size() < 4 ? name.size() : 4);
  atom.order_key = static_cast<uint32_t>(first[0]) << 24 | first[1] << 16 | first[2] << 8 | first[3];
  for (char c : name) {
    auto byte = static_cast<uint8_t>(c);
    if ((byte & 0xc0) != 0x80) atom.length++;
    if (byte > 0xc3) atom.latin1 = false;
  }
  return atom;
}

// Atoms by name: places in the atom table beside 32 bits of the name's hash, in a table with open addressing. Atoms never go. Under the
// atom table's lock.
class NameIndex {
 public:
  // The atom of which is_it(atom) holds, or `absent`.
  template <class IsIt>
  uint32_t find(uint32_t hash, IsIt is_it) const {
    for (size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.after == 0) return absent;
      if (slot.hash == hash && is_it(slot.after - 1)) return slot.after - 1;
    }
  }
  void insert(uint32_t hash, uint32_t atom) {
    if (++count_ * 2 > mask_) grow();
    place({hash, atom + 1});
  }
  static constexpr uint32_t absent = ~uint32_t{0};

 private:
  struct Slot {
    uint32_t hash = 0;
    uint32_t after = 0;  // the atom's number + 1; 0: free
  };
  void place(Slot slot) {
    size_t i = slot.hash & mask_;
    while (slots_[i].after != 0) i = (i + 1) & mask_;
    slots_[i] = slot;
  }
  void grow() {
    std::vector<Slot> old = std::move(slots_);
    mask_ = mask_ * 2 + 1;
    slots_ = std::vector<Slot>(mask_ + 1);
    for (Slot slot : old)
      if (slot.after != 0) place(slot);
  }
  size_t mask_ = (1 << 15) - 1;  // a boot makes some ten thousand
  std::vector<Slot> slots_ = std::vector<Slot>(mask_ + 1);
  size_t count_ = 0;
};

class AtomTable {
 public:
  AtomTable() {
    CHECK(chunks_ != nullptr);
#define ATOM(identifier, text) add(name_hash(text), text);
#include "term/atoms.def"
#undef ATOM
  }

  Term intern(std::string_view name) {
    uint32_t hash = name_hash(name);
    {
      std::shared_lock lock(mutex_);
      if (uint32_t found = locate(hash, name); found != NameIndex::absent) return Term::atom(found);
    }
    if (thread_budget != nullptr && !thread_budget->admits_atom()) return Term::none();
    std::unique_lock lock(mutex_);
    if (uint32_t found = locate(hash, name); found != NameIndex::absent) return Term::atom(found);
    if (count_.load(std::memory_order_relaxed) >= limit_) return Term::none();
    return Term::atom(add(hash, name));
  }
  std::optional<Term> find(std::string_view name) {
    std::shared_lock lock(mutex_);
    uint32_t found = locate(name_hash(name), name);
    if (found == NameIndex::absent) return std::nullopt;
    return Term::atom(found);
  }
  const Atom& at(uint32_t index) const {
    return chunks_[index >> chunk_bits].load(std::memory_order_acquire)[index & (chunk_size - 1)];
  }
  size_t count() const { return count_.load(std::memory_order_relaxed); }
  size_t limit() const { return limit_; }
  void set_limit(size_t limit) { limit_ = limit < max_chunks * chunk_size ? limit : max_chunks * chunk_size; }
  size_t bytes() const { return name_bytes_ + count() * sizeof(Atom); }

 private:
  static uint32_t name_hash(std::string_view name) { return static_cast<uint32_t>(std::hash<std::string_view>()(name)); }
  uint32_t locate(uint32_t hash, std::string_view name) const {
    return index_.find(hash, [&](uint32_t atom) { return at(atom).name == name; });
  }
  uint32_t add(uint32_t hash, std::string_view name) {
    auto index = static_cast<uint32_t>(count_.load(std::memory_order_relaxed));
    if ((index & (chunk_size - 1)) == 0)
      chunks_[index >> chunk_bits].store(static_cast<Atom*>(std::calloc(chunk_size, sizeof(Atom))),
                                         std::memory_order_release);
    char* copy = text_room(name.size());
    std::memcpy(copy, name.data(), name.size());
    std::string_view kept(copy, name.size());
    chunks_[index >> chunk_bits].load(std::memory_order_relaxed)[index & (chunk_size - 1)] = describe(kept);
    index_.insert(hash, index);
    count_.store(index + 1, std::memory_order_release);
    return index;
  }
  // Names are packed into blocks that are never freed.
  char* text_room(size_t size) {
    if (text_left_ < size) {
      text_left_ = 1 << 16;
      text_next_ = static_cast<char*>(std::malloc(text_left_));
    }
    char* room = text_next_;
    text_next_ += size;
    text_left_ -= size;
    name_bytes_ += size;
    return room;
  }

  std::shared_mutex mutex_;
  NameIndex index_;
  // Of max_chunks; the system clears the pages that are used.
  std::atomic<Atom*>* const chunks_ = static_cast<std::atomic<Atom*>*>(std::calloc(max_chunks, sizeof(std::atomic<Atom*>)));
  std::atomic<size_t> count_{0};
  size_t limit_ = 1048576;
  size_t name_bytes_ = 0;
  char* text_next_ = nullptr;
  size_t text_left_ = 0;
};

AtomTable& table() {
  static AtomTable& instance = *new AtomTable;  // never destroyed: other threads may still read names at exit
  return instance;
}

}  // namespace

Term make_atom(std::string_view utf8) { return table().intern(utf8); }
std::optional<Term> existing_atom(std::string_view utf8) { return table().find(utf8); }
std::string_view atom_name(Term atom) { return table().at(atom.atom_index()).name; }
size_t atom_length(Term atom) { return table().at(atom.atom_index()).length; }
bool atom_is_latin1(Term atom) { return table().at(atom.atom_index()).latin1; }
uint32_t atom_order_key(Term atom) { return table().at(atom.atom_index()).order_key; }
uint32_t atom_hash(Term atom) { return table().at(atom.atom_index()).hash; }
size_t atom_count() { return table().count(); }
size_t atom_limit() { return table().limit(); }
void set_atom_limit(size_t limit) { table().set_limit(limit); }
size_t atom_table_bytes() { return table().bytes(); }

}  // namespace hanse
