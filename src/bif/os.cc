// os: the environment and the clock of the operating system.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>

#include "bif/os_environment.h"
#include "bif/tables.h"
#include "process/call.h"
#include "process/time_units.h"
#include "term/text.h"

extern char** environ;

namespace hanse {
namespace {

// getenv and setenv of libc must not overlap.
std::mutex& environment_mutex() {
  static auto* mutex = new std::mutex();
  return *mutex;
}

// A name or value of the environment: a deep list of characters, as UTF-8 without NUL.
std::optional<std::string> environment_text(Term term) {
  if (!term.is_list()) return std::nullopt;
  return native_name(term);
}

// Bytes of the environment as characters; bytes that are no UTF-8 are taken as Latin-1.
Term characters(Arena& arena, std::string_view bytes) {
  if (!is_valid_utf8(bytes)) return make_string(arena, bytes);
  std::vector<Term> list;
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* end = at + bytes.size();
  while (at != end) list.push_back(Term::small(next_utf8(at, end)));
  return make_list(arena, list);
}

Result os_getenv_1(Call& call) {
  auto name = environment_text(call.args[0]);
  if (!name || name->find('=') != std::string::npos) return raise_badarg(call);
  std::lock_guard lock(environment_mutex());
  const char* value = getenv(name->c_str());
  if (value == nullptr) return am::false_;
  return characters(call.arena(), value);
}

// An empty name changes nothing.
Result os_putenv_2(Call& call) {
  auto name = environment_text(call.args[0]), value = environment_text(call.args[1]);
  if (!name || !value || name->find('=') != std::string::npos) return raise_badarg(call);
  std::lock_guard lock(environment_mutex());
  if (!name->empty() && setenv(name->c_str(), value->c_str(), 1) != 0) return raise_badarg(call);
  return am::true_;
}

Result os_unsetenv_1(Call& call) {
  auto name = environment_text(call.args[0]);
  if (!name) return raise_badarg(call);
  std::lock_guard lock(environment_mutex());
  if (!name->empty() && unsetenv(name->c_str()) != 0) return raise_badarg(call);
  return am::true_;
}

Result os_env_0(Call& call) {
  std::lock_guard lock(environment_mutex());
  Term list = Term::nil();
  for (char** entry = environ; *entry != nullptr; entry++) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    Term pair = make_tuple(call.arena(), characters(call.arena(), text.substr(0, equals)),
                           characters(call.arena(), text.substr(equals + 1)));
    list = make_cons(call.arena(), pair, list);
  }
  return list;
}

Result os_getpid_0(Call& call) { return make_string(call.arena(), std::to_string(getpid())); }

int64_t nanoseconds_of(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

Result os_perf_counter_0(Call& call) { return make_integer(call.arena(), nanoseconds_of(CLOCK_MONOTONIC)); }
Result os_system_time_0(Call& call) { return make_integer(call.arena(), nanoseconds_of(CLOCK_REALTIME)); }

Result os_system_time_1(Call& call) {
  Term converted = convert_time(call.arena(), nanoseconds_of(CLOCK_REALTIME), call.args[0]);
  if (converted.is_none()) return raise_badarg(call);
  return converted;
}

Result os_timestamp_0(Call& call) {
  int64_t microseconds = nanoseconds_of(CLOCK_REALTIME) / 1000;
  int64_t seconds = microseconds / 1'000'000;
  return make_tuple(call.arena(), Term::small(seconds / 1'000'000), Term::small(seconds % 1'000'000),
                    Term::small(microseconds % 1'000'000));
}

constexpr BifRow rows[] = {
    {"os", "env", 0, os_env_0, BifKind::plain, Authority::environment},
    {"os", "getenv", 1, os_getenv_1, BifKind::plain, Authority::environment},
    {"os", "getpid", 0, os_getpid_0, BifKind::plain, Authority::host},
    {"os", "perf_counter", 0, os_perf_counter_0, BifKind::plain, Authority::clock},
    {"os", "putenv", 2, os_putenv_2, BifKind::plain, Authority::host},
    {"os", "system_time", 0, os_system_time_0, BifKind::plain, Authority::clock},
    {"os", "system_time", 1, os_system_time_1, BifKind::plain, Authority::clock},
    {"os", "timestamp", 0, os_timestamp_0, BifKind::plain, Authority::clock},
    {"os", "unsetenv", 1, os_unsetenv_1, BifKind::plain, Authority::host},
};

}  // namespace

std::vector<std::string> environment_snapshot() {
  std::lock_guard lock(environment_mutex());
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; entry++) entries.emplace_back(*entry);
  return entries;
}
const BifTable os_bifs = rows;

}  // namespace hanse
