// persistent_term: terms that are read far more often than they are written, shared by all processes as literals.
//
// The table is an open hash of pointers to entries. Readers take no lock: they hold an epoch guard while they look. Writers
// hold the mutex, store into slots, and make a new table when too many slots are taken or erased. An entry and its literal
// area live until nobody can refer to them: the entry until the epoch has passed, the area until the literal area collector
// has seen every process.
#include "bif/persistent_term.h"

#include "base/epoch.h"
#include "base/mutex.h"
#include "bif/tables.h"
#include "code/literal_collector.h"
#include "process/call.h"
#include "process/machine.h"
#include "term/compare.h"
#include "term/copy.h"
#include "term/copy_whole.h"
#include "term/hash.h"
#include "term/literal_purge.h"
#include "term/map.h"

#include <memory>
#include <vector>

namespace hanse {

namespace {

struct Entry {
  uint64_t machine;  // serial
  uint64_t hash;
  Term key;          // none() if the entry was erased
  Term value;
  LiteralArea* area;  // of both; nullptr if neither needs one
};

struct Table {
  explicit Table(size_t size) : capacity(size), slots(new std::atomic<Entry*>[size]()) {}
  size_t capacity;  // a power of two, more than the slots in use
  size_t used = 0;  // slots that are not nullptr. Writers only
  size_t live = 0;  // those of them that hold a term. Writers only
  std::unique_ptr<std::atomic<Entry*>[]> slots;  // stored by writers (release), read by all (acquire)
};

class PersistentTerms {
  static constexpr size_t minimum_capacity = 256;

 public:
  PersistentTerms() : table_(new Table(minimum_capacity)) {}

  // Under a guard or the mutex.
  std::atomic<Entry*>* find(uint64_t machine, Term key, uint64_t hash) {
    Table* table = table_.load(std::memory_order_acquire);
    for (size_t i = hash;; i++) {
      auto& slot = table->slots[i & (table->capacity - 1)];
      Entry* entry = slot.load(std::memory_order_acquire);
      if (entry == nullptr) return nullptr;
      if (entry->hash == hash && entry->machine == machine && !entry->key.is_none() && exactly_equal(entry->key, key)) return &slot;
    }
  }
  template <class Visitor>
  void for_each_slot(uint64_t machine, Visitor visit) {
    Table* table = table_.load(std::memory_order_acquire);
    for (size_t i = 0; i < table->capacity; i++) {
      Entry* entry = table->slots[i].load(std::memory_order_acquire);
      if (entry != nullptr && entry->machine == machine && !entry->key.is_none()) visit(table->slots[i]);
    }
  }
  template <class Visitor>
  void for_each(uint64_t machine, Visitor visit) {
    for_each_slot(machine, [&](std::atomic<Entry*>& slot) {
      if (Entry* entry = slot.load(std::memory_order_acquire); !entry->key.is_none()) visit(*entry);
    });
  }
  size_t slots() { return table_.load(std::memory_order_acquire)->capacity; }
  size_t table_bytes() { return table_.load(std::memory_order_acquire)->capacity * sizeof(Entry*); }

  void add(Entry* entry) REQUIRES_LOCK(mutex) {
    Table* table = table_.load(std::memory_order_relaxed);
    if ((table->live + 1) * 2 > table->capacity) table = rebuild(table, table->capacity * 2);
    else if ((table->used + 1) * 4 > table->capacity * 3) table = rebuild(table, table->capacity);
    insert(table, entry);
  }
  // After an erasure: a table with few terms is made smaller.
  void shrink_if_sparse() REQUIRES_LOCK(mutex) {
    Table* table = table_.load(std::memory_order_relaxed);
    if (table->capacity > minimum_capacity && table->live * 8 < table->capacity)
      rebuild(table, std::bit_ceil(std::max(minimum_capacity, table->live * 4)));
  }
  // Both return the area that is not needed any more: to be retired when the mutex is no longer held.
  [[nodiscard]] LiteralArea* replace(std::atomic<Entry*>& slot, Entry* entry) REQUIRES_LOCK(mutex) {
    Entry* old = slot.exchange(entry, std::memory_order_acq_rel);
    LiteralArea* area = old->area;
    epoch::retire(old);
    return area;
  }
  [[nodiscard]] LiteralArea* erase(std::atomic<Entry*>& slot) REQUIRES_LOCK(mutex) {
    Entry* old = slot.load(std::memory_order_relaxed);
    table_.load(std::memory_order_relaxed)->live--;
    return replace(slot, new Entry{old->machine, old->hash, Term::none(), Term::none(), nullptr});
  }

  Mutex<LockRank::persistent_terms> mutex;

 private:
  static void insert(Table* table, Entry* entry) {
    size_t i = entry->hash;
    while (table->slots[i & (table->capacity - 1)].load(std::memory_order_relaxed) != nullptr) i++;
    table->slots[i & (table->capacity - 1)].store(entry, std::memory_order_release);
    table->used++;
    table->live++;
  }
  // Without the entries that were erased.
  Table* rebuild(Table* old, size_t capacity) REQUIRES_LOCK(mutex) {
    auto* table = new Table(capacity);
    for (size_t i = 0; i < old->capacity; i++) {
      Entry* entry = old->slots[i].load(std::memory_order_relaxed);
      if (entry == nullptr) continue;
      if (entry->key.is_none())
        epoch::retire(entry);
      else
        insert(table, entry);
    }
    table_.store(table, std::memory_order_release);
    epoch::retire(old);
    return table;
  }

  std::atomic<Table*> table_;
};

PersistentTerms& terms() {
  static PersistentTerms& instance = *new PersistentTerms;
  return instance;
}

uint64_t machine_of(Call& call) { return call.process.machine.serial; }

Term lookup(Call& call, Term key) {
  epoch::Guard guard;
  auto* slot = terms().find(machine_of(call), key, internal_hash(key));
  return slot == nullptr ? Term::none() : slot->load(std::memory_order_acquire)->value;
}

// nullptr if there is no room for the copies.
Entry* make_entry(uint64_t machine, uint64_t hash, Term key, Term value) {
  size_t key_words = whole_size(key), value_words = whole_size(value);
  // Sharing is kept unless the value refers to literals, whose area may go away.
  bool keeps_sharing = value_words > 0 && flat_size_with_shared_literals(value) == value_words;
  if (keeps_sharing) value_words = shared_size(value);
  if (key_words + value_words == 0) return new Entry{machine, hash, key, value, nullptr};
  LiteralArea* area = LiteralArea::create(key_words + value_words);
  if (area == nullptr) return nullptr;
  Term key_copy = copy_whole(*area, key, key_words);
  Term value_copy = keeps_sharing ? copy_shared(*area, value) : copy_whole(*area, value, value_words);
  return new Entry{machine, hash, key_copy, value_copy, area};
}

}  // namespace

// persistent_term:put/2. Storing what is stored already does nothing.
static Result persistent_term_put_2(Call& call) {
  Term key = call.args[0], value = call.args[1];
  uint64_t hash = internal_hash(key);
  Term stored = lookup(call, key);
  if (!stored.is_none() && exactly_equal(stored, value)) return am::ok;
  Entry* entry = make_entry(machine_of(call), hash, key, value);
  if (entry == nullptr) return raise_system_limit(call);
  if (entry->area != nullptr) call.charge(entry->area->bytes() / 64);
  LiteralArea* old = nullptr;
  {
    Lock lock(terms().mutex);
    if (auto* slot = terms().find(machine_of(call), key, hash))
      old = terms().replace(*slot, entry);
    else
      terms().add(entry);
  }
  retire_literal_area(old);
  return am::ok;
}

static Result persistent_term_get_1(Call& call) {
  Term value = lookup(call, call.args[0]);
  if (value.is_none()) return raise_badarg(call);
  return value;
}

static Result persistent_term_get_2(Call& call) {
  Term value = lookup(call, call.args[0]);
  return value.is_none() ? call.args[1] : value;
}

static Result persistent_term_get_0(Call& call) {
  epoch::Guard guard;
  Arena& arena = call.arena();
  Term list = Term::nil();
  terms().for_each(machine_of(call), [&](const Entry& entry) {
    list = make_cons(arena, make_tuple(arena, entry.key, entry.value), list);
    call.charge(1);
  });
  return list;
}

static Result persistent_term_erase_1(Call& call) {
  LiteralArea* old;
  {
    Lock lock(terms().mutex);
    auto* slot = terms().find(machine_of(call), call.args[0], internal_hash(call.args[0]));
    if (slot == nullptr) return am::false_;
    old = terms().erase(*slot);
    terms().shrink_if_sparse();
  }
  retire_literal_area(old);
  return am::true_;
}

static Result persistent_term_info_0(Call& call) {
  epoch::Guard guard;
  size_t count = 0, bytes = terms().table_bytes();
  terms().for_each(machine_of(call), [&](const Entry& entry) {
    count++;
    bytes += sizeof(Entry) + (entry.area != nullptr ? entry.area->bytes() : 0);
  });
  Term keys[] = {am::count_, am::memory};
  Term values[] = {make_unsigned(call.arena(), count), make_unsigned(call.arena(), bytes)};
  return map_from_pairs(call.arena(), keys, values);
}

// erts_internal:erase_persistent_terms/0, called when the node restarts its applications.
static Result erts_internal_erase_persistent_terms_0(Call& call) {
  std::vector<LiteralArea*> areas;
  {
    Lock lock(terms().mutex);
    terms().for_each_slot(machine_of(call), [&](std::atomic<Entry*>& slot) NO_THREAD_SAFETY_ANALYSIS {
      areas.push_back(terms().erase(slot));
    });
  }
  for (LiteralArea* area : areas) retire_literal_area(area);
  return am::true_;
}

// Every machine sees its own terms only.
size_t persistent_term_slots() {
  epoch::Guard guard;
  return terms().slots();
}

static constexpr BifRow rows[] = {
    {"erts_internal", "erase_persistent_terms", 0, erts_internal_erase_persistent_terms_0, BifKind::plain, Authority::host},
    {"persistent_term", "erase", 1, persistent_term_erase_1, BifKind::plain, Authority::host},
    {"persistent_term", "get", 0, persistent_term_get_0, BifKind::plain, Authority::host},
    {"persistent_term", "get", 1, persistent_term_get_1, BifKind::plain, Authority::host},
    {"persistent_term", "get", 2, persistent_term_get_2, BifKind::plain, Authority::host},
    {"persistent_term", "info", 0, persistent_term_info_0, BifKind::plain, Authority::host},
    {"persistent_term", "put", 2, persistent_term_put_2, BifKind::plain, Authority::host},
};
const BifTable persistent_term_bifs = rows;

}  // namespace hanse
