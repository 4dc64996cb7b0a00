// A machine: what a process belongs to, and the only way it reaches anything that processes share: names, tables, code,
// memory, permissions. The host machine has every permission and no limits. Lives as long as its processes.
#pragma once

#include <atomic>
#include <string>

#include "base/mutex.h"
#include "code/realm.h"
#include "heap/account.h"
#include "process/registry.h"

namespace hanse {

class NamedTables;  // ets/

class Machine {
 public:
  Machine(std::string name, uint64_t serial, Realm& realm) : name(std::move(name)), serial(serial), realm(realm) {}
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const std::string name;
  const uint64_t serial;
  Account account;
  Realm& realm;
  Registry registry;
  // Owned by the ets layer; set once at start.
  std::atomic<NamedTables*> named_tables{nullptr};
  std::atomic<size_t> process_count{0};
  size_t process_limit = 262144;
  size_t port_limit = 65536;
};

// The machine with every permission; set once by main, before the first process.
Machine& host_machine();
void set_host_machine(Machine& machine);

}  // namespace hanse
