// Descriptors that drivers wait for (driver_select). One port has a descriptor; who asks for another's takes it away.
#include <fcntl.h>
#include <sys/epoll.h>

#include <mutex>
#include <unordered_map>

#include "driver/linked_port.h"
#include "heap/fragment.h"
#include "process/spawn.h"
#include "term/build.h"

namespace hanse::driver {

namespace {

struct Selected {
  LinkedPort* owner;
  Term port;
  std::string name;
  uint64_t registration;
  uint32_t events = 0;  // EPOLLIN, EPOLLOUT
};

struct Table {
  std::mutex mutex;
  std::unordered_map<int, Selected> by_descriptor;
};
Table& table() {
  static auto& selected = *new Table;
  return selected;
}

// Takes it out of the table. 0: it was not there.
uint64_t take(int descriptor) {
  auto found = table().by_descriptor.find(descriptor);
  if (found == table().by_descriptor.end()) return 0;
  uint64_t registration = found->second.registration;
  table().by_descriptor.erase(found);
  return registration;
}

uint32_t events_of(int mode) {
  uint32_t events = 0;
  if ((mode & ERL_DRV_READ) != 0) events |= EPOLLIN;
  if ((mode & ERL_DRV_WRITE) != 0) events |= EPOLLOUT;
  return events;
}

void log_steal(LinkedPort& by, int descriptor, const Selected& from) {
  FragmentArena arena(512);
  Term arguments[] = {by.port().self, make_string(arena, by.driver().name()), Term::small(descriptor), make_string(arena, from.name), from.port};
  log_to_logger(am::error, "driver_select(~p, ~s): stealing control of fd=~w from ~s ~p~n", make_list(arena, arguments), nullptr);
}

}  // namespace

int LinkedPort::select(int descriptor, int mode, bool on) {
  if (stopped_ || descriptor < 0) return -1;
  uint64_t gone = 0;
  if (on) {
    if (fcntl(descriptor, F_GETFD) == -1) {
      FragmentArena arena(256);
      Term arguments[] = {Term::small(descriptor), port_.self, make_string(arena, driver_->name())};
      log_to_logger(am::error, "Bad fd in erts_poll()! fd=~w, port=~p, driver=~s~n", make_list(arena, arguments), nullptr);
      return 0;
    }
    std::lock_guard lock(table().mutex);
    auto found = table().by_descriptor.find(descriptor);
    if (found != table().by_descriptor.end() && found->second.owner != this) {
      log_steal(*this, descriptor, found->second);
      gone = take(descriptor);
      Poller::node().set_interest(gone, 0);
      found = table().by_descriptor.end();
    }
    if (found == table().by_descriptor.end()) {
      uint64_t registration = Poller::node().add(&port_, descriptor, static_cast<uint32_t>(descriptor));
      found = table().by_descriptor.emplace(descriptor, Selected{this, port_.self, driver_->name(), registration}).first;
    }
    Selected& selected = found->second;
    selected.events |= events_of(mode);
    Poller::node().set_interest(selected.registration, selected.events);
  } else {
    bool ends_use = (mode & ERL_DRV_USE_NO_CALLBACK) == ERL_DRV_USE;  // without the callback it ends nothing else
    {
      std::lock_guard lock(table().mutex);
      auto found = table().by_descriptor.find(descriptor);
      if (found != table().by_descriptor.end() && found->second.owner == this) {
        Selected& selected = found->second;
        selected.events &= ends_use ? 0 : ~events_of(mode);
        if (selected.events == 0) gone = take(descriptor);
        else Poller::node().set_interest(selected.registration, selected.events);
      }
    }
    if (gone != 0) Poller::node().remove(std::exchange(gone, 0));
    if (ends_use) {
      if (driver_->entry().stop_select != nullptr) driver_->entry().stop_select(reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(descriptor)), nullptr);
      else missing("Event", "stop_select()");
    }
  }
  if (gone != 0) Poller::node().remove(gone);
  return 0;
}

void LinkedPort::deselect_all() {
  std::vector<uint64_t> registrations;
  {
    std::lock_guard lock(table().mutex);
    std::erase_if(table().by_descriptor, [&](auto& row) {
      if (row.second.owner != this) return false;
      registrations.push_back(row.second.registration);
      return true;
    });
  }
  for (uint64_t registration : registrations) Poller::node().remove(registration);
}

void LinkedPort::descriptor_ready(uint32_t role, uint32_t events) {
  auto descriptor = static_cast<int>(role);
  auto event = reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(descriptor));
  auto is_wanted = [&](uint32_t kind) {
    if (stopped_ || (events & (kind | EPOLLERR | EPOLLHUP)) == 0) return false;
    std::lock_guard lock(table().mutex);
    auto found = table().by_descriptor.find(descriptor);
    return found != table().by_descriptor.end() && found->second.owner == this && (found->second.events & kind) != 0;
  };
  const ErlDrvEntry& entry = driver_->entry();
  if (is_wanted(EPOLLIN)) {
    Running running(*this);
    if (entry.ready_input != nullptr) {
      entry.ready_input(data_, event);
    } else {
      missing("Input", "ready_input()");
      select(descriptor, ERL_DRV_READ, false);
    }
  }
  if (is_wanted(EPOLLOUT)) {
    Running running(*this);
    if (entry.ready_output != nullptr) {
      entry.ready_output(data_, event);
    } else {
      missing("Output", "ready_output()");
      select(descriptor, ERL_DRV_WRITE, false);
    }
  }
}

}  // namespace hanse::driver
