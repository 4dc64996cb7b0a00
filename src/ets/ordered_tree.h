// An AVL tree of objects, by key in Erlang's term order (1 == 1.0): what an ordered_set is. Not synchronised, but several
// threads may read.
//
// Whoever walks by ets:next/2 comes back with the key just found: a high tree keeps the path to it, until it changes.
#pragma once

#include <atomic>
#include <cstddef>

#include "ets/object.h"
#include "term/compare.h"

namespace hanse {

class OrderedTree {
 public:
  explicit OrderedTree(size_t key_position) : key_position_(key_position) {}
  OrderedTree(OrderedTree&& other) noexcept : key_position_(other.key_position_) { swap(other); }
  OrderedTree& operator=(OrderedTree&& other) noexcept {
    swap(other);
    return *this;
  }
  ~OrderedTree();

  Object* find(Term key) const;
  // The link that points at the object with the key, or nullptr.
  Object** find_link(Term key);
  // The object that had the key before (no longer linked), or nullptr.
  Object* insert(Object* object);
  // Takes the object with the key out; nullptr if there is none.
  Object* remove(Term key);
  // Puts an object in the place of another with an equal key.
  void replace(Object** link, Object* object);

  Object* first() const;
  Object* last() const;
  // The nearest object after or before a key, which need not exist.
  Object* after(Term key) const { return neighbour(key, false); }
  Object* before(Term key) const { return neighbour(key, true); }

  size_t height() const { return root_ == nullptr ? 0 : static_cast<size_t>(root_->height); }
  // Where a tree of two or more objects is divided best: the smallest key of the upper part. In logarithmic time, as split_off().
  Term splitting_key() const;
  // Moves the objects from the splitting key on to an empty tree.
  void split_off(OrderedTree& upper);
  // Takes over the objects of a tree of greater keys. In logarithmic time.
  void append(OrderedTree& upper);

  // Frees up to `budget` objects; true when nothing is left.
  bool destroy_some(size_t& budget);

  static constexpr size_t maximum_height = 96;  // an AVL tree of 2^64 objects is lower

  // Walks forwards or backwards from a place. The tree must not change meanwhile.
  class Cursor {
   public:
    // Position at the first (descending: last) object for which belongs(key) is 0; belongs is negative for keys before
    // the wanted range, positive behind it, monotone over the order.
    template <class Belongs>
    Cursor(const OrderedTree& tree, bool descending, Belongs belongs) {
      position(tree, descending, belongs);
    }
    Cursor() = default;
    template <class Belongs>
    void position(const OrderedTree& tree, bool descending, Belongs belongs) {
      descending_ = descending;
      depth_ = 0;
      for (Object* node = tree.root_; node != nullptr;) {
        int place = belongs(node->element(tree.key_position_));
        bool keep = descending ? place <= 0 : place >= 0;
        if (keep) path_[depth_++] = node;
        node = keep == descending ? node->right : node->left;
      }
    }
    void clear() { depth_ = 0; }
    bool is_descending() const { return descending_; }
    Object* current() const { return depth_ == 0 ? nullptr : path_[depth_ - 1]; }
    void advance() {
      Object* node = path_[--depth_];
      node = descending_ ? node->left : node->right;
      for (; node != nullptr; node = descending_ ? node->right : node->left) path_[depth_++] = node;
    }

   private:
    Object* path_[maximum_height];
    size_t depth_ = 0;
    bool descending_ = false;
  };

 private:
  friend class Cursor;
  void swap(OrderedTree& other);
  // The links from the root down to where the key is or would be.
  size_t path_to(Term key, Object*** path);
  // From the last link of the path upwards, whose object has lost or gained below.
  void rebalance(Object*** path, size_t depth);
  Object* neighbour(Term key, bool descending) const;
  Object* neighbour_from_root(Term key, bool descending) const;
  void forget_walk() {
    if (Cursor* walk = walk_.load(std::memory_order_relaxed)) walk->clear();
  }

  size_t key_position_;
  Object* root_ = nullptr;
  // At the object that neighbour() found last. Readers take it out and put it back (acquire, release); cleared by those who
  // change the tree, who are alone. nullptr: none yet, or somebody uses it.
  mutable std::atomic<Cursor*> walk_{nullptr};
};

}  // namespace hanse
