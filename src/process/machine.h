// A machine: what a process belongs to, and the only way it reaches anything that processes share: names, tables, code,
// memory, permissions. The host machine has every permission and no limits; the others are guests (guest.h). A guest lives as long as
// its owner holds it, and anything that is charged to it: processes, tables, timers.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "code/realm.h"
#include "heap/account.h"
#include "process/registry.h"

namespace hanse {

class Guest;
class NamedTables;  // ets/

class Machine {
 public:
  Machine(std::string name, uint64_t serial, Realm& realm) : name(std::move(name)), serial(serial), realm(realm) {}
  virtual ~Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const std::string name;
  const uint64_t serial;
  Realm& realm;
  size_t process_limit = 262144;
  size_t port_limit = 65536;
  // Owned by the ets layer; set once at start.
  std::atomic<NamedTables*> named_tables{nullptr};

  // nullptr for the host. Valid as long as the machine.
  Guest* guest() const { return guest_; }
  // Whoever is charged to a guest keeps it alive; the host needs no counting.
  void retain() {
    if (guest_ != nullptr) holders_.fetch_add(1, std::memory_order_relaxed);
  }
  void release() {
    if (guest_ != nullptr && holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) abandon();
  }
  // A guest that is being ended has no processes any more.
  virtual void is_over(Term /*reason*/) {}

 protected:
  virtual void abandon() {}
  Guest* guest_ = nullptr;  // set by the constructor of machine/

 public:
  // What follows is written all the time, what stands above is read with every message: not in one line of the cache.
  alignas(64) Account account;
  std::atomic<size_t> process_count{0};
  Registry registry;

 private:
  std::atomic<size_t> holders_{1};
};

// The machine with every permission; set once by main, before the first process.
Machine& host_machine();
void set_host_machine(Machine& machine);

}  // namespace hanse
