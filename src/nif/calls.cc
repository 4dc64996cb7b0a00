// The call itself and the processes around it: exceptions, turns, time, messages.
#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "base/epoch.h"
#include "bif/unique_integer.h"
#include "nif/library.h"
#include "process/dirty_window.h"
#include "process/erlang_clock.h"
#include "process/machine.h"
#include "process/node_settings.h"
#include "process/process_table.h"
#include "process/registry.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/stored_term.h"
#include "process/timer_service.h"
#include "process/tracing.h"
#include "term/copy.h"

using namespace hanse;
using namespace hanse::nif;

namespace {

int64_t per_second(ErlNifTimeUnit unit) {
  switch (unit) {
    case ERL_NIF_SEC: return 1;
    case ERL_NIF_MSEC: return 1000;
    case ERL_NIF_USEC: return 1000000;
    case ERL_NIF_NSEC: return 1000000000;
  }
  return 0;
}

// Rounded down, as erlang:convert_time_unit/3 does.
ErlNifTime converted(ErlNifTime value, int64_t from, int64_t to) {
  if (from == 0 || to == 0) return ERL_NIF_TIME_ERROR;
  auto product = static_cast<__int128>(value) * to;
  __int128 quotient = product / from;
  return static_cast<ErlNifTime>(product % from < 0 ? quotient - 1 : quotient);
}

Term registered(ERL_NIF_TERM name) { return term(name).is_atom() ? host_machine().registry.find(term(name)) : Term::none(); }

}  // namespace

extern "C" {

void* enif_priv_data(ErlNifEnv* env) { return env->library ? env->library->private_data : nullptr; }

// --- exceptions and turns ---

ERL_NIF_TERM enif_raise_exception(ErlNifEnv* env, ERL_NIF_TERM reason) { return raise(env, term(reason)); }
ERL_NIF_TERM enif_make_badarg(ErlNifEnv* env) { return raise(env, am::badarg); }
int enif_is_exception(ErlNifEnv*, ERL_NIF_TERM value) { return value == no_term; }
int enif_has_pending_exception(ErlNifEnv* env, ERL_NIF_TERM* reason) {
  if (env->raised.is_none()) return 0;
  if (reason != nullptr) *reason = word(env->raised);
  return 1;
}

// percent: of a turn of about a millisecond. Whether the function should give way; on a dirty thread it need not.
int enif_consume_timeslice(ErlNifEnv* env, int percent) {
  static constexpr int64_t turn_reductions = 4000;
  if (env->call == nullptr || env->is_dirty) return 0;
  env->call->charge(static_cast<size_t>(std::clamp(percent, 1, 100) * turn_reductions / 100));
  return env->process()->reductions_left <= 0;
}

ERL_NIF_TERM enif_schedule_nif(ErlNifEnv* env, const char* name, int flags, NativeCall native, int count, const ERL_NIF_TERM arguments[]) {
  if (env->call == nullptr || count < 0 || count > 255 || !are_known_flags(static_cast<unsigned>(flags))) return raise(env, am::badarg);
  env->scheduled = env->library->function(name, static_cast<unsigned>(count), native, static_cast<unsigned>(flags));
  if (env->scheduled == nullptr) return raise(env, am::system_limit);
  env->scheduled_arguments.assign(terms(arguments), terms(arguments) + count);
  return no_term_yet;
}

int enif_thread_type(void) {
  SchedulerThread* thread = this_scheduler_thread();
  if (thread == nullptr) return ERL_NIF_THR_UNDEFINED;
  if (!thread->is_dirty) return ERL_NIF_THR_NORMAL_SCHEDULER;
  const SchedulerOptions& options = scheduler_options();
  return thread->id <= options.schedulers + options.dirty_cpu ? ERL_NIF_THR_DIRTY_CPU_SCHEDULER : ERL_NIF_THR_DIRTY_IO_SCHEDULER;
}

// --- environments of no call ---

ErlNifEnv* enif_alloc_env(void) { return new enif_environment_t(nullptr); }
void enif_free_env(ErlNifEnv* env) { delete env; }
void enif_clear_env(ErlNifEnv* env) { env->clear(); }

// --- processes ---

ErlNifPid* enif_self(ErlNifEnv* env, ErlNifPid* pid) {
  Term self = env->process() != nullptr ? env->process()->self : env->self;
  if (self.is_none()) return nullptr;
  pid->pid = word(self);
  return pid;
}
int enif_get_local_pid(ErlNifEnv*, ERL_NIF_TERM value, ErlNifPid* pid) {
  if (!term(value).is_local_pid()) return 0;
  pid->pid = value;
  return 1;
}
int enif_get_local_port(ErlNifEnv*, ERL_NIF_TERM value, ErlNifPort* port) {
  if (!term(value).is_local_port()) return 0;
  port->port_id = value;
  return 1;
}
void enif_set_pid_undefined(ErlNifPid* pid) { pid->pid = word(am::undefined); }
int enif_is_pid_undefined(const ErlNifPid* pid) { return term(pid->pid) == am::undefined; }

int enif_is_process_alive(ErlNifEnv*, ErlNifPid* pid) {
  epoch::Guard guard;
  Process* process = find_process(term(pid->pid));
  return process != nullptr;
}
int enif_is_current_process_alive(ErlNifEnv* env) {
  ErlNifPid self;
  return enif_self(env, &self) != nullptr && enif_is_process_alive(env, &self) && (env->is_dirty || env->process()->pending_exit.is_none());
}

int enif_whereis_pid(ErlNifEnv*, ERL_NIF_TERM name, ErlNifPid* pid) {
  Term holder = registered(name);
  if (holder.is_none() || !holder.is_local_pid()) return 0;
  pid->pid = word(holder);
  return 1;
}
int enif_whereis_port(ErlNifEnv*, ERL_NIF_TERM name, ErlNifPort* port) {
  Term holder = registered(name);
  if (holder.is_none() || !holder.is_local_port()) return 0;
  port->port_id = word(holder);
  return 1;
}

// message: of message_env, which is cleared then; or of the caller's, and copied.
int enif_send(ErlNifEnv* env, const ErlNifPid* to, ErlNifEnv* message_env, ERL_NIF_TERM message) {
  epoch::Guard guard;
  if (Process* sender = env != nullptr ? env->process() : nullptr) {
    if (has_exited(*sender)) return 0;
    if (is_traced(*sender, trace_flag::send)) [[unlikely]] trace_send(*sender, term(to->pid), term(message));
  }
  if (!term(to->pid).is_local_pid()) return 0;
  bool delivered;
  if (env != nullptr && env->is_dirty) {
    // Who waits until nobody sends references to literals any more does not wait for this thread.
    StoredTerm whole(term(message));
    delivered = deliver_fragment(term(to->pid), whole.term(), whole.take_fragment());
  } else {
    delivered = deliver(term(to->pid), term(message));
  }
  if (message_env != nullptr && delivered) message_env->clear();
  return delivered;
}

// --- time and numbers ---

ErlNifTime enif_monotonic_time(ErlNifTimeUnit unit) { return converted(erlang_monotonic_ns(), 1000000000, per_second(unit)); }
ErlNifTime enif_time_offset(ErlNifTimeUnit unit) { return converted(time_offset_ns(), 1000000000, per_second(unit)); }
ErlNifTime enif_convert_time_unit(ErlNifTime value, ErlNifTimeUnit from, ErlNifTimeUnit to) { return converted(value, per_second(from), per_second(to)); }

ERL_NIF_TERM enif_now_time(ErlNifEnv* env) {
  return word(make_now(*env->arena));
}
ERL_NIF_TERM enif_cpu_time(ErlNifEnv* env) {
  timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  int64_t million = 1000000;
  return word(make_tuple(*env->arena, Term::small(used.tv_sec / million), Term::small(used.tv_sec % million), Term::small(used.tv_nsec / 1000)));
}

ERL_NIF_TERM enif_make_unique_integer(ErlNifEnv* env, ErlNifUniqueInteger properties) {
  return word(unique_integer(*env->arena, (properties & ERL_NIF_UNIQUE_POSITIVE) != 0, (properties & ERL_NIF_UNIQUE_MONOTONIC) != 0));
}

// --- the system ---

void* enif_alloc(size_t size) { return std::malloc(size); }
void* enif_realloc(void* block, size_t size) { return std::realloc(block, size); }
void enif_free(void* block) { std::free(block); }

// path: without extension.
void* enif_dlopen(const char* path, void (*tell)(void*, const char*), void* argument) {
  void* handle = dlopen((std::string(path) + ".so").c_str(), RTLD_NOW);
  if (handle == nullptr && tell != nullptr) tell(argument, dlerror());
  return handle;
}
void* enif_dlsym(void* handle, const char* symbol, void (*tell)(void*, const char*), void* argument) {
  void* found = dlsym(handle, symbol);
  if (found == nullptr && tell != nullptr) {
    const char* why = dlerror();
    tell(argument, why ? why : "no such symbol");
  }
  return found;
}

// 0: stored; -1: there is none; 1: it has no room, *size is what it needs.
int enif_getenv(const char* name, char* value, size_t* size) {
  const char* found = std::getenv(name);
  if (found == nullptr) return -1;
  size_t length = std::strlen(found);
  if (length >= *size) return *size = length + 1, 1;
  std::memcpy(value, found, length + 1);
  *size = length;
  return 0;
}

void enif_system_info(ErlNifSysInfo* information, size_t size) {
  static std::string runtime = erts_version, release = otp_release;
  ErlNifSysInfo known{};
  known.driver_major_version = 3;
  known.driver_minor_version = 3;
  known.erts_version = runtime.data();
  known.otp_release = release.data();
  known.thread_support = 1;
  known.smp_support = 1;
  known.async_threads = node_settings().async_threads;
  known.scheduler_threads = static_cast<int>(scheduler_options().schedulers);
  known.nif_major_version = ERL_NIF_MAJOR_VERSION;
  known.nif_minor_version = ERL_NIF_MINOR_VERSION;
  known.dirty_scheduler_support = 1;
  std::memcpy(information, &known, std::min(size, sizeof known));
}

}  // extern "C"
