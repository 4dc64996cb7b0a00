// What drivers ask of the node and of the system. Much is what native functions ask (src/nif), under other names.
#include <dlfcn.h>

#include <cstdlib>
#include <unordered_map>

#include "driver/linked_port.h"
#include "driver/port_data_lock.h"
#include "heap/fragment.h"
#include "io/posix_error.h"
#include "process/erlang_clock.h"
#include "term/atom.h"

#include <erl_nif.h>

using namespace hanse;
using namespace hanse::driver;

extern "C" {

// --- memory ---

void* driver_alloc(ErlDrvSizeT size) { return std::malloc(size); }
void* driver_realloc(void* block, ErlDrvSizeT size) { return std::realloc(block, size); }
void driver_free(void* block) { std::free(block); }

// --- locks and threads ---

ErlDrvMutex* erl_drv_mutex_create(char* name) { return enif_mutex_create(name); }
void erl_drv_mutex_destroy(ErlDrvMutex* mutex) { enif_mutex_destroy(mutex); }
int erl_drv_mutex_trylock(ErlDrvMutex* mutex) { return enif_mutex_trylock(mutex); }
void erl_drv_mutex_lock(ErlDrvMutex* mutex) { enif_mutex_lock(mutex); }
void erl_drv_mutex_unlock(ErlDrvMutex* mutex) { enif_mutex_unlock(mutex); }
char* erl_drv_mutex_name(ErlDrvMutex* mutex) { return enif_mutex_name(mutex); }

ErlDrvCond* erl_drv_cond_create(char* name) { return enif_cond_create(name); }
void erl_drv_cond_destroy(ErlDrvCond* condition) { enif_cond_destroy(condition); }
void erl_drv_cond_signal(ErlDrvCond* condition) { enif_cond_signal(condition); }
void erl_drv_cond_broadcast(ErlDrvCond* condition) { enif_cond_broadcast(condition); }
void erl_drv_cond_wait(ErlDrvCond* condition, ErlDrvMutex* mutex) { enif_cond_wait(condition, mutex); }
char* erl_drv_cond_name(ErlDrvCond* condition) { return enif_cond_name(condition); }

ErlDrvRWLock* erl_drv_rwlock_create(char* name) { return enif_rwlock_create(name); }
void erl_drv_rwlock_destroy(ErlDrvRWLock* lock) { enif_rwlock_destroy(lock); }
int erl_drv_rwlock_tryrlock(ErlDrvRWLock* lock) { return enif_rwlock_tryrlock(lock); }
void erl_drv_rwlock_rlock(ErlDrvRWLock* lock) { enif_rwlock_rlock(lock); }
void erl_drv_rwlock_runlock(ErlDrvRWLock* lock) { enif_rwlock_runlock(lock); }
int erl_drv_rwlock_tryrwlock(ErlDrvRWLock* lock) { return enif_rwlock_tryrwlock(lock); }
void erl_drv_rwlock_rwlock(ErlDrvRWLock* lock) { enif_rwlock_rwlock(lock); }
void erl_drv_rwlock_rwunlock(ErlDrvRWLock* lock) { enif_rwlock_rwunlock(lock); }
char* erl_drv_rwlock_name(ErlDrvRWLock* lock) { return enif_rwlock_name(lock); }

int erl_drv_tsd_key_create(char* name, ErlDrvTSDKey* key) { return enif_tsd_key_create(name, key); }
void erl_drv_tsd_key_destroy(ErlDrvTSDKey key) { enif_tsd_key_destroy(key); }
void erl_drv_tsd_set(ErlDrvTSDKey key, void* data) { enif_tsd_set(key, data); }
void* erl_drv_tsd_get(ErlDrvTSDKey key) { return enif_tsd_get(key); }

ErlDrvThreadOpts* erl_drv_thread_opts_create(char* name) { return enif_thread_opts_create(name); }
void erl_drv_thread_opts_destroy(ErlDrvThreadOpts* options) { enif_thread_opts_destroy(options); }
int erl_drv_thread_create(char* name, ErlDrvTid* thread, void* (*function)(void*), void* argument, ErlDrvThreadOpts* options) {
  return enif_thread_create(name, thread, function, argument, options);
}
ErlDrvTid erl_drv_thread_self(void) { return enif_thread_self(); }
int erl_drv_equal_tids(ErlDrvTid one, ErlDrvTid other) { return enif_equal_tids(one, other); }
void erl_drv_thread_exit(void* result) { enif_thread_exit(result); }
int erl_drv_thread_join(ErlDrvTid thread, void** result) { return enif_thread_join(thread, result); }
char* erl_drv_thread_name(ErlDrvTid thread) { return enif_thread_name(thread); }

// --- the lock of a port's data ---

ErlDrvPDL driver_pdl_create(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr || linked->data_lock != nullptr) return nullptr;
  return linked->data_lock = new erl_drv_port_data_lock(linked->port());
}
void driver_pdl_lock(ErlDrvPDL lock) {
  driver_pdl_inc_refc(lock);
  lock->mutex.lock();
}
void driver_pdl_unlock(ErlDrvPDL lock) {
  lock->mutex.unlock();
  driver_pdl_dec_refc(lock);
}
ErlDrvSInt driver_pdl_get_refc(ErlDrvPDL lock) { return lock->references.load(); }
ErlDrvSInt driver_pdl_inc_refc(ErlDrvPDL lock) { return lock->references.fetch_add(1) + 1; }
ErlDrvSInt driver_pdl_dec_refc(ErlDrvPDL lock) {
  ErlDrvSInt left = lock->references.fetch_sub(1) - 1;
  if (left == 0) delete lock;
  return left;
}

// --- time ---

ErlDrvTime erl_drv_monotonic_time(ErlDrvTimeUnit unit) { return enif_monotonic_time(static_cast<ErlNifTimeUnit>(unit)); }
ErlDrvTime erl_drv_time_offset(ErlDrvTimeUnit unit) { return enif_time_offset(static_cast<ErlNifTimeUnit>(unit)); }
ErlDrvTime erl_drv_convert_time_unit(ErlDrvTime value, ErlDrvTimeUnit from, ErlDrvTimeUnit to) {
  return enif_convert_time_unit(value, static_cast<ErlNifTimeUnit>(from), static_cast<ErlNifTimeUnit>(to));
}
int driver_get_now(ErlDrvNowData* now) {
  if (now == nullptr) return -1;
  FragmentArena arena(4);
  auto* parts = as_tuple(make_now(arena))->elements;
  *now = {static_cast<unsigned long>(parts[0].as_small()), static_cast<unsigned long>(parts[1].as_small()), static_cast<unsigned long>(parts[2].as_small())};
  return 0;
}

// --- the system ---

void driver_system_info(ErlDrvSysInfo* information, size_t size) { enif_system_info(information, size); }
int erl_drv_getenv(const char* name, char* value, size_t* size) { return enif_getenv(name, value, size); }
int erl_drv_putenv(const char* name, char* value) { return setenv(name, value, 1); }

// The name of an error, for ever.
char* erl_errno_id(int error) {
  static auto& names = *new std::unordered_map<int, std::string>;
  static auto& mutex = *new std::mutex;
  std::lock_guard lock(mutex);
  return names.try_emplace(error, atom_name(posix_error_atom(error))).first->second.data();
}

// path: without extension.
void* driver_dl_open(char* path) { return dlopen((std::string(path) + ".so").c_str(), RTLD_NOW); }
void* driver_dl_sym(void* file, char* name) { return dlsym(file, name); }
int driver_dl_close(void* file) { return dlclose(file); }
char* driver_dl_error(void) { return dlerror(); }

void add_driver_entry(ErlDrvEntry* entry) {
  std::lock_guard lock(drivers_mutex());
  auto driver = std::make_shared<LoadedDriver>(entry->driver_name);
  if (driver->adopt(entry)) loaded_drivers().push_back(std::move(driver));
}
// 1: removed; 0: there is none; -1: it came from a file of its own.
int remove_driver_entry(ErlDrvEntry* entry) {
  std::lock_guard lock(drivers_mutex());
  auto& drivers = loaded_drivers();
  auto found = std::find_if(drivers.begin(), drivers.end(), [&](const auto& driver) { return driver->source() == entry; });
  if (found == drivers.end()) return 0;
  if (!(*found)->is_linked_in()) return -1;
  drivers.erase(found);
  return 1;
}

int null_func(void) { return 0; }

}  // extern "C"
