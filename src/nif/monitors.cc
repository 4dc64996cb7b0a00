// Resources that watch processes (enif_monitor_process).
#include <cstring>
#include <unordered_map>

#include "nif/library.h"
#include "nif/resource.h"
#include "process/outside_watcher.h"
#include "process/relations.h"
#include "process/send.h"

namespace hanse::nif {

// Whom a resource watches. Processes hold it, not the resource: that may go before them.
class ResourceWatch final : public OutsideWatcher {
 public:
  explicit ResourceWatch(OffHeapBinary* resource) : resource_(resource) {}

  // 0: it watches; 1: there is no such process.
  int add(Term pid, ReferenceNumber reference) {
    {
      std::lock_guard lock(mutex_);
      watched_.emplace(reference, pid);
    }
    being_added_ = &reference;
    bool watches = send_outside_monitor_signal(*this, pid, reference);
    being_added_ = nullptr;
    if (watches) return 0;
    std::lock_guard lock(mutex_);
    watched_.erase(reference);
    return 1;
  }

  bool remove(ReferenceNumber reference) {
    Term pid;
    {
      std::lock_guard lock(mutex_);
      auto found = watched_.find(reference);
      if (found == watched_.end()) return false;
      pid = found->second;
      watched_.erase(found);
    }
    send_demonitor_signal(Term::none(), pid, reference);
    return true;
  }

  void end() {
    decltype(watched_) left;
    {
      std::lock_guard lock(mutex_);
      resource_ = nullptr;
      left.swap(watched_);
    }
    for (auto [reference, pid] : left) send_demonitor_signal(Term::none(), pid, reference);
  }

  void process_ended(ReferenceNumber reference, Term pid) override {
    // It had ended before: the answer of add() tells. The library may hold a lock now that its own function would wait for.
    if (being_added_ != nullptr && *being_added_ == reference) return;
    Ref<OffHeapBinary> resource;
    {
      std::lock_guard lock(mutex_);
      if (watched_.erase(reference) == 0 || !resource_->retain_if_alive()) return;
      resource = Ref<OffHeapBinary>::adopt(resource_);
    }
    void* object = object_in(resource.get());
    CallsOfType functions = calls_of(*header_of(object).type);
    if (functions.calls.down == nullptr) return;
    enif_environment_t env(functions.owner.get());
    ErlNifPid ended{word(pid)};
    ErlNifMonitor monitor = monitor_of(reference);
    functions.calls.down(&env, object, &ended, &monitor);
  }

  Term shown(Arena& arena) override {
    std::lock_guard lock(mutex_);
    if (resource_ == nullptr || !resource_->retain_if_alive()) return Term::none();
    return make_resource_reference(arena, resource_);
  }

  static ErlNifMonitor monitor_of(ReferenceNumber reference) {
    ErlNifMonitor monitor{};
    static_assert(sizeof reference <= sizeof monitor);
    std::memcpy(&monitor, &reference, sizeof reference);
    return monitor;
  }

 private:
  struct Hash {
    size_t operator()(ReferenceNumber number) const { return ReferenceTraits::hash(number); }
  };
  static inline thread_local const ReferenceNumber* being_added_ = nullptr;
  std::mutex mutex_;
  OffHeapBinary* resource_;  // not counted; nullptr once it is about to go
  std::unordered_map<ReferenceNumber, Term, Hash> watched_;
};

static ReferenceNumber reference_of(const ErlNifMonitor& monitor) {
  ReferenceNumber reference;
  std::memcpy(&reference, &monitor, sizeof reference);
  return reference;
}

static ResourceWatch& watch_of(ResourceHeader& header) {
  if (ResourceWatch* known = header.watch.load(std::memory_order_acquire)) return *known;
  auto* made = new ResourceWatch(header.binary);
  ResourceWatch* other = nullptr;
  if (header.watch.compare_exchange_strong(other, made, std::memory_order_acq_rel, std::memory_order_acquire)) return *made;
  made->release();
  return *other;
}

void end_resource_watch(ResourceHeader& header) {
  ResourceWatch* watch = header.watch.load(std::memory_order_acquire);
  if (watch == nullptr) return;
  watch->end();
  watch->release();
}

}  // namespace hanse::nif

using namespace hanse;
using namespace hanse::nif;

extern "C" {

// 0: it watches; 1: there is no such process; -1: the type has no function to be told by.
int enif_monitor_process(ErlNifEnv*, void* object, const ErlNifPid* pid, ErlNifMonitor* monitor) {
  ResourceHeader& header = header_of(object);
  if (calls_of(*header.type).calls.down == nullptr) return -1;
  if (!term(pid->pid).is_local_pid()) return 1;
  ReferenceNumber reference = next_reference_number();
  int answer = watch_of(header).add(term(pid->pid), reference);
  if (answer == 0 && monitor != nullptr) *monitor = ResourceWatch::monitor_of(reference);
  return answer;
}

// 0: it watched, and does not any more.
int enif_demonitor_process(ErlNifEnv*, void* object, const ErlNifMonitor* monitor) {
  ResourceWatch* watch = header_of(object).watch.load(std::memory_order_acquire);
  return watch != nullptr && watch->remove(reference_of(*monitor)) ? 0 : 1;
}

int enif_compare_monitors(const ErlNifMonitor* one, const ErlNifMonitor* other) { return std::memcmp(one, other, sizeof *one); }
ERL_NIF_TERM enif_make_monitor_term(ErlNifEnv* env, const ErlNifMonitor* monitor) {
  return word(make_reference(*env->arena, reference_of(*monitor)));
}

}  // extern "C"
