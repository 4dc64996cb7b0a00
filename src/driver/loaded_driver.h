// Drivers that erl_ddll has loaded from files, and who wants them loaded. The interface is OTP's (erl_driver.h, driver version 3.3).
// Trusted code of the host: machines cannot load any.
//
// A driver stays as long as somebody holds it: processes that have loaded it, its ports, threads that work for it. When the last one lets
// go, the thread that polls ends it, so that nothing of it is running any more.
#pragma once

#include <erl_driver.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "io/built_in_drivers.h"
#include "io/port.h"

namespace hanse::driver {

// What a process has to do with a driver.
enum class Interest : uint8_t { has_loaded, awaits_load, awaits_unload, awaits_only_unload };
struct User {
  Term pid;
  Interest interest;
  ReferenceNumber reference{};  // of who awaits something
  bool holds = false;           // of who has loaded it
};

enum class Stage : uint8_t {
  usable,
  unloads,      // once nobody holds it
  unloads_now,  // its ports are being closed, too; none can be opened
  reloads,
  reloads_now,
  permanent,
};

// 0, or why the file is no driver: a number for erl_ddll:format_error/1 (see load_error_term).
using LoadError = int;

class LoadedDriver final : public LoadableDriver, public std::enable_shared_from_this<LoadedDriver> {
 public:
  explicit LoadedDriver(std::string name) : name_(std::move(name)) {}

  // --- any thread ---
  const std::string& name() const { return name_; }
  // As it was when the driver was loaded: ErlDrvEntry is the driver's own memory.
  const ErlDrvEntry& entry() const { return entry_; }
  std::shared_ptr<PortMutex> shared_lock() override { return port_lock_; }
  std::unique_ptr<Driver> open(Port& port, const PortOptions& options, const std::string& command, OpenFailure& failure) override;
  // Until the pointer ends.
  std::shared_ptr<LoadedDriver> hold();
  void count_port(int change);
  // By its ports: it is never unloaded any more.
  void make_permanent();

  // --- under drivers_mutex() ---
  LoadError load(const std::string& path, bool kills_ports);
  // A driver that another one has brought along (add_driver_entry). False: it does not want to.
  bool adopt(ErlDrvEntry* entry);
  bool is_linked_in() const { return file_ == nullptr; }
  const ErlDrvEntry* source() const { return source_; }
  bool accepts_ports() const { return stage != Stage::unloads_now && stage != Stage::reloads_now; }
  bool is_reloading() const { return stage == Stage::reloads || stage == Stage::reloads_now; }
  size_t count(Interest interest) const;
  User* find_user(Term pid, Interest interest);
  void add_user(Term pid, bool holds);
  void remove_user(User* user);
  ReferenceNumber await(Term pid, Interest interest);
  // Whether the process is the only one that has loaded it, and has done so once.
  bool is_only_user(Term pid) const;
  // {Type, Reference, driver, Name, Tag} to all that await this; they do not any more.
  void tell(Interest interest, Term type, Term tag);
  // All who have loaded it let go, since it is to be loaded again.
  void release_users();
  void cancel_reload();
  // The process has gone.
  void forget(Term pid);
  void let_go();
  void take_hold() { holders_++; }

  Stage stage = Stage::usable;
  std::string path;
  bool kills_ports = false;
  std::string reload_path;
  bool reload_kills_ports = false;
  int port_count = 0;
  std::vector<User> users;  // newest first

 private:
  bool begin(ErlDrvEntry* entry);
  void end_if_unused();
  void unload_file();
  void reload();

  const std::string name_;
  ErlDrvEntry entry_{};
  ErlDrvEntry* source_ = nullptr;
  void* file_ = nullptr;
  std::shared_ptr<PortMutex> port_lock_;
  size_t holders_ = 0;
};

// Of everything above, and of the list of drivers. A driver's functions `init` and `finish` run under it.
std::recursive_mutex& drivers_mutex();
std::vector<std::shared_ptr<LoadedDriver>>& loaded_drivers();
LoadedDriver* find_driver(std::string_view name);
// Closes all ports of the driver. No lock is held.
void close_ports_of(const LoadedDriver& driver);

Term load_error_term(Arena& arena, LoadError error);
// nullopt: the term is no error of loading.
std::optional<std::string> load_error_text(Term error);
// {Type, Reference, driver, Name, Tag}
void notify(Term pid, ReferenceNumber reference, Term name, Term type, Term tag);

}  // namespace hanse::driver
