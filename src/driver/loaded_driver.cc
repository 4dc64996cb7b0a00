#include "driver/loaded_driver.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "code/native_function.h"
#include "driver/driver_layer.h"
#include "driver/linked_port.h"
#include "heap/fragment.h"
#include "process/internal_state.h"
#include "process/machine.h"
#include "process/send.h"
#include "process/spawn.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse::driver {

std::recursive_mutex& drivers_mutex() {
  static auto& mutex = *new std::recursive_mutex;
  return mutex;
}

std::vector<std::shared_ptr<LoadedDriver>>& loaded_drivers() {
  static auto& drivers = *new std::vector<std::shared_ptr<LoadedDriver>>;
  return drivers;
}

LoadedDriver* find_driver(std::string_view name) {
  for (const auto& driver : loaded_drivers())
    if (driver->name() == name) return driver.get();
  return nullptr;
}

// --- errors ---

namespace {

enum : LoadError { no_init = -1, init_failed = -2, bad_name = -3, wrong_version = -5, symbol_not_found = -8, first_of_system = -10 };

constexpr struct {
  LoadError error;
  const char* atom;
  const char* text;
} load_errors[] = {
    {0, "no_error", "No error"},
    {no_init, "no_driver_init", "No driver init in dynamic library"},
    {init_failed, "driver_init_failed", "Driver init failed"},
    {bad_name, "bad_driver_name", "Bad driver name"},
    {-4, "driver_name_to_long", "Driver name to long"},
    {wrong_version, "driver_incorrect_version", "Driver compiled with incorrect version of erl_driver.h"},
    {-6, "no_ddll_available", "DDLL functionality not available on this platform"},
    {-7, "unspecified_error", "Unspecified dynamic library error"},
    {symbol_not_found, "symbol_not_found", "Symbol not found in dynamic library"},
};

// What the system's linker has said, each once: -10, -11 and so on. Under the lock of the drivers.
std::vector<std::string>& system_errors() {
  static auto& texts = *new std::vector<std::string>;
  return texts;
}

LoadError system_error(const std::string& file) {
  const char* told = dlerror();
  std::string text = told != nullptr ? told : "unspecified error";
  if (text.starts_with(file)) {
    size_t start = text.find_first_not_of(": ", file.size());
    if (start != std::string::npos) text.erase(0, start);
  }
  auto& texts = system_errors();
  auto found = std::find(texts.begin(), texts.end(), text);
  auto index = static_cast<LoadError>(found - texts.begin());
  if (found == texts.end()) texts.push_back(text);
  return first_of_system - index;
}

bool is_compatible(const ErlDrvEntry& entry) {
  if (entry.extended_marker != static_cast<int>(ERL_DRV_EXTENDED_MARKER)) return false;
  if (entry.major_version < ERL_DRV_MIN_REQUIRED_MAJOR_VERSION_ON_LOAD || entry.major_version > ERL_DRV_EXTENDED_MAJOR_VERSION) return false;
  return entry.major_version < ERL_DRV_EXTENDED_MAJOR_VERSION || entry.minor_version <= ERL_DRV_EXTENDED_MINOR_VERSION;
}

}  // namespace

Term load_error_term(Arena& arena, LoadError error) {
  for (auto& row : load_errors)
    if (row.error == error) return make_atom(row.atom);
  return make_tuple(arena, am::open_error, Term::small(error));
}

std::optional<std::string> load_error_text(Term error) {
  if (error.is_atom()) {
    for (auto& row : load_errors)
      if (atom_name(error) == row.atom) return row.text;
    return std::nullopt;
  }
  if (!is_tuple_of_arity(error, 2) || as_tuple(error)->elements[0] != am::open_error) return std::nullopt;
  Term code = as_tuple(error)->elements[1];
  if (!code.is_small()) return std::nullopt;
  for (auto& row : load_errors)
    if (row.error == code.as_small()) return row.text;
  if (code.as_small() > first_of_system) return "Unspecified error";
  std::lock_guard lock(drivers_mutex());
  auto index = static_cast<uint64_t>(first_of_system - code.as_small());
  return index < system_errors().size() ? system_errors()[index] : "Unknown dlload error";
}

// Whether one has ever been loaded: set under the lock, read by whoever ends, which has loaded none if it does not see it.
static std::atomic<bool> any_driver{false};

// --- loading ---

bool LoadedDriver::begin(ErlDrvEntry* entry) {
  add_tainted_module(make_atom(name_));
  source_ = entry;
  bool is_short = entry->major_version < 3 || entry->minor_version < 2;  // nothing behind stop_select yet
  entry_ = {};
  std::memcpy(&entry_, entry, is_short ? offsetof(ErlDrvEntry, emergency_close) : sizeof entry_);
  port_lock_ = (entry->driver_flags & ERL_DRV_FLAG_USE_PORT_LOCKING) != 0 ? nullptr : std::make_shared<PortMutex>();
  return entry->init == nullptr || entry->init() == 0;
}

bool LoadedDriver::adopt(ErlDrvEntry* entry) {
  stage = Stage::permanent;
  return begin(entry);
}

LoadError LoadedDriver::load(const std::string& from, bool kills) {
  std::string file_name = from + ".so";
  dlerror();
  file_ = dlopen(file_name.c_str(), RTLD_NOW);
  if (file_ == nullptr) return system_error(file_name);
  auto failed = [this](LoadError error) {
    dlclose(std::exchange(file_, nullptr));
    return error;
  };
  auto init = reinterpret_cast<ErlDrvEntry* (*)()>(dlsym(file_, "driver_init"));
  if (init == nullptr) init = reinterpret_cast<ErlDrvEntry* (*)()>(dlsym(file_, "_driver_init"));
  if (init == nullptr) return failed(no_init);
  ErlDrvEntry* entry = init();
  if (entry == nullptr) return failed(init_failed);
  if (!is_compatible(*entry)) return failed(wrong_version);
  if (name_ != entry->driver_name) return failed(bad_name);
  if (!begin(entry)) return failed(init_failed);
  any_driver.store(true, std::memory_order_relaxed);
  path = from;
  kills_ports = kills;
  stage = Stage::usable;
  return 0;
}

void LoadedDriver::unload_file() {
  if (entry_.finish != nullptr) entry_.finish();
  dlclose(std::exchange(file_, nullptr));
}

// --- who holds it ---

std::shared_ptr<LoadedDriver> LoadedDriver::hold() {
  std::lock_guard lock(drivers_mutex());
  take_hold();
  return {this, [own = shared_from_this()](LoadedDriver* driver) {
            std::lock_guard locked(drivers_mutex());
            driver->let_go();
          }};
}

void LoadedDriver::let_go() {
  if (--holders_ != 0 || stage == Stage::permanent) return;
  Poller::node().post([own = shared_from_this()] {
    std::lock_guard lock(drivers_mutex());
    own->end_if_unused();
  });
}

void LoadedDriver::end_if_unused() {
  if (holders_ != 0 || file_ == nullptr || stage == Stage::permanent || stage == Stage::usable) return;
  unload_file();
  tell(Interest::awaits_unload, am::DOWN, am::unloaded);
  tell(Interest::awaits_only_unload, am::DOWN, am::unloaded);
  if (is_reloading()) return reload();
  auto& drivers = loaded_drivers();
  std::erase_if(drivers, [this](const auto& driver) { return driver.get() == this; });
}

void LoadedDriver::reload() {
  LoadError error = load(reload_path, reload_kills_ports);
  if (error == 0) {
    for (User& user : users)
      if (user.interest == Interest::has_loaded) user.holds = true, take_hold();
    return tell(Interest::awaits_load, am::UP, am::loaded);
  }
  FragmentArena arena(16);
  tell(Interest::awaits_load, am::DOWN, make_tuple(arena, am::load_failure, load_error_term(arena, error)));
  users.clear();
  std::erase_if(loaded_drivers(), [this](const auto& driver) { return driver.get() == this; });
}

void LoadedDriver::count_port(int change) {
  std::lock_guard lock(drivers_mutex());
  port_count += change;
}

void LoadedDriver::make_permanent() {
  std::lock_guard lock(drivers_mutex());
  for (Interest interest : {Interest::awaits_load, Interest::awaits_unload, Interest::awaits_only_unload}) tell(interest, am::UP, am::permanent);
  users.clear();
  stage = Stage::permanent;
}

// --- users ---

size_t LoadedDriver::count(Interest interest) const {
  return static_cast<size_t>(std::count_if(users.begin(), users.end(), [&](const User& user) { return user.interest == interest; }));
}

User* LoadedDriver::find_user(Term pid, Interest interest) {
  for (User& user : users)
    if (user.pid == pid && user.interest == interest) return &user;
  return nullptr;
}

void LoadedDriver::add_user(Term pid, bool holds) {
  users.insert(users.begin(), {pid, Interest::has_loaded, {}, holds});
  if (holds) take_hold();
}

void LoadedDriver::remove_user(User* user) {
  bool held = user->holds;
  users.erase(users.begin() + (user - users.data()));
  if (held) let_go();
}

ReferenceNumber LoadedDriver::await(Term pid, Interest interest) {
  ReferenceNumber reference = next_reference_number();
  users.insert(users.begin(), {pid, interest, reference, false});
  return reference;
}

bool LoadedDriver::is_only_user(Term pid) const {
  return count(Interest::has_loaded) == 1 &&
         std::any_of(users.begin(), users.end(), [&](const User& user) { return user.interest == Interest::has_loaded && user.pid == pid; });
}

void notify(Term pid, ReferenceNumber reference, Term name, Term type, Term tag) {
  FragmentArena arena(32);
  Term elements[] = {type, make_reference(arena, reference), am::driver, name, tag};
  deliver(pid, hanse::make_tuple(arena, std::span<const Term>(elements)));
}

void LoadedDriver::tell(Interest interest, Term type, Term tag) {
  std::erase_if(users, [&](const User& user) {
    if (user.interest != interest) return false;
    notify(user.pid, user.reference, make_atom(name_), type, tag);
    return true;
  });
}

void LoadedDriver::release_users() {
  for (User& user : users)
    if (std::exchange(user.holds, false)) let_go();
}

void LoadedDriver::cancel_reload() {
  if (!is_reloading()) return;
  tell(Interest::awaits_load, am::DOWN, am::load_cancelled);
  reload_path.clear();
}

void LoadedDriver::forget(Term pid) {
  size_t holding = 0;
  bool had = false;
  std::erase_if(users, [&](const User& user) {
    if (user.pid != pid) return false;
    had = true;
    if (user.holds) holding++;
    return true;
  });
  if (!had || stage == Stage::permanent) return;
  if (count(Interest::has_loaded) == 0) {
    cancel_reload();
    stage = Stage::unloads;
  }
  for (; holding > 0; holding--) let_go();
}

// --- ports ---

std::unique_ptr<Driver> LoadedDriver::open(Port& port, const PortOptions& options, const std::string& command, OpenFailure& failure) {
  auto linked = std::make_unique<LinkedPort>(port, hold(), options);
  if (!linked->start(command, failure)) return nullptr;
  return linked;
}

void close_ports_of(const LoadedDriver& driver) {
  for (Ref<Port>& port : ports_of(driver)) {
    PortLock lock(*port);
    if (port->is_open()) port->close(am::driver_unloaded);
  }
}

static std::shared_ptr<LoadableDriver> find_to_open(std::string_view name) {
  std::lock_guard lock(drivers_mutex());
  LoadedDriver* driver = find_driver(name);
  return driver != nullptr && driver->accepts_ports() ? driver->hold() : nullptr;
}

// A process that has loaded drivers ends.
class UsersEnd final : public ProcessExitHook {
 public:
  void process_exits(Process& process, Term) override {
    if (!any_driver.load(std::memory_order_relaxed)) return;
    std::vector<std::shared_ptr<LoadedDriver>> killed;
    {
      std::lock_guard lock(drivers_mutex());
      for (auto& driver : std::vector(loaded_drivers())) {
        if (driver->stage == Stage::permanent) continue;
        bool used = driver->count(Interest::has_loaded) > 0;
        driver->forget(process.self);
        if (!used || driver->count(Interest::has_loaded) > 0 || driver->port_count == 0 || !driver->kills_ports) continue;
        driver->stage = Stage::unloads_now;
        killed.push_back(driver->hold());
      }
    }
    for (auto& driver : killed) close_ports_of(*driver);
  }
};

// How many descriptors have errors, are in use, are waited for by drivers, by native functions.
static Result check_io_debug(Call& call, Term) {
  Term watched = Term::small(static_cast<int64_t>(Poller::node().watched_descriptors()));
  return make_tuple(call.arena(), Term::small(0), watched, watched, Term::small(0));
}

void start_loaded_drivers() {
  add_internal_state_item({"check_io_debug", nullptr, check_io_debug});
  set_loaded_drivers(find_to_open);
  static auto& hook = *new UsersEnd;
  add_exit_hook(&hook);
}

}  // namespace hanse::driver
