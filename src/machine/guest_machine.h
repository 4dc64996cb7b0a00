// The machines of guests: made, found by their serial number, ended. A machine belongs to the process that made it, and ends with it.
#pragma once

#include <vector>

#include "machine/guest_realm.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/spawn.h"

namespace hanse {

class GuestMachine final : public Machine {
 public:
  GuestMachine(std::string name, uint64_t serial, Ref<GuestRealm> realm, Term owner);
  ~GuestMachine() override;

  Guest& limits() { return the_guest_; }
  const Ref<GuestRealm>& guest_realm() const { return realm_; }
  const Term owner;
  // What prim_machine:environment/0 answers inside. Set before the first process.
  StoredTerm environment;

 private:
  void is_over(Term reason) override;
  void abandon() override;
  const Ref<GuestRealm> realm_;
  Guest the_guest_;
};

// Machines and realms that guests' owners hold. Any thread.
class MachineTable {
 public:
  static MachineTable& node();

  uint64_t next_serial() { return last_serial_.fetch_add(1, std::memory_order_relaxed) + 1; }
  void add(GuestMachine* machine);
  // With a hold, to be released; nullptr if there is none.
  GuestMachine* find(uint64_t serial);
  // False: it is not there any more.
  bool remove(GuestMachine& machine);
  std::vector<uint64_t> serials();
  // Of a process that owns some.
  std::vector<uint64_t> machines_of(Term owner);

  void add_realm(Ref<GuestRealm> realm, Term owner);
  Ref<GuestRealm> find_realm(uint64_t id);
  bool release_realm(uint64_t id);
  void release_realms_of(Term owner);

 private:
  struct HeldRealm {
    Ref<GuestRealm> realm;
    Term owner;
  };
  std::atomic<uint64_t> last_serial_{0};
  Mutex<LockRank::machines> mutex_;
  std::unordered_map<uint64_t, GuestMachine*> machines_ GUARDED_BY(mutex_);
  std::unordered_map<Word, std::vector<uint64_t>> owned_ GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, HeldRealm> realms_ GUARDED_BY(mutex_);
};

// A hold on a machine for as long as one looks at it.
class FoundMachine {
 public:
  explicit FoundMachine(uint64_t serial) : machine_(MachineTable::node().find(serial)) {}
  ~FoundMachine() {
    if (machine_ != nullptr) machine_->release();
  }
  FoundMachine(const FoundMachine&) = delete;
  FoundMachine& operator=(const FoundMachine&) = delete;
  explicit operator bool() const { return machine_ != nullptr; }
  GuestMachine* operator->() const { return machine_; }
  GuestMachine& operator*() const { return *machine_; }

 private:
  GuestMachine* machine_;
};

// Called once by main, before the first process: the gate before built-in functions, and the end of owners.
void register_machines();
BifFunction machine_gate();

}  // namespace hanse
