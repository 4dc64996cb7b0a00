// The indices of a realm: exports by name, entries of funs by the fun expression they belong to.
#pragma once

#include <cstring>

#include "code/concurrent_index.h"
#include "term/fun.h"

namespace hanse {

struct ExportKey {
  Term module, function;
  uint32_t arity;
};

// Arity and number of free variables belong to the key: a fun from outside that lies about them finds no code.
struct FunKey {
  Term module;
  uint32_t index, old_unique, arity, free_count;
  const uint8_t* md5;
};

struct ExportTraits {
  static size_t hash(const ExportKey& key);
  static size_t hash(const Export& item) { return hash(ExportKey{item.module, item.function, item.arity}); }
  static bool equal(const Export& item, const ExportKey& key) {
    return item.module == key.module && item.function == key.function && item.arity == key.arity;
  }
};
struct FunTraits {
  static size_t hash(const FunKey& key);
  static size_t hash(const FunEntry& item);
  static bool equal(const FunEntry& item, const FunKey& key);
};

using ExportIndex = ConcurrentIndex<Export, ExportKey, ExportTraits>;
using FunIndex = ConcurrentIndex<FunEntry, FunKey, FunTraits>;

// A new export that leads to the built-in function, or to nothing yet; and a new entry.
Export* new_export(const ExportKey& key, const BifRow* row);
FunEntry* new_fun_entry(const FunKey& key);
// An entry that nobody uses any more becomes another one's.
void reset_fun_entry(FunEntry& entry, const FunKey& key);

}  // namespace hanse
