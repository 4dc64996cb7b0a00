#include "machine/guest_machine.h"

#include "base/epoch.h"
#include "ets/table_registry.h"
#include "process/call.h"
#include "process/guest_queue.h"
#include "process/wall.h"
#include "term/build.h"

namespace hanse {

GuestMachine::GuestMachine(std::string name, uint64_t serial, Ref<GuestRealm> realm, Term owner_pid)
    : Machine(std::move(name), serial, *realm), owner(owner_pid), realm_(std::move(realm)), the_guest_(*this) {
  guest_ = &the_guest_;
}

GuestMachine::~GuestMachine() {
  forget_guest(the_guest_);
  delete named_tables.load(std::memory_order_relaxed);
}

void GuestMachine::is_over(Term reason) {
  FragmentArena arena(16);
  the_guest_.tell_observer(make_tuple(arena, am::machine_down, make_unsigned(arena, serial), reason));
  if (MachineTable::node().remove(*this)) release();
}

void GuestMachine::abandon() { epoch::retire(this); }

MachineTable& MachineTable::node() {
  static auto* table = new MachineTable;
  return *table;
}

void MachineTable::add(GuestMachine* machine) {
  Lock lock(mutex_);
  machines_.emplace(machine->serial, machine);
  owned_[machine->owner.word()].push_back(machine->serial);
}

GuestMachine* MachineTable::find(uint64_t serial) {
  Lock lock(mutex_);
  auto found = machines_.find(serial);
  if (found == machines_.end()) return nullptr;
  found->second->retain();
  return found->second;
}

bool MachineTable::remove(GuestMachine& machine) {
  Lock lock(mutex_);
  if (machines_.erase(machine.serial) == 0) return false;
  auto owned = owned_.find(machine.owner.word());
  if (owned != owned_.end()) {
    std::erase(owned->second, machine.serial);
    if (owned->second.empty()) owned_.erase(owned);
  }
  return true;
}

std::vector<uint64_t> MachineTable::serials() {
  std::vector<uint64_t> all;
  Lock lock(mutex_);
  for (auto& [serial, machine] : machines_) all.push_back(serial);
  return all;
}

std::vector<uint64_t> MachineTable::machines_of(Term owner) {
  Lock lock(mutex_);
  auto found = owned_.find(owner.word());
  return found == owned_.end() ? std::vector<uint64_t>() : found->second;
}

void MachineTable::add_realm(Ref<GuestRealm> realm, Term owner) {
  Lock lock(mutex_);
  uint64_t id = realm->id;
  realms_.emplace(id, HeldRealm{std::move(realm), owner});
}

Ref<GuestRealm> MachineTable::find_realm(uint64_t id) {
  Lock lock(mutex_);
  auto found = realms_.find(id);
  return found == realms_.end() ? nullptr : found->second.realm;
}

bool MachineTable::release_realm(uint64_t id) {
  Ref<GuestRealm> last;  // goes after the lock
  Lock lock(mutex_);
  auto found = realms_.find(id);
  if (found == realms_.end()) return false;
  last = std::move(found->second.realm);
  realms_.erase(found);
  return true;
}

void MachineTable::release_realms_of(Term owner) {
  std::vector<Ref<GuestRealm>> last;
  Lock lock(mutex_);
  std::erase_if(realms_, [&](auto& entry) {
    if (entry.second.owner != owner) return false;
    last.push_back(std::move(entry.second.realm));
    return true;
  });
}

// --- the end of owners ---

namespace {

class OwnerExitHook final : public ProcessExitHook {
 public:
  void process_exits(Process& process, Term) override {
    if (!process.owns_machines) [[likely]] return;
    serve_guest(process, nullptr);
    for (uint64_t serial : MachineTable::node().machines_of(process.self))
      if (FoundMachine machine(serial); machine) machine->limits().kill(am::owner_down);
    MachineTable::node().release_realms_of(process.self);
  }
};

Term authority_name(Authority authority) {
  switch (authority) {
    case Authority::clock: return am::clock;
    case Authority::environment: return am::environment;
    case Authority::statistics: return am::statistics;
    default: return am::host;
  }
}

// Stands before every function with a gated authority (code/bif.h).
Result gate(Call& call) {
  const Guest* guest = call.process.machine.guest();
  if (guest == nullptr || guest->permits(call.row->authority)) [[likely]] return call.row->function(call);
  return raise_error(call, make_tuple(call.arena(), am::not_permitted, authority_name(call.row->authority)));
}

}  // namespace

void register_machines() {
  static OwnerExitHook hook;
  add_exit_hook(&hook);
}
BifFunction machine_gate() { return gate; }

}  // namespace hanse
