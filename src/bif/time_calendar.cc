// erlang: dates and times of day. Local time is the C library's.
#include <chrono>
#include <ctime>

#include "bif/tables.h"
#include "bif/time_units.h"
#include "process/call.h"
#include "term/big.h"

namespace hanse {

// Any number of years before or after 1970, in the proleptic Gregorian calendar.
struct DateTime {
  int64_t year;
  int month, day, hour, minute, second;
};

static constexpr int64_t seconds_per_day = 86400;

// Days since 1970-01-01 and back (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
static int64_t days_from_civil(int64_t year, int month, int day) {
  if (month <= 2) year--;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, DateTime& out) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;
  out.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  out.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
}

static int days_in_month(int64_t year, int month) {
  static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static Term date_term(Arena& arena, const DateTime& when) {
  return make_tuple(arena, make_integer(arena, when.year), Term::small(when.month), Term::small(when.day));
}
static Term time_term(Arena& arena, const DateTime& when) {
  return make_tuple(arena, Term::small(when.hour), Term::small(when.minute), Term::small(when.second));
}
static Term date_time_term(Arena& arena, const DateTime& when) {
  return make_tuple(arena, date_term(arena, when), time_term(arena, when));
}

static bool field(Term term, int64_t low, int64_t high, int& out) {
  if (!term.is_small() || term.as_small() < low || term.as_small() > high) return false;
  out = static_cast<int>(term.as_small());
  return true;
}

// {{Year, Month, Day}, {Hour, Minute, Second}} of an existing day.
static bool parse_date_time(Term term, DateTime& out) {
  if (!is_tuple_of_arity(term, 2)) return false;
  Term date = as_tuple(term)->elements[0], time = as_tuple(term)->elements[1];
  if (!is_tuple_of_arity(date, 3) || !is_tuple_of_arity(time, 3)) return false;
  Term* d = as_tuple(date)->elements;
  Term* t = as_tuple(time)->elements;
  int year;
  if (!field(d[0], 0, INT32_MAX, year) || !field(d[1], 1, 12, out.month) || !field(d[2], 1, 31, out.day)) return false;
  out.year = year;
  return out.day <= days_in_month(year, out.month) && field(t[0], 0, 23, out.hour) && field(t[1], 0, 59, out.minute) &&
         field(t[2], 0, 59, out.second);
}

static int64_t posix_seconds(const DateTime& when) {
  return days_from_civil(when.year, when.month, when.day) * seconds_per_day + when.hour * 3600 + when.minute * 60 +
         when.second;
}

static DateTime from_posix(int64_t seconds) {
  int64_t days = seconds / seconds_per_day, rest = seconds % seconds_per_day;
  if (rest < 0) days--, rest += seconds_per_day;
  DateTime out{};
  civil_from_days(days, out);
  out.hour = static_cast<int>(rest / 3600);
  out.minute = static_cast<int>(rest / 60 % 60);
  out.second = static_cast<int>(rest % 60);
  return out;
}

static bool local_from_posix(int64_t seconds, DateTime& out) {
  std::tm local{};
  auto time = static_cast<time_t>(seconds);
  if (!localtime_r(&time, &local)) return false;
  out = {local.tm_year + int64_t{1900}, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec};
  return true;
}

static int64_t now_seconds() { return erlang_system_ns() / 1000000000; }

static Result erlang_date_0(Call& call) {
  DateTime now{};
  if (!local_from_posix(now_seconds(), now)) return raise_badarg(call);
  return date_term(call.arena(), now);
}
static Result erlang_time_0(Call& call) {
  DateTime now{};
  if (!local_from_posix(now_seconds(), now)) return raise_badarg(call);
  return time_term(call.arena(), now);
}
static Result erlang_localtime_0(Call& call) {
  DateTime now{};
  if (!local_from_posix(now_seconds(), now)) return raise_badarg(call);
  return date_time_term(call.arena(), now);
}
static Result erlang_universaltime_0(Call& call) { return date_time_term(call.arena(), from_posix(now_seconds())); }

static Result erlang_universaltime_to_localtime_1(Call& call) {
  DateTime when{}, local{};
  // Years before 1970 exist for the C library only as far as the zone's history goes; stock refuses those before 1902.
  if (!parse_date_time(call.args[0], when) || when.year < 1902) return raise_badarg(call);
  if (!local_from_posix(posix_seconds(when), local)) return raise_badarg(call);
  return date_time_term(call.arena(), local);
}

// Arguments: local time; whether daylight saving is in force: true, false, undefined.
static Result erlang_localtime_to_universaltime_2(Call& call) {
  DateTime when{};
  Term saving = call.args[1];
  if (!parse_date_time(call.args[0], when) || when.year < 1902) return raise_badarg(call);
  if (saving != am::true_ && saving != am::false_ && saving != am::undefined) return raise_badarg(call);
  std::tm local{};
  local.tm_year = static_cast<int>(when.year - 1900);
  local.tm_mon = when.month - 1;
  local.tm_mday = when.day;
  local.tm_hour = when.hour;
  local.tm_min = when.minute;
  local.tm_sec = when.second;
  local.tm_isdst = saving == am::true_ ? 1 : saving == am::false_ ? 0 : -1;
  time_t seconds = mktime(&local);
  if (seconds == -1 && when.year != 1969 && when.year != 1970) return raise_badarg(call);
  return date_time_term(call.arena(), from_posix(seconds));
}

static Result erlang_universaltime_to_posixtime_1(Call& call) {
  DateTime when{};
  if (!parse_date_time(call.args[0], when)) return raise_badarg(call);
  return make_integer(call.arena(), posix_seconds(when));
}

static Result erlang_posixtime_to_universaltime_1(Call& call) {
  int64_t seconds;
  if (!call.args[0].is_integer() || !integer_fits_int64(call.args[0], seconds)) return raise_badarg(call);
  return date_time_term(call.arena(), from_posix(seconds));
}

static constexpr BifRow rows[] = {
    {"erlang", "date", 0, erlang_date_0, BifKind::plain, Authority::clock},
    {"erlang", "time", 0, erlang_time_0, BifKind::plain, Authority::clock},
    {"erlang", "localtime", 0, erlang_localtime_0, BifKind::plain, Authority::clock},
    {"erlang", "universaltime", 0, erlang_universaltime_0, BifKind::plain, Authority::clock},
    {"erlang", "universaltime_to_localtime", 1, erlang_universaltime_to_localtime_1, BifKind::plain, Authority::clock},
    {"erlang", "localtime_to_universaltime", 2, erlang_localtime_to_universaltime_2, BifKind::plain, Authority::clock},
    {"erlang", "universaltime_to_posixtime", 1, erlang_universaltime_to_posixtime_1, BifKind::plain, Authority::pure},
    {"erlang", "posixtime_to_universaltime", 1, erlang_posixtime_to_universaltime_1, BifKind::plain, Authority::pure},
};
const BifTable time_calendar_bifs = rows;

}  // namespace hanse
