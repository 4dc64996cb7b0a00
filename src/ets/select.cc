#include "ets/select.h"

#include <algorithm>

#include "term/copy_whole.h"

namespace hanse {

Select::Select(Table& table, OffHeapBinary* program, SelectMode mode, Direction direction, size_t limit)
    : table_(table),
      table_handle_(table.handle),
      program_handle_(Ref<OffHeapBinary>::adopt(program)),
      program_(*Magic<MatchProgram>::get(program)),
      mode_(mode),
      direction_(direction),
      limit_(limit) {
  plan();
  if (!by_keys_ && !table_.is_ordered()) {
    table_.pin();
    is_pinned_ = true;
  }
}

Select::~Select() {
  if (!is_pinned_) return;
  table_.unpin();
  if (mode_ != SelectMode::erase || count_ == 0) return;
  for (size_t i = 0; i < table_.part_count(); i++) {
    ExclusiveLock lock(table_.part(i).lock);
    table_.fit_after_removals(table_.part(i));
  }
}

void Select::visit_roots(RootVisitor& visitor) {
  visitor.visit({&list_, 1});
  if (!last_key_.is_none()) visitor.visit({&last_key_, 1});
}

void Select::plan() {
  bool everything = false;
  for (Term head : program_.heads()) {
    KeyPattern pattern = key_pattern(head, table_.key_position);
    switch (pattern.kind) {
      case KeyPattern::Kind::any: everything = true; break;
      case KeyPattern::Kind::exact:
        keys_.push_back(pattern.key);
        ranges_.push_back(pattern.key);
        break;
      case KeyPattern::Kind::partial:
        ranges_.push_back(pattern.key);
        everything = everything || !table_.is_ordered();
        break;
      case KeyPattern::Kind::never: break;
    }
  }
  by_keys_ = !everything && keys_.size() == ranges_.size();
  if (everything) ranges_.clear();
  if (!by_keys_) return;
  // In the order of the traversal, each once.
  bool ascending = (direction_ == Direction::forward) == (limit_ != 0);
  std::ranges::sort(keys_, [=](Term a, Term b) { return ascending ? compare_exact(a, b) < 0 : compare_exact(a, b) > 0; });
  bool ordered = table_.is_ordered();
  auto same = [=](Term a, Term b) { return ordered ? equal(a, b) : exactly_equal(a, b); };
  keys_.erase(std::unique(keys_.begin(), keys_.end(), same), keys_.end());
}

void Select::continue_after_key(Term key) {
  last_key_ = key;
  bool ascending = direction_ == Direction::forward;
  std::erase_if(keys_, [=](Term other) { return ascending ? compare(other, key) <= 0 : compare(other, key) >= 0; });
}

void Select::continue_at(size_t position, Term leftover, size_t leftover_count) {
  list_ = leftover;
  count_ = leftover_count;
  ended_ = position == no_position;
  part_ = position >> 40;
  bucket_ = position & ((size_t{1} << 40) - 1);
}

bool Select::advance(Call& call) {
  MatchRun run(program_, call.process.self);
  // Single keys of a hash table are done at once: a continuation names buckets.
  bool to_the_end = by_keys_ && !table_.is_ordered();
  while (!ended_ && (to_the_end || !limit_reached())) {
    bool finished = by_keys_ ? step_keys(call, run) : table_.is_ordered() ? step_tree(call, run) : step_hash(call, run);
    if (finished) ended_ = true;
    if (!ended_ && call.process.reductions_left <= 0) return false;
  }
  return true;
}

Select::Verdict Select::judge(Call& call, MatchRun& run, Object& object, Object*& fresh) {
  call.charge(1);
  Term value = run.run(object.tuple());
  Verdict verdict = Verdict::keep;
  if (value.is_none()) {
  } else if (mode_ == SelectMode::collect) {
    Term copied = value == object.tuple() ? object.copy_to(call.arena())
                  : value.is_pointer()    ? copy_whole(call.arena(), value, whole_size(value))
                                          : value;
    list_ = make_cons(call.arena(), copied, list_);
    count_++;
  } else if (mode_ == SelectMode::replace) {
    // The compiler of the body has made sure of the key; failing expressions may leave something else.
    if (is_object_for(table_, value)) {
      fresh = Object::create(value);
      failed = failed || fresh == nullptr;
      if (fresh != nullptr) {
        fresh->hash = object.hash;
        verdict = Verdict::replace;
        count_++;
      }
    }
  } else if (value == am::true_) {
    count_++;
    if (mode_ == SelectMode::erase) verdict = Verdict::erase;
  }
  run.reset();
  return verdict;
}

// The objects of a bucket from a link on; only those with a key, if one is given.
void Select::visit_bucket(Call& call, MatchRun& run, Table::Part& part, Object** at, const Term* only_key, uint64_t hash) {
  while (*at != nullptr) {
    if (only_key != nullptr && !part.objects.same_key(*at, *only_key, hash, table_.key_position)) return;
    Object* fresh = nullptr;
    Verdict verdict = (*at)->deleted ? Verdict::keep : judge(call, run, **at, fresh);
    if (verdict == Verdict::erase) {
      if (Object* gone = table_.erase_at(part, at)) Object::destroy(gone);
      continue;
    }
    if (verdict == Verdict::replace) table_.replace_at(part, at, fresh);
    at = &(*at)->next;
  }
}

// One key.
bool Select::step_keys(Call& call, MatchRun& run) {
  if (next_key_ == keys_.size()) return true;
  Term key = keys_[next_key_++];
  call.charge(1);
  if (table_.is_ordered()) {
    DividedTree::Locked piece = table_.tree().lock(key, is_writing() ? LockMode::exclusive : LockMode::shared);
    Object** at = piece->tree.find_link(key);
    if (limit_ != 0) last_key_ = copy_whole(call.arena(), key, whole_size(key));
    if (at != nullptr) {
      Object* fresh = nullptr;
      Verdict verdict = judge(call, run, **at, fresh);
      if (verdict == Verdict::erase) table_.erase_from_tree(*piece, key);
      if (verdict == Verdict::replace) table_.replace_in_tree(*piece, at, fresh);
    }
  } else {
    uint64_t hash = table_.hash_of(key);
    Table::Part& part = table_.part_of(hash);
    if (is_writing()) part.lock.lock();
    else part.lock.lock_shared();
    if (Object** at = part.objects.find(key, hash, table_.key_position)) visit_bucket(call, run, part, at, &key, hash);
    if (is_writing()) part.lock.unlock();
    else part.lock.unlock_shared();
  }
  return next_key_ == keys_.size();
}

// Some buckets of one part.
bool Select::step_hash(Call& call, MatchRun& run) {
  if (part_ >= table_.part_count()) return true;
  Table::Part& part = table_.part(part_);
  if (is_writing()) part.lock.lock();
  else part.lock.lock_shared();
  int64_t until = call.process.reductions_left - static_cast<int64_t>(objects_per_lock);
  size_t empty_buckets = 0;
  while (bucket_ < part.objects.bucket_count() && call.process.reductions_left > until && !limit_reached()) {
    if (part.objects.bucket(bucket_) != nullptr)
      visit_bucket(call, run, part, part.objects.bucket_link(bucket_), nullptr, 0);
    else if (++empty_buckets % 16 == 0)
      call.charge(1);
    bucket_++;
  }
  bool part_done = bucket_ >= part.objects.bucket_count();
  if (is_writing()) part.lock.unlock();
  else part.lock.unlock_shared();
  if (!part_done || limit_reached()) return false;
  part_++;
  bucket_ = 0;
  return part_ == table_.part_count();
}

// Where a key stands relative to the hull of all ranges.
int Select::range_place(Term key) const {
  if (ranges_.empty()) return 0;
  bool before_all = true, behind_all = true;
  for (Term range : ranges_) {
    int place = place_of_key(range, key);
    before_all = before_all && place < 0;
    behind_all = behind_all && place > 0;
  }
  return before_all ? -1 : behind_all ? 1 : 0;
}

template <class Place>
Select::Walked Select::walk_piece(Call& call, MatchRun& run, Table::Piece& piece, Place place) {
  struct Change {
    Object* object;
    Object* fresh;
  };
  // The tree must not change under the cursor.
  std::vector<Change> changes;
  OrderedTree::Cursor cursor(piece.tree, is_descending(), place);
  Object* object = cursor.current();
  Object* last = nullptr;
  Walked walked = Walked::some;
  for (size_t i = 0; i < objects_per_lock && !limit_reached(); i++) {
    if (object == nullptr) walked = Walked::piece;
    else if (place(object->element(table_.key_position)) != 0) walked = Walked::everything;
    if (walked != Walked::some) break;
    Object* fresh = nullptr;
    if (judge(call, run, *object, fresh) != Verdict::keep) changes.push_back({object, fresh});
    last = object;
    cursor.advance();
    object = cursor.current();
  }
  if (last != nullptr) last_key_ = last->copy_element_to(call.arena(), table_.key_position);
  for (Change& change : changes) {
    Term key = change.object->element(table_.key_position);
    if (change.fresh == nullptr) table_.erase_from_tree(piece, key);
    else table_.replace_in_tree(piece, piece.tree.find_link(key), change.fresh);
  }
  return walked;
}

bool Select::step_tree(Call& call, MatchRun& run) {
  bool descending = is_descending();
  auto place = [this, descending](Term key) {
    int where = range_place(key);
    if (last_key_.is_none() || where != 0) return where;
    int order = compare(key, last_key_);
    if (descending) return order < 0 ? 0 : 1;
    return order > 0 ? 0 : -1;
  };
  auto begins_before = [&place, descending](Term low) { return descending ? place(low) <= 0 : place(low) < 0; };
  LockMode mode = is_writing() ? LockMode::exclusive : LockMode::shared;
  DividedTree::Locked piece = table_.tree().lock_where(begins_before, mode);
  while (true) {
    Walked walked = walk_piece(call, run, *piece, place);
    if (walked != Walked::piece) return walked == Walked::everything;
    piece = table_.tree().lock_next(std::move(piece), descending);
    if (!piece) return true;
    call.charge(1);
  }
}

// ---- results ----

// {Table, Position, Limit, Program, Leftover, LeftoverCount} or, for an ordered_set,
// {Table, LastKey, EndCondition, Limit, Program, [], Reverse, 0}: ets.erl looks into them.
Term Select::continuation(Call& call, Term leftover, size_t leftover_count) {
  Arena& arena = call.arena();
  program_handle_->retain();
  Term program = make_magic_reference(arena, program_handle_.get());
  Term identifier = table_.identifier(arena), limit = Term::small(static_cast<int64_t>(limit_));
  if (table_.is_ordered()) {
    Term end = ranges_.size() == 1 ? copy_whole(arena, ranges_[0], whole_size(ranges_[0])) : Term::nil();
    return make_tuple(arena, identifier, last_key_, end, limit, program, Term::nil(),
                      Term::small(direction_ == Direction::backward), Term::small(0));
  }
  Term position = Term::small(ended_ ? -1 : static_cast<int64_t>(part_ << 40 | bucket_));
  return make_tuple(arena, identifier, position, limit, program, leftover,
                    Term::small(static_cast<int64_t>(leftover_count)));
}

Term Select::result(Call& call) {
  Arena& arena = call.arena();
  if (mode_ != SelectMode::collect) return Term::small(static_cast<int64_t>(count_));
  if (limit_ == 0) return list_;
  if (ended_ && count_ == 0) return am::end_of_table;
  size_t taken = std::min(limit_, count_);
  Term leftover = list_;
  std::vector<Term> elements;
  for (size_t i = 0; i < taken; i++, leftover = leftover.as_cons()->tail) elements.push_back(leftover.as_cons()->head);
  if (table_.is_ordered()) std::ranges::reverse(elements);
  Term list = make_list(arena, elements);
  bool is_all = ended_ && count_ <= limit_;
  return make_tuple(arena, list, is_all ? am::end_of_table : continuation(call, leftover, count_ - taken));
}

}  // namespace hanse
