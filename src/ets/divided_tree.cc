#include "ets/divided_tree.h"

#include <algorithm>
#include <bit>

#include "base/epoch.h"
#include "term/build.h"

namespace hanse {

void Counters::add_words(Machine& machine, int64_t change) {
  int64_t now = words.load(std::memory_order_relaxed) + change;
  words.store(now, std::memory_order_relaxed);
  int64_t difference = now - charged_words;
  if (difference > 512 || difference < -512 || now == 0) {
    machine.account.charge(MemoryKind::ets, difference * static_cast<int64_t>(sizeof(Word)));
    charged_words = now;
  }
}

// Of each piece but the first, which the table counts.
static constexpr int64_t piece_words = sizeof(DividedTree::Piece) / sizeof(Word);

DividedTree::DividedTree(Machine& machine, size_t key_position, Divisible divisible)
    : machine_(machine),
      key_position_(key_position),
      divisible_(divisible),
      directory_(new Directory{{{Term::none(), new Piece(key_position, nullptr, nullptr)}}}) {}

// Nobody else is left.
DividedTree::~DividedTree() {
  const Directory* directory = directory_.load(std::memory_order_relaxed);
  int64_t words = 0;
  for (const Entry& entry : directory->entries) {
    words += entry.piece->charged_words;
    if (entry.piece->low != nullptr) Object::destroy(entry.piece->low);
    delete entry.piece;
  }
  machine_.account.charge(MemoryKind::ets, -words * static_cast<int64_t>(sizeof(Word)));
  charge_pieces(1 - static_cast<int64_t>(directory->entries.size()));
  delete directory;
}

void DividedTree::charge_pieces(int64_t count) {
  machine_.account.charge(MemoryKind::ets, count * piece_words * static_cast<int64_t>(sizeof(Word)));
}

// ---- locks ----

DividedTree::Piece* DividedTree::acquire(Piece* piece, LockMode mode) {
  if (mode == LockMode::shared) {
    piece->lock.lock_shared();
  } else if (divisible_ == Divisible::no) {
    piece->lock.lock();
  } else if (piece->lock.try_lock()) {
    piece->contention += uncontended;
  } else {
    piece->lock.lock();
    piece->contention += contended;
  }
  if (!piece->retired) return piece;
  release(piece, mode);
  return nullptr;
}

void DividedTree::release(Piece* piece, LockMode mode) {
  if (mode == LockMode::shared) piece->lock.unlock_shared();
  else piece->lock.unlock();
}

// What readers may still look at.
struct DividedTree::Replaced {
  ~Replaced() {
    for (Piece* piece : pieces) delete piece;
    for (Object* bound : bounds) Object::destroy(bound);
  }
  std::unique_ptr<const Directory> directory;
  std::vector<Piece*> pieces;
  std::vector<Object*> bounds;
};

DividedTree::Locked::~Locked() {
  if (piece_ == nullptr) return;
  Replaced* replaced = mode_ == LockMode::exclusive && owner_->is_divisible() ? owner_->adapt(piece_) : nullptr;
  owner_->release(piece_, mode_);
  if (replaced != nullptr) epoch::retire(replaced);
}

DividedTree::Locked& DividedTree::Locked::operator=(Locked&& other) noexcept {
  Locked old(std::move(*this));
  owner_ = other.owner_;
  piece_ = std::exchange(other.piece_, nullptr);
  mode_ = other.mode_;
  return *this;
}

DividedTree::Locked DividedTree::lock_next(Locked piece, bool descending) {
  const Object* bound = descending ? piece->low : piece->high;
  LockMode mode = piece.mode_;
  { Locked released(std::move(piece)); }
  if (bound == nullptr) return Locked(this, nullptr, mode);
  Term key = bound->element(1);
  if (descending) return lock_where([key](Term low) { return compare(low, key) < 0; }, mode);
  return lock(key, mode);
}

DividedTree::Piece* DividedTree::find_piece(Term key) const {
  const auto& entries = directory_.load(std::memory_order_acquire)->entries;
  auto behind = std::upper_bound(entries.begin() + 1, entries.end(), key,
                                 [](Term wanted, const Entry& entry) { return compare(wanted, entry.low) < 0; });
  return std::prev(behind)->piece;
}

// While a piece is locked its upper neighbour's lower bound stays what it is.
DividedTree::AllLocked::AllLocked(DividedTree& owner) : owner_(owner) {
  Piece* last = nullptr;
  do {
    Piece* next = nullptr;
    while (next == nullptr) {
      Piece* candidate = last == nullptr ? owner_.directory_.load(std::memory_order_acquire)->entries[0].piece
                                         : owner_.find_piece(last->high->element(1));
      candidate->lock.lock();
      if (candidate->retired) candidate->lock.unlock();
      else next = candidate;
    }
    pieces_.push_back(last = next);
  } while (last->high != nullptr);
}

DividedTree::AllLocked::~AllLocked() {
  for (size_t i = pieces_.size(); i-- > 0;) pieces_[i]->lock.unlock();
  if (replaced_ != nullptr) epoch::retire(replaced_);
}

// ---- splitting and joining ----

// xorshift (Marsaglia 2003); only OTP's tests ask for chance here.
static bool toss() {
  static thread_local uint64_t state = 88172645463325252;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (state & 1) != 0;
}

DividedTree::Replaced* DividedTree::adapt(Piece* piece) {
  Adaption adaption = adaption_.load(std::memory_order_relaxed);
  bool wants_split = piece->contention > split_above, wants_join = piece->contention < join_below;
  if (adaption == Adaption::always_split) {
    wants_split = true;
  } else if (adaption == Adaption::random) {
    wants_split = toss();
    wants_join = !wants_split && toss();
  }
  if (!wants_split && !wants_join) return nullptr;
  piece->contention = 0;
  return wants_split ? try_split(piece) : try_join(piece);
}

DividedTree::Replaced* DividedTree::replace(Piece* first, size_t count, std::initializer_list<Piece*> fresh) {
  auto* replaced = new Replaced;
  ExclusiveLock lock(directory_lock_);
  const Directory* old = directory_.load(std::memory_order_relaxed);
  auto at = std::ranges::find(old->entries, first, &Entry::piece);
  auto behind = at + static_cast<ptrdiff_t>(count);
  auto* changed = new Directory;
  changed->entries.reserve(old->entries.size() - count + fresh.size());
  changed->entries.assign(old->entries.begin(), at);
  for (Piece* piece : fresh)
    changed->entries.push_back({piece->low == nullptr ? Term::none() : piece->low->element(1), piece});
  changed->entries.insert(changed->entries.end(), behind, old->entries.end());
  for (; at != behind; ++at) {
    at->piece->retired = true;
    replaced->pieces.push_back(at->piece);
  }
  replaced->directory.reset(old);
  directory_.store(changed, std::memory_order_release);
  charge_pieces(static_cast<int64_t>(fresh.size()) - static_cast<int64_t>(count));
  return replaced;
}

// Counts stay with one of the halves: only the sum over all pieces has a meaning.
static void inherit(Counters& to, const Counters& from) {
  to.live.store(to.live.load(std::memory_order_relaxed) + from.live.load(std::memory_order_relaxed), std::memory_order_relaxed);
  to.words.store(to.words.load(std::memory_order_relaxed) + from.words.load(std::memory_order_relaxed), std::memory_order_relaxed);
  to.charged_words += from.charged_words;
}

DividedTree::Replaced* DividedTree::try_split(Piece* piece) {
  if (piece->tree.height() < 2 || piece_count() >= piece_limit) return nullptr;
  ScratchArena scratch;
  Object* bound = Object::create(make_tuple(scratch, piece->tree.splitting_key()));
  if (bound == nullptr) return nullptr;
  auto* low = new Piece(key_position_, piece->low, bound);
  auto* high = new Piece(key_position_, bound, piece->high);
  low->tree = std::move(piece->tree);
  low->tree.split_off(high->tree);
  inherit(*high, *piece);
  return replace(piece, 1, {low, high});
}

DividedTree::Replaced* DividedTree::try_join(Piece* piece) {
  const auto& entries = directory_.load(std::memory_order_acquire)->entries;
  if (entries.size() == 1) return nullptr;
  // Towards the first piece: its neighbour above, all others the one below. The neighbour's place in the directory is
  // looked up by the bound they share, which stays while this piece is locked.
  Piece* neighbour = piece->low == nullptr ? find_piece(piece->high->element(1)) : nullptr;
  if (neighbour == nullptr) {
    Term bound = piece->low->element(1);
    auto at = std::lower_bound(entries.begin() + 1, entries.end(), bound,
                               [](const Entry& entry, Term wanted) { return compare(entry.low, wanted) < 0; });
    neighbour = std::prev(at)->piece;
  }
  if (!neighbour->lock.try_lock()) return nullptr;
  Replaced* replaced = nullptr;
  bool is_below = piece->low != nullptr && neighbour->high == piece->low;
  bool is_above = piece->high != nullptr && neighbour->low == piece->high;
  if (!neighbour->retired && (is_below || is_above)) {
    Piece* below = is_below ? neighbour : piece;
    Piece* above = is_below ? piece : neighbour;
    auto* joined = new Piece(key_position_, below->low, above->high);
    joined->tree = std::move(below->tree);
    joined->tree.append(above->tree);
    inherit(*joined, *below);
    inherit(*joined, *above);
    replaced = replace(below, 2, {joined});
    replaced->bounds.push_back(above->low);
  }
  neighbour->lock.unlock();
  return replaced;
}

std::vector<OrderedTree> DividedTree::detach(AllLocked& all) {
  std::vector<OrderedTree> trees;
  for (Piece* piece : all.pieces_) {
    trees.push_back(std::move(piece->tree));
    piece->live.store(0, std::memory_order_relaxed);
    piece->add_words(machine_, -piece->words.load(std::memory_order_relaxed));
  }
  if (all.pieces_.size() == 1) return trees;
  all.replaced_ = replace(all.pieces_[0], all.pieces_.size(), {new Piece(key_position_, nullptr, nullptr)});
  for (Piece* piece : all.pieces_)
    if (piece->low != nullptr) all.replaced_->bounds.push_back(piece->low);
  return trees;
}

// ---- all pieces ----

// Pieces that were replaced keep their counts: any directory gives a sum that was true at some time.
int64_t DividedTree::sum(std::atomic<int64_t> Counters::* counter) const {
  int64_t total = 0;
  for (const Entry& entry : directory_.load(std::memory_order_acquire)->entries)
    total += (entry.piece->*counter).load(std::memory_order_relaxed);
  return total;
}

int64_t DividedTree::words() const {
  return sum(&Piece::words) + (static_cast<int64_t>(piece_count()) - 1) * piece_words;
}

size_t DividedTree::depth() const { return static_cast<size_t>(std::bit_width(piece_count() - 1)); }

}  // namespace hanse
