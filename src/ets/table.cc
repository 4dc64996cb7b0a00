#include "ets/table.h"

#include <algorithm>
#include <bit>

#include "process/erlang_clock.h"
#include "process/guest.h"
#include "term/hash.h"

namespace hanse {

static size_t parts_for(const TableOptions& options) {
  if (options.type == TableType::ordered_set) return 0;
  if (options.protection == Protection::private_) return 1;
  if (options.write_concurrency == Concurrency::fixed_parts) return options.fixed_parts;
  if (options.write_concurrency != Concurrency::off) return 64;
  return options.read_concurrency ? 16 : 1;
}

static Divisible divisible_for(const TableOptions& options) {
  bool concurrent = options.type == TableType::ordered_set && options.write_concurrency != Concurrency::off;
  return concurrent ? Divisible::yes : Divisible::no;
}

// What an empty table takes, roughly.
static constexpr size_t base_words(size_t parts) { return sizeof(Table) / sizeof(Word) + parts * sizeof(Table::Part) / sizeof(Word); }

int64_t Table::base_bytes() const { return static_cast<int64_t>(base_words(part_count_) * sizeof(Word)); }

void Table::kill() {
  if (Guest* guest = machine.guest()) guest->give_back(Limit::ets_tables);
  alive_.store(false, std::memory_order_seq_cst);
  machine.account.charge(MemoryKind::ets, -base_bytes());
  machine.account.charge(MemoryKind::system, base_bytes());
}

Table::Table(Machine& owner_machine, Term table_name, Term owner_pid, const TableOptions& options)
    : machine(owner_machine),
      number(next_reference_number()),
      type(options.type),
      key_position(options.key_position),
      compressed(options.compressed),
      read_concurrency(options.read_concurrency),
      decentralized_counters(options.decentralized_counters),
      write_concurrency(options.write_concurrency),
      named(options.named),
      name(table_name),
      owner(owner_pid),
      protection(options.protection),
      part_count_(parts_for(options)),
      parts_(std::make_unique<Part[]>(part_count_)),
      tree_(owner_machine, options.key_position, divisible_for(options)) {
  machine.account.charge(MemoryKind::ets, base_bytes());
}

Table::~Table() {
  int64_t objects = 0;
  for (size_t i = 0; i < part_count_; i++) objects += parts_[i].charged_words;
  machine.account.charge(MemoryKind::ets, -objects * static_cast<int64_t>(sizeof(Word)));
  machine.account.charge(alive() ? MemoryKind::ets : MemoryKind::system, -base_bytes());
  if (heir_data != nullptr) Object::destroy(heir_data);
}

Term Table::identifier(Arena& arena) const {
  handle->retain();
  auto* reference = reinterpret_cast<MagicReference*>(arena.allocate(sizeof(MagicReference) / sizeof(Word)));
  reference->off_heap.header = make_header(Boxed::magic_reference, sizeof(MagicReference) / sizeof(Word) - 1);
  reference->off_heap.value = handle;
  reference->number01 = number.number01;
  reference->number2 = number.number2;
  arena.off_heap.push(&reference->off_heap);
  return Term::boxed(reference);
}

uint64_t Table::hash_of(Term key) const {
  if (is_ordered()) return 0;
  uint64_t hash = internal_hash(key) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

// ---- one key ----

bool Table::contains(Term key) {
  return visit_key(key, [](Object&) {});
}

void Table::insert(Object* object) {
  object->hash = hash_of(object->element(key_position));
  if (is_ordered()) {
    DividedTree::Locked piece = tree_.lock(object->element(key_position), LockMode::exclusive);
    insert_into_tree(*piece, object);
    return;
  }
  Part& part = part_of(object->hash);
  ExclusiveLock lock(part.lock);
  insert_locked(part, object);
}

bool Table::key_exists(Part& part, const Object* object) {
  Term key = object->element(key_position);
  Object** at = part.objects.find(key, object->hash, key_position);
  for (Object* other = at == nullptr ? nullptr : *at; other != nullptr; other = other->next) {
    if (!part.objects.same_key(other, key, object->hash, key_position)) return false;
    if (!other->deleted) return true;
  }
  return false;
}

bool Table::insert_new(Object* object) {
  object->hash = hash_of(object->element(key_position));
  if (is_ordered()) {
    DividedTree::Locked piece = tree_.lock(object->element(key_position), LockMode::exclusive);
    if (piece->tree.find(object->element(key_position)) == nullptr) {
      insert_into_tree(*piece, object);
      return true;
    }
  } else {
    Part& part = part_of(object->hash);
    ExclusiveLock lock(part.lock);
    if (!key_exists(part, object)) {
      insert_locked(part, object);
      return true;
    }
  }
  Object::destroy(object);
  return false;
}

void Table::insert_all(std::vector<Object*>& objects) {
  if (is_ordered()) {
    DividedTree::AllLocked all(tree_);
    for (Object* object : objects) insert_into_tree(all.piece_of(object->element(key_position)), object);
  } else {
    for (Object* object : objects) object->hash = hash_of(object->element(key_position));
    PartsLock lock(*this, objects);
    for (Object* object : objects) insert_locked(part_of(object->hash), object);
  }
  objects.clear();
}

bool Table::insert_all_new(std::vector<Object*>& objects) {
  bool exists = false;
  if (is_ordered()) {
    DividedTree::AllLocked all(tree_);
    auto is_there = [&](Object* object) {
      Term key = object->element(key_position);
      return all.piece_of(key).tree.find(key) != nullptr;
    };
    exists = std::ranges::any_of(objects, is_there);
    if (!exists)
      for (Object* object : objects) insert_into_tree(all.piece_of(object->element(key_position)), object);
  } else {
    for (Object* object : objects) object->hash = hash_of(object->element(key_position));
    PartsLock lock(*this, objects);
    exists = std::ranges::any_of(objects, [&](Object* object) { return key_exists(part_of(object->hash), object); });
    if (!exists)
      for (Object* object : objects) insert_locked(part_of(object->hash), object);
  }
  if (exists)
    for (Object* object : objects) Object::destroy(object);
  objects.clear();
  return !exists;
}

void Table::insert_locked(Part& part, Object* object) {
  if (!alive()) return Object::destroy(object);  // its contents are gone: nothing may stay behind
  Term key = object->element(key_position);
  Object** at = part.objects.find(key, object->hash, key_position);
  if (at != nullptr && type == TableType::set) return replace_at(part, at, object);
  if (at != nullptr && type == TableType::bag) {
    for (Object** link = at; *link != nullptr && part.objects.same_key(*link, key, object->hash, key_position);
         link = &(*link)->next) {
      if (!exactly_equal((*link)->tuple(), object->tuple())) continue;
      Object::destroy(object);
      Object* other = *link;
      if (!other->deleted) return;
      // Brought back to life it is the newest.
      other->deleted = false;
      part.add_live(1);
      if (link != at) part.objects.link(part.objects.unlink(link), at);
      return;
    }
  }
  size_t buckets = part.objects.bucket_words();
  part.objects.link(object, at);
  part.add_live(1);
  if (may_resize()) part.objects.grow_if_full();
  part.add_words(machine, static_cast<int64_t>(object->memory_words() + part.objects.bucket_words() - buckets));
}

void Table::replace_at(Part& part, Object** at, Object* object) {
  Object* old = *at;
  object->next = old->next;
  *at = object;
  if (old->deleted) part.add_live(1);
  part.add_words(machine, static_cast<int64_t>(object->memory_words()) - static_cast<int64_t>(old->memory_words()));
  Object::destroy(old);
}

Object* Table::erase_at(Part& part, Object**& at) {
  Object* object = *at;
  if (!object->deleted) part.add_live(-1);
  if (fixed()) {
    if (!object->deleted) part.objects.note_pseudo_deletion(object);
    object->deleted = true;
    at = &object->next;
    return nullptr;
  }
  part.objects.unlink(at);
  part.add_words(machine, -static_cast<int64_t>(object->memory_words()));
  return object;
}

void Table::resize_after_removal(Part& part) {
  if (!may_resize()) return;
  size_t buckets = part.objects.bucket_words();
  part.objects.shrink_if_sparse();
  if (buckets != part.objects.bucket_words())
    part.add_words(machine, static_cast<int64_t>(part.objects.bucket_words()) - static_cast<int64_t>(buckets));
}

void Table::fit_after_removals(Part& part) {
  if (!may_resize()) return;
  size_t buckets = part.objects.bucket_words();
  part.objects.fit();
  part.add_words(machine, static_cast<int64_t>(part.objects.bucket_words()) - static_cast<int64_t>(buckets));
}

void Table::erase_object(Term tuple) {
  Term key = as_tuple(tuple)->elements[key_position - 1];
  if (is_ordered()) {
    DividedTree::Locked piece = tree_.lock(key, LockMode::exclusive);
    Object* object = piece->tree.find(key);
    if (object != nullptr && exactly_equal(object->tuple(), tuple)) erase_from_tree(*piece, key);
    return;
  }
  uint64_t hash = hash_of(key);
  Part& part = part_of(hash);
  ExclusiveLock lock(part.lock);
  Object** at = part.objects.find(key, hash, key_position);
  if (at == nullptr) return;
  while (*at != nullptr && part.objects.same_key(*at, key, hash, key_position)) {
    if ((*at)->deleted || !exactly_equal((*at)->tuple(), tuple)) {
      at = &(*at)->next;
    } else if (Object* gone = erase_at(part, at)) {
      Object::destroy(gone);
    }
  }
  resize_after_removal(part);
}

// ---- ordered_set ----

void Table::insert_into_tree(Piece& piece, Object* object) {
  if (!alive()) return Object::destroy(object);
  auto words = static_cast<int64_t>(object->memory_words());
  if (Object* old = piece.tree.insert(object)) {
    words -= static_cast<int64_t>(old->memory_words());
    Object::destroy(old);
  } else {
    piece.add_live(1);
  }
  piece.add_words(machine, words);
}

void Table::erase_from_tree(Piece& piece, Term key) {
  Object* object = piece.tree.remove(key);
  if (object == nullptr) return;
  piece.add_live(-1);
  piece.add_words(machine, -static_cast<int64_t>(object->memory_words()));
  Object::destroy(object);
}

void Table::replace_in_tree(Piece& piece, Object** at, Object* object) {
  Object* old = *at;
  piece.tree.replace(at, object);
  piece.add_words(machine, static_cast<int64_t>(object->memory_words()) - static_cast<int64_t>(old->memory_words()));
  Object::destroy(old);
}

// ---- all keys ----

size_t Table::size() const {
  int64_t sum = is_ordered() ? tree_.live() : 0;
  for (size_t i = 0; i < part_count_; i++) sum += parts_[i].live.load(std::memory_order_relaxed);
  return sum < 0 ? 0 : static_cast<size_t>(sum);
}

size_t Table::memory_words() const {
  int64_t sum = static_cast<int64_t>(base_words(part_count_)) + (is_ordered() ? tree_.words() : 0);
  for (size_t i = 0; i < part_count_; i++) sum += parts_[i].words.load(std::memory_order_relaxed);
  return static_cast<size_t>(sum);
}

TableContents Table::detach_contents(bool even_if_fixed) {
  TableContents contents;
  if (is_ordered()) {
    DividedTree::AllLocked all(tree_);
    contents.trees = tree_.detach(all);
    return contents;
  }
  PartsLock lock(*this);
  bool mark_only = fixed() && !even_if_fixed;
  for (size_t i = 0; i < part_count_; i++) {
    Part& part = parts_[i];
    part.live.store(0, std::memory_order_relaxed);
    if (mark_only) {
      for (size_t bucket = 0; bucket < part.objects.bucket_count(); bucket++) {
        for (Object* object = part.objects.bucket(bucket); object != nullptr; object = object->next) {
          if (!object->deleted) part.objects.note_pseudo_deletion(object);
          object->deleted = true;
        }
      }
      continue;
    }
    contents.parts.push_back(std::move(part.objects));
    part.add_words(machine, -part.words.load(std::memory_order_relaxed));
  }
  return contents;
}

bool TableContents::destroy_some(size_t& budget) {
  while (!parts.empty()) {
    if (!parts.back().destroy_some(budget)) return false;
    parts.pop_back();
  }
  while (!trees.empty()) {
    if (!trees.back().destroy_some(budget)) return false;
    trees.pop_back();
  }
  return true;
}

// ---- fixation ----

bool Table::fix(Term pid) {
  Lock lock(fixation_mutex_);
  if (fixations_.empty()) fixed_since_ns_ = erlang_monotonic_ns();
  for (Fixation& fixation : fixations_) {
    if (fixation.pid != pid) continue;
    fixation.count++;
    return false;
  }
  fixations_.push_back({pid, 1});
  fixation_count_.store(fixations_.size(), std::memory_order_seq_cst);
  return true;
}

bool Table::unfix(Term pid) {
  {
    Lock lock(fixation_mutex_);
    auto fixation = std::ranges::find(fixations_, pid, &Fixation::pid);
    if (fixation == fixations_.end() || --fixation->count > 0) return false;
    fixations_.erase(fixation);
    fixation_count_.store(fixations_.size(), std::memory_order_seq_cst);
  }
  purge_deleted();
  return true;
}

void Table::unfix_all(Term pid) {
  {
    Lock lock(fixation_mutex_);
    std::erase_if(fixations_, [pid](const Fixation& fixation) { return fixation.pid == pid; });
    fixation_count_.store(fixations_.size(), std::memory_order_seq_cst);
  }
  purge_deleted();
}

std::vector<Fixation> Table::fixations(int64_t& since_ns) {
  Lock lock(fixation_mutex_);
  since_ns = fixed_since_ns_;
  return fixations_;
}

void Table::purge_deleted() {
  if (is_ordered()) return;
  for (size_t i = 0; i < part_count_; i++) {
    Part& part = parts_[i];
    ExclusiveLock lock(part.lock);
    if (fixed()) return;  // again: the next release purges
    if (!part.objects.has_pseudo_deleted()) continue;
    int64_t freed = 0;
    part.objects.purge_deleted([&freed](Object* object) {
      freed += static_cast<int64_t>(object->memory_words());
      Object::destroy(object);
    });
    part.add_words(machine, -freed);
    fit_after_removals(part);
  }
}

template <class Visit>
void PartsLock::for_each(Visit visit) {
  for (size_t word = 0; word * 64 < table_.part_count(); word++)
    for (uint64_t bits = locked_[word]; bits != 0; bits &= bits - 1)
      visit(table_.part(word * 64 + static_cast<size_t>(std::countr_zero(bits))));
}

PartsLock::PartsLock(Table& table) : table_(table) {
  std::fill_n(locked_, (table.part_count() + 63) / 64, ~uint64_t{0} >> (table.part_count() < 64 ? 64 - table.part_count() : 0));
  for_each([](Table::Part& part) { part.lock.lock(); });
}
PartsLock::PartsLock(Table& table, const std::vector<Object*>& objects) : table_(table) {
  std::fill_n(locked_, (table.part_count() + 63) / 64, uint64_t{0});
  for (const Object* object : objects) {
    size_t index = table.part_index(object->hash);
    locked_[index / 64] |= uint64_t{1} << (index % 64);
  }
  for_each([](Table::Part& part) { part.lock.lock(); });
}
PartsLock::~PartsLock() {
  for_each([](Table::Part& part) { part.lock.unlock(); });
}

}  // namespace hanse
