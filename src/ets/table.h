// One ETS table: its settings, its objects, and the locks. Any thread. A table lives in a magic reference (its identifier);
// after deletion an empty husk stays while somebody still holds the identifier.
//
// Locks. A hash table consists of independent parts, each with its own reader/writer lock: one part usually, many with
// read_concurrency or write_concurrency. Operations on one key lock its part, operations on several keys lock all parts.
// An ordered_set is a DividedTree. No lock is held while guest code runs. Whoever finds a table empty checks alive() afterwards.
//
// Fixation. While a table is fixed (safe_fixtable) a removed object of a hash table stays linked, marked as deleted, so
// that next/2 finds its way from its key; buckets neither split nor merge. A pin only keeps buckets from splitting and
// merging: for traversals of our own that yield.
#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "ets/divided_tree.h"
#include "ets/hash_part.h"
#include "process/machine.h"
#include "term/atom.h"
#include "term/reference.h"

namespace hanse {

enum class TableType : uint8_t { set, bag, duplicate_bag, ordered_set };
enum class Protection : uint8_t { public_, protected_, private_ };
// fixed_parts: OTP's tests say how many parts a hash table has.
enum class Concurrency : uint8_t { off, on, automatic, fixed_parts };

struct TableOptions {
  TableType type = TableType::set;
  Protection protection = Protection::protected_;
  size_t key_position = 1;
  bool named = false;
  bool compressed = false;
  bool read_concurrency = false;
  Concurrency write_concurrency = Concurrency::off;
  size_t fixed_parts = 0;  // a power of two
  bool decentralized_counters = false;
};

// Everything a table holds, taken out of it to be freed bit by bit.
struct TableContents {
  std::vector<HashPart> parts;
  std::vector<OrderedTree> trees;
  // Frees up to `budget` objects; true when nothing is left.
  bool destroy_some(size_t& budget);
};

// What one process has fixed.
struct Fixation {
  Term pid;
  size_t count;
};

class Table {
 public:
  Table(Machine& machine, Term name, Term owner, const TableOptions& options);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  Machine& machine;
  const ReferenceNumber number;
  OffHeapBinary* handle = nullptr;  // the magic binary this lives in; not counted
  const TableType type;
  const size_t key_position;
  const bool compressed, read_concurrency, decentralized_counters;
  const Concurrency write_concurrency;
  bool named;
  // Written under the registry's lock, read by anybody.
  std::atomic<Term> name;
  std::atomic<Term> owner;
  std::atomic<Protection> protection;
  // The heir and {Data} for it; under the registry's lock.
  std::atomic<Term> heir{am::none};
  Object* heir_data = nullptr;

  bool is_ordered() const { return type == TableType::ordered_set; }
  bool alive() const { return alive_.load(std::memory_order_acquire); }
  // Deletes it, once. The husk that its identifiers keep is memory of the system, no longer of tables.
  void kill();
  // The identifier: what guests hold. As `id` or the name of a named table.
  Term identifier(Arena& arena) const;

  // --- one key ---
  // visit(Object&) for every object with the key, in the order that lookup shows: false if there is none.
  template <class Visit>
  bool visit_key(Term key, Visit visit);
  bool contains(Term key);
  // Takes over the object (its hash is set here). Returns whether it was inserted (not: only_new and the key exists).
  void insert(Object* object);
  bool insert_new(Object* object);
  // All or nothing with respect to other processes. insert_all_new: false if one of the keys exists; then the objects are
  // freed.
  void insert_all(std::vector<Object*>& objects);
  bool insert_all_new(std::vector<Object*>& objects);
  // visit(Object&) first, for take/2.
  template <class Visit>
  void erase(Term key, Visit visit);
  void erase(Term key) {
    erase(key, [](Object&) {});
  }
  // All objects that equal the tuple.
  void erase_object(Term tuple);
  // For set and ordered_set: change(Object*) gets the object with the key or nullptr and returns a new one for its place (or
  // to be inserted), or nullptr to leave things as they are. Under an exclusive lock.
  template <class Change>
  void update(Term key, Change change);

  // --- all keys ---
  size_t size() const;
  size_t memory_words() const;
  // Takes out what the table holds. While it is fixed objects are only marked as deleted, and nothing is returned.
  TableContents detach_contents(bool even_if_fixed);

  // --- fixation ---
  bool fixed() const { return fixation_count_.load(std::memory_order_seq_cst) > 0; }
  // True: the process has fixed the table for the first time, or released it for the last time.
  bool fix(Term pid);
  bool unfix(Term pid);
  void unfix_all(Term pid);
  // A copy of the list, and when the table was fixed first (erlang:monotonic_time).
  std::vector<Fixation> fixations(int64_t& since_ns);
  void pin() { pins_.fetch_add(1, std::memory_order_seq_cst); }
  void unpin() { pins_.fetch_sub(1, std::memory_order_seq_cst); }

  // --- traversal, see scan.h ---
  static constexpr size_t maximum_parts = 32768;
  size_t part_count() const { return part_count_; }
  // One independently locked piece of a hash table.
  struct alignas(64) Part : Counters {
    RwLock lock;
    HashPart objects;
  };
  Part& part(size_t index) { return parts_[index]; }
  size_t part_index(uint64_t hash) const { return (hash >> 40) & (part_count_ - 1); }
  Part& part_of(uint64_t hash) { return parts_[part_index(hash)]; }
  uint64_t hash_of(Term key) const;
  using Piece = DividedTree::Piece;
  DividedTree& tree() { return tree_; }
  const DividedTree& tree() const { return tree_; }
  // Under the part's exclusive lock: removes the object that the link points at, or marks it.
  // The link moves on to the next object. True if the object is gone: the caller destroys it.
  Object* erase_at(Part& part, Object**& at);
  void replace_at(Part& part, Object** at, Object* object);
  void resize_after_removal(Part& part);
  void fit_after_removals(Part& part);
  // Under the piece's exclusive lock.
  void erase_from_tree(Piece& piece, Term key);
  void replace_in_tree(Piece& piece, Object** at, Object* object);

 private:
  int64_t base_bytes() const;
  void insert_locked(Part& part, Object* object);
  void insert_into_tree(Piece& piece, Object* object);
  bool may_resize() const { return !fixed() && pins_.load(std::memory_order_seq_cst) == 0; }
  void purge_deleted();
  bool key_exists(Part& part, const Object* object);

  std::atomic<bool> alive_{true};
  size_t part_count_ = 0;
  std::unique_ptr<Part[]> parts_;  // none in an ordered_set
  DividedTree tree_;
  std::atomic<size_t> fixation_count_{0};  // of processes; written under fixation_mutex_
  std::atomic<size_t> pins_{0};
  Mutex<LockRank::machine> fixation_mutex_;
  std::vector<Fixation> fixations_ GUARDED_BY(fixation_mutex_);
  int64_t fixed_since_ns_ GUARDED_BY(fixation_mutex_) = 0;
};

template <class Visit>
bool Table::visit_key(Term key, Visit visit) {
  if (is_ordered()) {
    DividedTree::Locked piece = tree_.lock(key, LockMode::shared);
    Object* object = piece->tree.find(key);
    if (object == nullptr) return false;
    visit(*object);
    return true;
  }
  uint64_t hash = hash_of(key);
  Part& part = part_of(hash);
  SharedLock lock(part.lock);
  Object** at = part.objects.find(key, hash, key_position);
  if (at == nullptr) return false;
  bool found = false;
  for (Object* object = *at; object != nullptr; object = object->next) {
    if (object != *at && !part.objects.same_key(object, key, hash, key_position)) break;
    if (object->deleted) continue;
    found = true;
    visit(*object);
    if (type == TableType::set) break;
  }
  return found;
}

template <class Visit>
void Table::erase(Term key, Visit visit) {
  if (is_ordered()) {
    DividedTree::Locked piece = tree_.lock(key, LockMode::exclusive);
    if (Object* object = piece->tree.find(key)) {
      visit(*object);
      erase_from_tree(*piece, key);
    }
    return;
  }
  uint64_t hash = hash_of(key);
  Part& part = part_of(hash);
  Object* garbage = nullptr;
  {
    ExclusiveLock lock(part.lock);
    Object** at = part.objects.find(key, hash, key_position);
    if (at == nullptr) return;
    // The key may be part of the first object: it stays alive until all have been compared.
    while (*at != nullptr && part.objects.same_key(*at, key, hash, key_position)) {
      if (!(*at)->deleted) visit(**at);
      if (Object* gone = erase_at(part, at)) {
        gone->next = garbage;
        garbage = gone;
      }
    }
    resize_after_removal(part);
  }
  while (garbage != nullptr) Object::destroy(std::exchange(garbage, garbage->next));
}

template <class Change>
void Table::update(Term key, Change change) {
  if (is_ordered()) {
    DividedTree::Locked piece = tree_.lock(key, LockMode::exclusive);
    Object** at = piece->tree.find_link(key);
    Object* fresh = change(at == nullptr ? nullptr : *at);
    if (fresh == nullptr) return;
    if (at != nullptr) replace_in_tree(*piece, at, fresh);
    else insert_into_tree(*piece, fresh);
    return;
  }
  uint64_t hash = hash_of(key);
  Part& part = part_of(hash);
  ExclusiveLock lock(part.lock);
  Object** at = part.objects.find(key, hash, key_position);
  bool found = at != nullptr && !(*at)->deleted;
  Object* fresh = change(found ? *at : nullptr);
  if (fresh == nullptr) return;
  fresh->hash = hash;
  if (found) replace_at(part, at, fresh);
  else insert_locked(part, fresh);
}

// Locks parts of a hash table for writing, from the first to the last: no deadlock.
class PartsLock {
 public:
  explicit PartsLock(Table& table);  // all
  // Those that the objects, whose hashes are known, belong to.
  PartsLock(Table& table, const std::vector<Object*>& objects);
  ~PartsLock();
  PartsLock(const PartsLock&) = delete;
  PartsLock& operator=(const PartsLock&) = delete;

 private:
  template <class Visit>
  void for_each(Visit visit);
  Table& table_;
  uint64_t locked_[Table::maximum_parts / 64];  // a bit for each part; only the first words are in use
};

}  // namespace hanse
