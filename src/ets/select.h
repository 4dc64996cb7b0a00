// Traversals of a table with a match specification: select and its relatives. A traversal works in steps: it locks, looks
// at some hundred objects, unlocks; it yields when the slice is used up and goes on later. Keys that the heads name narrow
// it to single keys, or in an ordered_set to a range.
#pragma once

#include <vector>

#include "ets/access.h"
#include "ets/match_key.h"
#include "ets/match_spec.h"

namespace hanse {

enum class SelectMode : uint8_t { collect, count, erase, replace };
enum class Direction : uint8_t { forward, backward };

class Select final : public ResumeState {
 public:
  // Takes over a reference to the program. limit: 0 for none.
  Select(Table& table, OffHeapBinary* program, SelectMode mode, Direction direction, size_t limit);
  ~Select() override;
  void visit_roots(RootVisitor& visitor) override;

  // Goes on until everything is done (true), or the slice is used up.
  bool advance(Call& call);
  // The result when it is done.
  Term result(Call& call);

  // Places to continue from: see the continuations in select.cc.
  void continue_after_key(Term key);
  void continue_at(size_t position, Term leftover, size_t leftover_count);

  Table& table() { return table_; }
  bool failed = false;  // no memory

 private:
  static constexpr size_t objects_per_lock = 500;
  void plan();
  bool limit_reached() const { return limit_ != 0 && count_ >= limit_; }
  bool step_keys(Call& call, MatchRun& run);
  bool step_hash(Call& call, MatchRun& run);
  bool step_tree(Call& call, MatchRun& run);
  // One piece, or some hundred objects of it; how it ended.
  enum class Walked : uint8_t { some, piece, everything };
  template <class Place>
  Walked walk_piece(Call& call, MatchRun& run, Table::Piece& piece, Place place);
  bool is_descending() const { return (direction_ == Direction::forward) == (limit_ == 0); }
  void visit_bucket(Call& call, MatchRun& run, Table::Part& part, Object** at, const Term* only_key, uint64_t hash);
  // What to do with an object: nothing, erase it, or put `fresh` in its place.
  enum class Verdict : uint8_t { keep, erase, replace };
  Verdict judge(Call& call, MatchRun& run, Object& object, Object*& fresh);
  int range_place(Term key) const;
  Term continuation(Call& call, Term leftover, size_t leftover_count);
  bool is_writing() const { return mode_ == SelectMode::erase || mode_ == SelectMode::replace; }

  Table& table_;
  Ref<OffHeapBinary> table_handle_, program_handle_;
  const MatchProgram& program_;
  const SelectMode mode_;
  const Direction direction_;
  const size_t limit_;

  bool by_keys_ = false;      // all heads name their key
  bool is_pinned_ = false;
  bool ended_ = false;        // the whole table was seen
  std::vector<Term> keys_;    // constants of the program
  size_t next_key_ = 0;
  std::vector<Term> ranges_;  // partial patterns; empty: everything
  size_t part_ = 0, bucket_ = 0;
  // In the process heap:
  Term list_ = Term::nil();
  Term last_key_ = Term::none();
  size_t count_ = 0;
};

// Position of a continuation over a hash table as one small integer, or -1: only leftovers remain.
inline constexpr size_t no_position = ~size_t{0};

}  // namespace hanse
