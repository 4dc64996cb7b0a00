// Nonces that were used, so that no signed request counts twice, also after a restart of the node or its sudden end: every nonce is in the
// operating system's hands before its request is acted on. Two files take turns: PATH, and PATH.old, which is replaced when nothing in it can
// be valid any more. Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/flat_table.h"
#include "base/mutex.h"

namespace hanse::gateway {

class NonceJournal {
 public:
  // An empty path: in memory only. The error says what is wrong with the file; it may have one user at a time.
  static std::expected<std::unique_ptr<NonceJournal>, std::string> open(const std::string& path, int64_t now_s);
  ~NonceJournal();

  enum class Outcome : uint8_t { fresh, seen, not_written };
  // Uses a nonce up; its request is valid until `expires_s` (unix seconds).
  Outcome take(std::string_view keyid, std::string_view nonce, int64_t expires_s, int64_t now_s);

  size_t size() const;

 private:
  struct Hash {
    uint64_t low, high;
    bool operator==(const Hash&) const = default;
  };
  struct HashTraits {
    static size_t hash(const Hash& key) { return key.low; }
    static bool equal(const Hash& a, const Hash& b) { return a == b; }
  };
  struct Nothing {};
  using Set = FlatTable<Hash, Nothing, HashTraits>;
  struct Record {
    Hash hash;
    int64_t expires_s;
  };

  explicit NonceJournal(std::string path) : path_(std::move(path)), current_(std::make_unique<Set>()), old_(std::make_unique<Set>()) {}
  std::expected<void, std::string> open_current();
  void load(const std::string& path, Set& set, int64_t now_s);
  bool turn_over(int64_t now_s) REQUIRES_LOCK(mutex_);

  const std::string path_;
  mutable Mutex<LockRank::gateway> mutex_;
  std::unique_ptr<Set> current_ GUARDED_BY(mutex_);
  std::unique_ptr<Set> old_ GUARDED_BY(mutex_);
  int64_t turned_s_ GUARDED_BY(mutex_) = 0;
  int file_ = -1;
  int lock_file_ = -1;
};

}  // namespace hanse::gateway
