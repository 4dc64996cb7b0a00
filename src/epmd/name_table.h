// The names registered with a port mapper. Owned by its server; one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "epmd/epmd_request.h"

namespace hanse::epmd {

struct NameEntry {
  Registration registration;
  int owner = -1;  // the descriptor of the connection that keeps the name
};

class NameTable {
 public:
  // Creations count up from `first_creation`, so that a life of a node can be told from its earlier ones; a port mapper
  // that starts later should start higher (the time in seconds does).
  explicit NameTable(uint32_t first_creation) : next_(first_creation) {}

  // The creation of the new entry; nothing if the name is taken.
  std::optional<uint32_t> add(Registration registration, int owner);
  // What this connection registered. False: nothing.
  bool remove_owner(int owner);
  const NameEntry* find(const std::string& name) const;
  // Newest first.
  std::string names_text() const;
  std::string dump_text() const;
  size_t size() const { return by_name_.size(); }

 private:
  using Entries = std::map<uint32_t, NameEntry, std::greater<>>;  // by creation
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_name_;
  std::unordered_map<int, Entries::iterator> by_owner_;
  std::deque<NameEntry> former_;  // for dumps only
  uint32_t next_;
};

}  // namespace hanse::epmd
