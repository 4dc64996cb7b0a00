#include "ets/ordered_tree.h"

#include <algorithm>
#include <utility>

namespace hanse {

static unsigned height_of(const Object* node) { return node == nullptr ? 0 : static_cast<unsigned>(node->height); }
static void update_height(Object* node) {
  node->height = static_cast<uint8_t>(1 + std::max(height_of(node->left), height_of(node->right)));
}

static Object* rotate_right(Object* node) {
  Object* up = node->left;
  node->left = up->right;
  up->right = node;
  update_height(node);
  update_height(up);
  return up;
}
static Object* rotate_left(Object* node) {
  Object* up = node->right;
  node->right = up->left;
  up->left = node;
  update_height(node);
  update_height(up);
  return up;
}

static Object* balance(Object* node) {
  unsigned left = height_of(node->left), right = height_of(node->right);
  if (left > right + 1) {
    if (height_of(node->left->left) < height_of(node->left->right)) node->left = rotate_left(node->left);
    return rotate_right(node);
  }
  if (right > left + 1) {
    if (height_of(node->right->right) < height_of(node->right->left)) node->right = rotate_right(node->right);
    return rotate_left(node);
  }
  update_height(node);
  return node;
}

OrderedTree::~OrderedTree() {
  size_t budget = ~size_t{0};
  destroy_some(budget);
  delete walk_.load(std::memory_order_relaxed);
}

void OrderedTree::swap(OrderedTree& other) {
  forget_walk();
  other.forget_walk();
  std::swap(root_, other.root_);
}

Object* OrderedTree::find(Term key) const {
  for (Object* node = root_; node != nullptr;) {
    int order = compare(key, node->element(key_position_));
    if (order == 0) return node;
    node = order < 0 ? node->left : node->right;
  }
  return nullptr;
}

size_t OrderedTree::path_to(Term key, Object*** path) {
  size_t depth = 0;
  Object** link = &root_;
  while (true) {
    path[depth++] = link;
    Object* node = *link;
    if (node == nullptr) return depth;
    int order = compare(key, node->element(key_position_));
    if (order == 0) return depth;
    link = order < 0 ? &node->left : &node->right;
  }
}

Object** OrderedTree::find_link(Term key) {
  Object** path[maximum_height];
  size_t depth = path_to(key, path);
  return *path[depth - 1] == nullptr ? nullptr : path[depth - 1];
}

void OrderedTree::rebalance(Object*** path, size_t depth) {
  while (depth-- > 0) {
    unsigned before = height_of(*path[depth]);
    *path[depth] = balance(*path[depth]);
    if (height_of(*path[depth]) == before) break;
  }
}

void OrderedTree::replace(Object** link, Object* object) {
  forget_walk();
  Object* old = *link;
  object->left = old->left;
  object->right = old->right;
  object->height = old->height;
  *link = object;
}

Object* OrderedTree::insert(Object* object) {
  Object** path[maximum_height];
  size_t depth = path_to(object->element(key_position_), path);
  Object* old = *path[depth - 1];
  if (old != nullptr) {
    replace(path[depth - 1], object);
    return old;
  }
  forget_walk();
  object->left = object->right = nullptr;
  object->height = 1;
  *path[depth - 1] = object;
  rebalance(path, depth - 1);
  return nullptr;
}

Object* OrderedTree::remove(Term key) {
  Object** path[maximum_height];
  size_t depth = path_to(key, path);
  Object** link = path[depth - 1];
  Object* node = *link;
  if (node == nullptr) return nullptr;
  forget_walk();
  if (node->left == nullptr || node->right == nullptr) {
    *link = node->left != nullptr ? node->left : node->right;
    rebalance(path, depth - 1);
    return node;
  }
  // The successor takes the node's place; the path then leads through the successor's links.
  path[depth++] = &node->right;
  while ((*path[depth - 1])->left != nullptr) {
    path[depth] = &(*path[depth - 1])->left;
    depth++;
  }
  Object* successor = *path[depth - 1];
  *path[depth - 1] = successor->right;
  replace(link, successor);
  for (size_t i = 1; i < depth; i++)
    if (path[i] == &node->right) path[i] = &successor->right;
  rebalance(path, depth - 1);
  return node;
}

Object* OrderedTree::first() const {
  Object* node = root_;
  while (node != nullptr && node->left != nullptr) node = node->left;
  return node;
}
Object* OrderedTree::last() const {
  Object* node = root_;
  while (node != nullptr && node->right != nullptr) node = node->right;
  return node;
}

Object* OrderedTree::neighbour_from_root(Term key, bool descending) const {
  Object* best = nullptr;
  for (Object* node = root_; node != nullptr;) {
    int order = compare(key, node->element(key_position_));
    if (descending ? order > 0 : order < 0) {
      best = node;
      node = descending ? node->right : node->left;
    } else {
      node = descending ? node->left : node->right;
    }
  }
  return best;
}

Object* OrderedTree::neighbour(Term key, bool descending) const {
  constexpr size_t worth_a_walk = 6;
  if (height() < worth_a_walk) return neighbour_from_root(key, descending);
  Cursor* walk = walk_.exchange(nullptr, std::memory_order_acquire);
  if (walk == nullptr) walk = new Cursor;
  Object* at = walk->current();
  if (at != nullptr && walk->is_descending() == descending && compare(at->element(key_position_), key) == 0) {
    walk->advance();
  } else {
    walk->position(*this, descending, [=](Term each) {
      int order = compare(each, key);
      return descending ? (order < 0 ? 0 : 1) : (order > 0 ? 0 : -1);
    });
  }
  Object* found = walk->current();
  delete walk_.exchange(walk, std::memory_order_acq_rel);
  return found;
}

// The root's subtrees are trees already: the parts differ in height by one at most.
Term OrderedTree::splitting_key() const {
  return (root_->left != nullptr ? root_ : root_->right)->element(key_position_);
}

void OrderedTree::split_off(OrderedTree& upper) {
  forget_walk();
  Object* root = root_;
  if (root->left == nullptr) {
    upper.root_ = std::exchange(root->right, nullptr);
    update_height(root);
    return;
  }
  root_ = root->left;
  upper.root_ = root->right;
  upper.insert(root);
}

// The smallest object of the upper tree becomes the node between both trees, at the height where they are level.
void OrderedTree::append(OrderedTree& upper) {
  if (root_ == nullptr || upper.root_ == nullptr) {
    if (root_ == nullptr) swap(upper);
    return;
  }
  forget_walk();
  Object* middle = upper.remove(upper.first()->element(key_position_));
  Object *left = root_, *right = std::exchange(upper.root_, nullptr);
  Object** path[maximum_height];
  size_t depth = 0;
  bool is_left_taller = height_of(left) > height_of(right);
  root_ = is_left_taller ? left : right;
  for (Object** link = &root_;; link = is_left_taller ? &(*link)->right : &(*link)->left) {
    path[depth++] = link;
    if (height_of(*link) <= height_of(is_left_taller ? right : left) + 1) break;
  }
  Object** link = path[depth - 1];
  middle->left = is_left_taller ? *link : left;
  middle->right = is_left_taller ? right : *link;
  *link = balance(middle);
  rebalance(path, depth - 1);
}

// The tree is flattened to the right while it is taken apart: no stack.
bool OrderedTree::destroy_some(size_t& budget) {
  forget_walk();
  while (root_ != nullptr) {
    if (budget == 0) return false;
    budget--;
    while (root_->left != nullptr) root_ = rotate_right(root_);
    Object* next = root_->right;
    Object::destroy(root_);
    root_ = next;
  }
  return true;
}

}  // namespace hanse
