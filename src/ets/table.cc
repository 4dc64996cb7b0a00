#include "ets/table.h"

#include <algorithm>

#include "process/timer_service.h"
#include "term/hash.h"

namespace hanse {

static size_t parts_for(const TableOptions& options) {
  if (options.type == TableType::ordered_set || options.protection == Protection::private_) return 1;
  if (options.write_concurrency != Concurrency::off) return 64;
  return options.read_concurrency ? 16 : 1;
}

// What an empty table takes, roughly.
static constexpr size_t base_words(size_t parts) { return sizeof(Table) / sizeof(Word) + parts * sizeof(Table::Part) / sizeof(Word); }

int64_t Table::base_bytes() const { return static_cast<int64_t>(base_words(part_count_) * sizeof(Word)); }

void Table::kill() {
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
      tree_(options.key_position) {
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

// The machine hears of changes in steps of some kilobytes, so that writers of different parts do not meet there.
void Table::account(Part& part, int64_t words) {
  int64_t now = part.words.load(std::memory_order_relaxed) + words;
  part.words.store(now, std::memory_order_relaxed);
  int64_t difference = now - part.charged_words;
  if (difference > 512 || difference < -512 || now == 0) {
    machine.account.charge(MemoryKind::ets, difference * static_cast<int64_t>(sizeof(Word)));
    part.charged_words = now;
  }
}

static void add_live(Table::Part& part, int64_t change) {
  part.live.store(part.live.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

// ---- one key ----

bool Table::contains(Term key) {
  return visit_key(key, [](Object&) {});
}

void Table::insert(Object* object) {
  object->hash = hash_of(object->element(key_position));
  if (is_ordered()) {
    ExclusiveLock lock(tree_lock_);
    insert_into_tree(object);
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
    ExclusiveLock lock(tree_lock_);
    if (tree_.find(object->element(key_position)) == nullptr) {
      insert_into_tree(object);
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
  for (Object* object : objects) object->hash = hash_of(object->element(key_position));
  AllPartsLock lock(*this);
  for (Object* object : objects) {
    if (is_ordered()) insert_into_tree(object);
    else insert_locked(part_of(object->hash), object);
  }
  objects.clear();
}

bool Table::insert_all_new(std::vector<Object*>& objects) {
  for (Object* object : objects) object->hash = hash_of(object->element(key_position));
  bool exists = false;
  {
    AllPartsLock lock(*this);
    for (Object* object : objects) {
      exists = is_ordered() ? tree_.find(object->element(key_position)) != nullptr
                            : key_exists(part_of(object->hash), object);
      if (exists) break;
    }
    if (!exists) {
      for (Object* object : objects) {
        if (is_ordered()) insert_into_tree(object);
        else insert_locked(part_of(object->hash), object);
      }
    }
  }
  if (exists)
    for (Object* object : objects) Object::destroy(object);
  objects.clear();
  return !exists;
}

void Table::insert_locked(Part& part, Object* object) {
  Term key = object->element(key_position);
  Object** at = part.objects.find(key, object->hash, key_position);
  if (at != nullptr && type == TableType::set) return replace_at(part, at, object);
  if (at != nullptr && type == TableType::bag) {
    for (Object* other = *at; other != nullptr && part.objects.same_key(other, key, object->hash, key_position);
         other = other->next) {
      if (!exactly_equal(other->tuple(), object->tuple())) continue;
      if (other->deleted) add_live(part, 1);
      other->deleted = false;
      return Object::destroy(object);
    }
  }
  size_t buckets = part.objects.bucket_words();
  part.objects.link(object, at);
  add_live(part, 1);
  if (may_resize()) part.objects.grow_if_full();
  account(part, static_cast<int64_t>(object->memory_words() + part.objects.bucket_words() - buckets));
}

void Table::replace_at(Part& part, Object** at, Object* object) {
  Object* old = *at;
  object->next = old->next;
  *at = object;
  if (old->deleted) add_live(part, 1);
  account(part, static_cast<int64_t>(object->memory_words()) - static_cast<int64_t>(old->memory_words()));
  Object::destroy(old);
}

Object* Table::erase_at(Part& part, Object**& at) {
  Object* object = *at;
  if (!object->deleted) add_live(part, -1);
  if (fixed()) {
    if (!object->deleted) part.objects.note_pseudo_deletion(object);
    object->deleted = true;
    at = &object->next;
    return nullptr;
  }
  part.objects.unlink(at);
  account(part, -static_cast<int64_t>(object->memory_words()));
  return object;
}

void Table::resize_after_removal(Part& part) {
  if (!may_resize()) return;
  size_t buckets = part.objects.bucket_words();
  part.objects.shrink_if_sparse();
  if (buckets != part.objects.bucket_words())
    account(part, static_cast<int64_t>(part.objects.bucket_words()) - static_cast<int64_t>(buckets));
}

void Table::fit_after_removals(Part& part) {
  if (!may_resize()) return;
  size_t buckets = part.objects.bucket_words();
  part.objects.fit();
  account(part, static_cast<int64_t>(part.objects.bucket_words()) - static_cast<int64_t>(buckets));
}

void Table::erase_object(Term tuple) {
  Term key = as_tuple(tuple)->elements[key_position - 1];
  if (is_ordered()) {
    ExclusiveLock lock(tree_lock_);
    Object* object = tree_.find(key);
    if (object != nullptr && exactly_equal(object->tuple(), tuple)) erase_from_tree(key);
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

void Table::insert_into_tree(Object* object) {
  auto words = static_cast<int64_t>(object->memory_words());
  if (Object* old = tree_.insert(object)) {
    words -= static_cast<int64_t>(old->memory_words());
    Object::destroy(old);
  } else {
    add_live(parts_[0], 1);
  }
  account(parts_[0], words);
}

void Table::erase_from_tree(Term key) {
  Object* object = tree_.remove(key);
  if (object == nullptr) return;
  add_live(parts_[0], -1);
  account(parts_[0], -static_cast<int64_t>(object->memory_words()));
  Object::destroy(object);
}

void Table::replace_in_tree(Object** at, Object* object) {
  Object* old = *at;
  OrderedTree::replace(at, object);
  account(parts_[0], static_cast<int64_t>(object->memory_words()) - static_cast<int64_t>(old->memory_words()));
  Object::destroy(old);
}

// ---- all keys ----

size_t Table::size() const {
  int64_t sum = 0;
  for (size_t i = 0; i < part_count_; i++) sum += parts_[i].live.load(std::memory_order_relaxed);
  return sum < 0 ? 0 : static_cast<size_t>(sum);
}

size_t Table::memory_words() const {
  int64_t sum = static_cast<int64_t>(base_words(part_count_));
  for (size_t i = 0; i < part_count_; i++) sum += parts_[i].words.load(std::memory_order_relaxed);
  return static_cast<size_t>(sum);
}

TableContents Table::detach_contents(bool even_if_fixed) {
  TableContents contents;
  AllPartsLock lock(*this);
  bool mark_only = fixed() && !even_if_fixed && !is_ordered();
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
    account(part, -part.words.load(std::memory_order_relaxed));
  }
  if (is_ordered()) contents.tree = std::move(tree_);
  return contents;
}

bool TableContents::destroy_some(size_t& budget) {
  while (!parts.empty()) {
    if (!parts.back().destroy_some(budget)) return false;
    parts.pop_back();
  }
  return tree.destroy_some(budget);
}

// ---- fixation ----

bool Table::fix(Term pid) {
  Lock lock(fixation_mutex_);
  if (fixations_.empty()) fixed_since_ns_ = monotonic_now_ns();
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

std::vector<Fixation> Table::fixations(uint64_t& since_ns) {
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
    account(part, -freed);
    fit_after_removals(part);
  }
}

AllPartsLock::AllPartsLock(Table& table) : table_(table) {
  table_.tree_lock_.lock();
  if (!table_.is_ordered())
    for (size_t i = 0; i < table_.part_count_; i++) table_.parts_[i].lock.lock();
}
AllPartsLock::~AllPartsLock() {
  if (!table_.is_ordered())
    for (size_t i = table_.part_count_; i-- > 0;) table_.parts_[i].lock.unlock();
  table_.tree_lock_.unlock();
}

}  // namespace hanse
