// enif_select: a library is told once, by a message, when a descriptor is ready. What it selects is watched by the node's poller.
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include <array>
#include <climits>
#include <mutex>
#include <unordered_map>

#include "heap/fragment.h"
#include "nif/library.h"
#include "nif/resource.h"
#include "process/descriptor_poller.h"
#include "process/send.h"
#include "process/spawn.h"
#include "process/stored_term.h"

namespace hanse::nif {
namespace {

// One thing that a descriptor may become, and what says so.
struct Kind {
  unsigned flag;
  uint32_t interest;   // what to ask the system for
  uint32_t satisfied;  // the events that answer it
  const char* name;
  int cancelled;
};
constexpr Kind kinds[] = {
    {ERL_NIF_SELECT_READ, EPOLLIN, EPOLLIN | EPOLLERR | EPOLLHUP, "ready_input", ERL_NIF_SELECT_READ_CANCELLED},
    {ERL_NIF_SELECT_WRITE, EPOLLOUT, EPOLLOUT | EPOLLERR | EPOLLHUP, "ready_output", ERL_NIF_SELECT_WRITE_CANCELLED},
    {ERL_NIF_SELECT_ERROR, EPOLLERR, EPOLLERR | EPOLLHUP, "ready_error", ERL_NIF_SELECT_ERROR_CANCELLED},
};

// A descriptor that has been selected, until it is stopped. Held by the table below and by the poller.
class Selected final : public RefCounted<Selected>, public PollTarget {
 public:
  explicit Selected(int descriptor) : descriptor_(descriptor) {}
  static void destroy(Selected* selected) { delete selected; }

  // What is asked for takes the place of what was asked for before.
  void ask(OffHeapBinary* resource, unsigned flags, Term to, Term message, Arena& arena, Term reference) {
    Ref<OffHeapBinary> before;  // goes when the lock is free
    std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    if (resource_.get() != resource) {
      if (resource_) tell_of_theft();
      before = std::exchange(resource_, Ref<OffHeapBinary>(resource));
      for (Asked& other : asked_) other = {};
      ignore();
      registration_ = descriptor_poller().add(this, descriptor_, 0);
    }
    for (size_t i = 0; i < std::size(kinds); i++) {
      if ((flags & kinds[i].flag) == 0) continue;
      asked_[i].to = to;
      asked_[i].message.set(message.is_none() ? usual_message(arena, resource, reference, make_atom(kinds[i].name)) : message);
    }
    watch();
  }

  int cancel(unsigned flags) {
    std::lock_guard lock(mutex_);
    int cancelled = 0;
    for (size_t i = 0; i < std::size(kinds); i++) {
      if ((flags & kinds[i].flag) == 0 || asked_[i].to.is_none()) continue;
      asked_[i] = {};
      cancelled |= kinds[i].cancelled;
    }
    watch();
    return cancelled;
  }

  // No message is sent any more. The resource that it was selected for.
  Ref<OffHeapBinary> stop() {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
    for (Asked& asked : asked_) asked = {};
    ignore();
    return std::exchange(resource_, nullptr);
  }

  void descriptor_ready(uint32_t, uint32_t events) override {
    std::array<Asked, std::size(kinds)> answered;
    {
      std::lock_guard lock(mutex_);
      for (size_t i = 0; i < std::size(kinds); i++)
        if ((events & kinds[i].satisfied) != 0) std::swap(answered[i], asked_[i]);
      watch();
    }
    for (Asked& each : answered)
      if (!each.to.is_none()) deliver_fragment(each.to, each.message.term(), each.message.take_fragment());
  }
  void deadline_passed(uint64_t) override {}
  void retain_target() override { retain(); }
  void release_target() override { release(); }

 private:
  struct Asked {
    Term to = Term::none();  // none(): nobody waits
    StoredTerm message;
  };

  void watch() {
    uint32_t events = 0;
    for (size_t i = 0; i < std::size(kinds); i++)
      if (!asked_[i].to.is_none()) events |= kinds[i].interest;
    if (registration_ != 0) descriptor_poller().set_interest(registration_, events);
  }
  void ignore() {
    if (registration_ != 0) descriptor_poller().remove(registration_);
    registration_ = 0;
  }

  static Term usual_message(Arena& arena, OffHeapBinary* resource, Term reference, Term what) {
    resource->retain();
    return make_tuple(arena, am::select, make_resource_reference(arena, resource), reference, what);
  }

  void tell_of_theft() const {
    static constexpr std::string_view text = "Descriptor ~p was selected for another resource, which has not been told to stop.~n";
    FragmentArena arena(16);
    Term arguments[] = {Term::small(descriptor_)};
    log_to_logger(am::warning, text, make_list(arena, arguments), nullptr);
  }

  const int descriptor_;
  std::mutex mutex_;
  bool is_stopped_ = false;
  uint64_t registration_ = 0;
  Ref<OffHeapBinary> resource_;
  std::array<Asked, std::size(kinds)> asked_;
};

struct Table {
  std::mutex mutex;
  std::unordered_map<int, Ref<Selected>> all;
};
Table& table() {
  static auto* only = new Table;
  return *only;
}

Ref<Selected> find(int descriptor) {
  std::lock_guard lock(table().mutex);
  auto found = table().all.find(descriptor);
  return found == table().all.end() ? nullptr : found->second;
}
Ref<Selected> find_or_make(int descriptor) {
  std::lock_guard lock(table().mutex);
  Ref<Selected>& place = table().all[descriptor];
  if (!place) place = Ref<Selected>::adopt(new Selected(descriptor));
  return place;
}

// Nothing of the poller's is under way that would still use the descriptor: the library may close it at once.
int stop(int descriptor, void* object) {
  Ref<Selected> selected;
  {
    std::lock_guard lock(table().mutex);
    auto found = table().all.find(descriptor);
    if (found != table().all.end()) {
      selected = std::move(found->second);
      table().all.erase(found);
    }
  }
  Ref<OffHeapBinary> resource = selected ? selected->stop() : Ref<OffHeapBinary>(header_of(object).binary);
  if (!resource) return INT_MIN | ERL_NIF_SELECT_FAILED;
  void* of = object_in(resource.get());
  CallsOfType functions = calls_of(*header_of(of).type);
  enif_environment_t env(functions.owner.get());
  if (functions.calls.stop != nullptr) functions.calls.stop(&env, of, descriptor, 1);
  return ERL_NIF_SELECT_STOP_CALLED;
}

// message: none() for the one that the interface describes.
int select(ErlNifEnv* env, int descriptor, unsigned flags, void* object, const ErlNifPid* pid, Term reference, Term message) {
  constexpr unsigned any = ERL_NIF_SELECT_READ | ERL_NIF_SELECT_WRITE | ERL_NIF_SELECT_ERROR;
  if (descriptor < 0) return INT_MIN | ERL_NIF_SELECT_INVALID_EVENT;
  if ((flags & ERL_NIF_SELECT_STOP) != 0) return stop(descriptor, object);
  if ((flags & ERL_NIF_SELECT_CANCEL) != 0) {
    Ref<Selected> selected = find(descriptor);
    return selected ? selected->cancel(flags) : 0;
  }
  if ((flags & any) == 0 || fcntl(descriptor, F_GETFD) < 0) return INT_MIN | ERL_NIF_SELECT_FAILED;
  Term to = pid != nullptr ? term(pid->pid) : env->process() != nullptr ? env->process()->self : Term::none();
  if (!to.is_local_pid()) return INT_MIN | ERL_NIF_SELECT_FAILED;
  FragmentArena arena(16);
  find_or_make(descriptor)->ask(header_of(object).binary, flags, to, message, arena, reference);
  return 0;
}

}  // namespace
}  // namespace hanse::nif

using namespace hanse;
using namespace hanse::nif;

extern "C" {

int enif_select(ErlNifEnv* env, ErlNifEvent descriptor, enum ErlNifSelectFlags flags, void* object, const ErlNifPid* pid,
                ERL_NIF_TERM reference) {
  return nif::select(env, descriptor, flags, object, pid, term(reference), Term::none());
}

// The message takes the place of the usual one; that of message_env is moved out of it.
int enif_select_x(ErlNifEnv* env, ErlNifEvent descriptor, enum ErlNifSelectFlags flags, void* object, const ErlNifPid* pid,
                  ERL_NIF_TERM message, ErlNifEnv* message_env) {
  int answer = nif::select(env, descriptor, flags, object, pid, Term::none(), term(message));
  if (message_env != nullptr && answer >= 0) message_env->clear();
  return answer;
}

}  // extern "C"
