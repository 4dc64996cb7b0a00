#include "process/internal_state.h"

#include <vector>

#include "term/atom.h"

namespace hanse {

static std::vector<InternalStateItem>& items() {
  static auto& instance = *new std::vector<InternalStateItem>;
  return instance;
}

void add_internal_state_item(const InternalStateItem& item) { items().push_back(item); }

const InternalStateItem* find_internal_state_item(Term name) {
  if (!name.is_atom()) return nullptr;
  for (const InternalStateItem& item : items())
    if (make_atom(item.name) == name) return &item;
  return nullptr;
}

}  // namespace hanse
