// The objects of an ordered_set: one tree, or with write_concurrency several trees of adjacent key ranges ("pieces"), each
// with its own reader/writer lock, so that writers of different ranges do not meet. After Sagonas and Winblad, "A contention
// adapting approach to concurrent ordered sets" (2018): whoever has written a piece looks at how often writers had to wait for
// it, and splits it in two, or joins it with a neighbour when nobody has waited for long. Unlike there the routes are no tree
// but one sorted directory, replaced as a whole.
//
// A piece keeps its range for life. Splits and joins make new pieces under the exclusive locks of the old ones, publish a new
// directory and mark the old pieces as retired; who waited for the lock of a retired piece looks its key up once more. Old
// pieces, directories and bounds are freed by epoch: callers hold an epoch::Guard, as every scheduler does, and may keep
// the Term of a bound under it. Several pieces are locked from the lowest key to the highest, or not waited for: no deadlock.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "ets/ordered_tree.h"
#include "ets/rw_lock.h"
#include "process/machine.h"

namespace hanse {

// What one independently locked part of a table holds. Written under its lock, read by anybody.
struct Counters {
  std::atomic<int64_t> live{0};   // visible objects
  std::atomic<int64_t> words{0};  // of all objects and buckets
  int64_t charged_words = 0;      // to the machine's account

  void add_live(int64_t change) { live.store(live.load(std::memory_order_relaxed) + change, std::memory_order_relaxed); }
  // The machine hears of changes in steps of some kilobytes, so that writers of different parts do not meet there.
  void add_words(Machine& machine, int64_t change);
};

enum class Divisible : uint8_t { no, yes };
enum class LockMode : uint8_t { shared, exclusive };
// How pieces split and join: by contention, or as OTP's tests want it (erts_debug:set_internal_state/2).
enum class Adaption : uint8_t { by_contention, always_split, random };

class DividedTree {
 public:
  struct alignas(64) Piece : Counters {
    Piece(size_t key_position, Object* lower, Object* upper) : tree(key_position), low(lower), high(upper) {}
    RwLock lock;
    OrderedTree tree;
    // {Key}: the range is low =< Key < high. nullptr: no bound.
    Object* const low;
    Object* const high;
    int contention = 0;    // under the exclusive lock
    bool retired = false;  // under the lock: others have its objects
  };

  DividedTree(Machine& machine, size_t key_position, Divisible divisible);
  ~DividedTree();
  DividedTree(const DividedTree&) = delete;
  DividedTree& operator=(const DividedTree&) = delete;

  // A locked piece. An exclusive one adapts when it is released.
  class Locked {
   public:
    ~Locked();
    Locked(Locked&& other) noexcept : owner_(other.owner_), piece_(std::exchange(other.piece_, nullptr)), mode_(other.mode_) {}
    Locked& operator=(Locked&& other) noexcept;
    Locked(const Locked&) = delete;
    explicit operator bool() const { return piece_ != nullptr; }
    Piece& operator*() const { return *piece_; }
    Piece* operator->() const { return piece_; }

   private:
    friend class DividedTree;
    Locked(DividedTree* owner, Piece* piece, LockMode mode) : owner_(owner), piece_(piece), mode_(mode) {}
    DividedTree* owner_;
    Piece* piece_;
    LockMode mode_;
  };

  // The piece that a key belongs to.
  Locked lock(Term key, LockMode mode) {
    return lock_where([key](Term low) { return compare(low, key) <= 0; }, mode);
  }
  Locked lock_first(LockMode mode) {
    return lock_where([](Term) { return false; }, mode);
  }
  Locked lock_last(LockMode mode) {
    return lock_where([](Term) { return true; }, mode);
  }
  // The last piece whose lower bound begins_before() the place that is sought; the first piece has none and always does.
  template <class BeginsBefore>
  Locked lock_where(BeginsBefore begins_before, LockMode mode) {
    while (true) {
      const Directory* directory = directory_.load(std::memory_order_acquire);
      size_t low = 0, high = directory->entries.size();
      while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (begins_before(directory->entries[middle].low)) low = middle;
        else high = middle;
      }
      if (Piece* piece = acquire(directory->entries[low].piece, mode)) return Locked(this, piece, mode);
    }
  }
  // Releases the piece and locks the next one (descending: the one below); empty behind the end. Pieces may have been joined
  // meanwhile: the next one may begin with keys of the one before.
  Locked lock_next(Locked piece, bool descending);

  // Locks everything for writing.
  struct Replaced;
  class AllLocked {
   public:
    explicit AllLocked(DividedTree& owner);
    ~AllLocked();
    AllLocked(const AllLocked&) = delete;
    AllLocked& operator=(const AllLocked&) = delete;
    Piece& piece_of(Term key) const { return *owner_.find_piece(key); }

   private:
    friend class DividedTree;
    DividedTree& owner_;
    std::vector<Piece*> pieces_;
    Replaced* replaced_ = nullptr;
  };
  // Takes all objects out; afterwards there is one piece.
  std::vector<OrderedTree> detach(AllLocked& all);

  int64_t live() const { return sum(&Piece::live); }
  // Of all objects and of the additional pieces.
  int64_t words() const;
  // For ets:info(_, stats).
  size_t piece_count() const { return directory_.load(std::memory_order_acquire)->entries.size(); }
  size_t depth() const;
  bool is_divisible() const { return divisible_ == Divisible::yes; }
  void set_adaption(Adaption adaption) { adaption_.store(adaption, std::memory_order_relaxed); }

  static constexpr size_t piece_limit = 512;

 private:
  struct Entry {
    Term low;  // of the piece; none() for the first
    Piece* piece;
  };
  struct Directory {
    std::vector<Entry> entries;
  };
  // Of each waiting writer, and of each that did not have to wait; and where a piece splits or joins.
  static constexpr int contended = 250, uncontended = -1, split_above = 1000, join_below = -1000;

  Piece* acquire(Piece* piece, LockMode mode);
  void release(Piece* piece, LockMode mode);
  Piece* find_piece(Term key) const;
  // Under the piece's exclusive lock. What they return is to be retired when no lock is held any more; nullptr: nothing.
  Replaced* adapt(Piece* piece);
  Replaced* try_split(Piece* piece);
  Replaced* try_join(Piece* piece);
  // Puts pieces in the place of `count` old ones from the one given on.
  Replaced* replace(Piece* first, size_t count, std::initializer_list<Piece*> fresh);
  void charge_pieces(int64_t count);
  int64_t sum(std::atomic<int64_t> Counters::* counter) const;

  Machine& machine_;
  const size_t key_position_;
  const Divisible divisible_;
  std::atomic<Adaption> adaption_{Adaption::by_contention};
  RwLock directory_lock_;  // of writers of directory_; taken after locks of pieces
  std::atomic<const Directory*> directory_;  // written under the lock; what it points at never changes
};

}  // namespace hanse
