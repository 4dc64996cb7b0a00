// Threads and locks for libraries, from the C library's.
#include <pthread.h>

#include <atomic>
#include <string>
#include <unordered_map>

#include "nif/environment.h"

struct ErlDrvMutex_ {
  std::string name;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
};
struct ErlDrvCond_ {
  std::string name;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
};
struct ErlDrvRWLock_ {
  std::string name;
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
};
struct ErlDrvTid_ {
  std::string name;
  void* (*function)(void*);
  void* argument;
  pthread_t thread;
};

namespace {

// Of threads that libraries have started.
thread_local ErlDrvTid_* own_thread = nullptr;

thread_local std::unordered_map<ErlNifTSDKey, void*> own_data;

std::string name_or_nothing(const char* name) { return name ? name : ""; }

void* run_thread(void* thread) {
  own_thread = static_cast<ErlDrvTid_*>(thread);
  return own_thread->function(own_thread->argument);
}

}  // namespace

extern "C" {

ErlNifMutex* enif_mutex_create(char* name) { return new ErlDrvMutex_{name_or_nothing(name)}; }
void enif_mutex_destroy(ErlNifMutex* mutex) {
  pthread_mutex_destroy(&mutex->mutex);
  delete mutex;
}
int enif_mutex_trylock(ErlNifMutex* mutex) { return pthread_mutex_trylock(&mutex->mutex); }
void enif_mutex_lock(ErlNifMutex* mutex) { pthread_mutex_lock(&mutex->mutex); }
void enif_mutex_unlock(ErlNifMutex* mutex) { pthread_mutex_unlock(&mutex->mutex); }
char* enif_mutex_name(ErlNifMutex* mutex) { return mutex->name.data(); }

ErlNifCond* enif_cond_create(char* name) { return new ErlDrvCond_{name_or_nothing(name)}; }
void enif_cond_destroy(ErlNifCond* condition) {
  pthread_cond_destroy(&condition->condition);
  delete condition;
}
void enif_cond_signal(ErlNifCond* condition) { pthread_cond_signal(&condition->condition); }
void enif_cond_broadcast(ErlNifCond* condition) { pthread_cond_broadcast(&condition->condition); }
void enif_cond_wait(ErlNifCond* condition, ErlNifMutex* mutex) { pthread_cond_wait(&condition->condition, &mutex->mutex); }
char* enif_cond_name(ErlNifCond* condition) { return condition->name.data(); }

ErlNifRWLock* enif_rwlock_create(char* name) { return new ErlDrvRWLock_{name_or_nothing(name)}; }
void enif_rwlock_destroy(ErlNifRWLock* lock) {
  pthread_rwlock_destroy(&lock->lock);
  delete lock;
}
int enif_rwlock_tryrlock(ErlNifRWLock* lock) { return pthread_rwlock_tryrdlock(&lock->lock); }
void enif_rwlock_rlock(ErlNifRWLock* lock) { pthread_rwlock_rdlock(&lock->lock); }
void enif_rwlock_runlock(ErlNifRWLock* lock) { pthread_rwlock_unlock(&lock->lock); }
int enif_rwlock_tryrwlock(ErlNifRWLock* lock) { return pthread_rwlock_trywrlock(&lock->lock); }
void enif_rwlock_rwlock(ErlNifRWLock* lock) { pthread_rwlock_wrlock(&lock->lock); }
void enif_rwlock_rwunlock(ErlNifRWLock* lock) { pthread_rwlock_unlock(&lock->lock); }
char* enif_rwlock_name(ErlNifRWLock* lock) { return lock->name.data(); }

// Keys are numbers, never used again: a thread's data of a key that is gone is never asked for.
int enif_tsd_key_create(char*, ErlNifTSDKey* key) {
  static std::atomic<int> next_key{0};
  *key = next_key.fetch_add(1);
  return 0;
}
void enif_tsd_key_destroy(ErlNifTSDKey key) { own_data.erase(key); }
void enif_tsd_set(ErlNifTSDKey key, void* data) { own_data[key] = data; }
void* enif_tsd_get(ErlNifTSDKey key) {
  auto found = own_data.find(key);
  return found == own_data.end() ? nullptr : found->second;
}

ErlNifThreadOpts* enif_thread_opts_create(char*) {
  auto* options = new ErlNifThreadOpts;
  options->suggested_stack_size = -1;
  return options;
}
void enif_thread_opts_destroy(ErlNifThreadOpts* options) { delete options; }

// options: the stack's size in units of 1024 words, below 0 for the system's.
int enif_thread_create(char* name, ErlNifTid* to, void* (*function)(void*), void* argument, ErlNifThreadOpts* options) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (options != nullptr && options->suggested_stack_size > 0) {
    size_t bytes = static_cast<size_t>(options->suggested_stack_size) * 1024 * sizeof(void*);
    pthread_attr_setstacksize(&attributes, std::max<size_t>(bytes, 64 * 1024));
  }
  auto* thread = new ErlDrvTid_{name_or_nothing(name), function, argument, {}};
  int error = pthread_create(&thread->thread, &attributes, run_thread, thread);
  pthread_attr_destroy(&attributes);
  if (error != 0) delete thread;
  else *to = thread;
  return error;
}
ErlNifTid enif_thread_self(void) {
  if (own_thread == nullptr) own_thread = new ErlDrvTid_{"", nullptr, nullptr, pthread_self()};  // one of the node's: it never ends
  return own_thread;
}
int enif_equal_tids(ErlNifTid one, ErlNifTid other) { return one == other; }
void enif_thread_exit(void* result) { pthread_exit(result); }
int enif_thread_join(ErlNifTid thread, void** result) {
  int error = pthread_join(thread->thread, result);
  if (error == 0) delete thread;
  return error;
}
char* enif_thread_name(ErlNifTid thread) { return thread->name.data(); }

}  // extern "C"
