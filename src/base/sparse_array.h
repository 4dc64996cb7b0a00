// An array over small numbers of which few are used: a tree of which only those parts exist that were needed. Reading takes no lock;
// whoever makes room holds the owner's lock. What is there stays where it is as long as the array lives.
#pragma once

#include <atomic>
#include <cstddef>

#include "base/check.h"

namespace hanse {

// Item: zero is its empty value.
template <class Item>
class SparseArray {
 public:
  static constexpr size_t page_items = 64, branches = 128;
  static constexpr size_t limit = page_items * branches * branches * branches;  // 134 million

  SparseArray() = default;
  SparseArray(const SparseArray&) = delete;
  SparseArray& operator=(const SparseArray&) = delete;
  ~SparseArray() { delete root_.load(std::memory_order_relaxed); }

  // nullptr: nobody has made room for it.
  Item* find(size_t index) const {
    if (index >= limit) return nullptr;
    const Top* top = root_.load(std::memory_order_acquire);
    if (top == nullptr) return nullptr;
    const Middle* middle = top->child(index / (page_items * branches * branches));
    if (middle == nullptr) return nullptr;
    const Bottom* bottom = middle->child(index / (page_items * branches) % branches);
    if (bottom == nullptr) return nullptr;
    Page* page = bottom->child(index / page_items % branches);
    return page == nullptr ? nullptr : &page->items[index % page_items];
  }
  // Under the owner's lock.
  Item& at(size_t index) {
    CHECK(index < limit);
    Middle& middle = made(made(root_).children[index / (page_items * branches * branches)]);
    Bottom& bottom = made(middle.children[index / (page_items * branches) % branches]);
    return made(bottom.children[index / page_items % branches]).items[index % page_items];
  }
  // visit(index, Item&) for every place that there is room for.
  template <class Visit>
  void for_each(Visit visit) const {
    if (const Top* top = root_.load(std::memory_order_acquire)) top->for_each(0, visit);
  }

 private:
  struct Page {
    static constexpr size_t size = page_items;
    template <class Visit>
    void for_each(size_t first, Visit& visit) {
      for (size_t i = 0; i < page_items; i++) visit(first + i, items[i]);
    }
    Item items[page_items] = {};
  };
  template <class Child>
  struct Branch {
    static constexpr size_t size = branches * Child::size;
    ~Branch() {
      for (auto& place : children) delete place.load(std::memory_order_relaxed);
    }
    Child* child(size_t position) const { return children[position].load(std::memory_order_acquire); }
    template <class Visit>
    void for_each(size_t first, Visit& visit) const {
      for (size_t i = 0; i < branches; i++)
        if (Child* present = child(i)) present->for_each(first + i * Child::size, visit);
    }
    std::atomic<Child*> children[branches] = {};
  };
  using Bottom = Branch<Page>;
  using Middle = Branch<Bottom>;
  using Top = Branch<Middle>;

  template <class Node>
  static Node& made(std::atomic<Node*>& place) {
    Node* present = place.load(std::memory_order_relaxed);
    if (present == nullptr) place.store(present = new Node, std::memory_order_release);
    return *present;
  }

  std::atomic<Top*> root_{nullptr};
};

}  // namespace hanse
