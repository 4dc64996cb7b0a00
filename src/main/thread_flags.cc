#include "main/thread_flags.h"

#include <algorithm>
#include <cstdlib>

namespace hanse {

namespace {

constexpr long most_threads = 1024;

// "A", "A:B" or ":B"; what stands behind the colon and is no number says nothing.
struct Pair {
  std::optional<long> first, second;
};
std::optional<Pair> parse_pair(const std::string& text) {
  auto number = [](const char* from, const char** to) -> std::optional<long> {
    char* end;
    long value = std::strtol(from, &end, 10);
    if (to != nullptr) *to = end;
    return end == from ? std::nullopt : std::optional(value);
  };
  const char* rest;
  Pair pair;
  pair.first = number(text.c_str(), &rest);
  if (*rest == ':') pair.second = number(rest + 1, nullptr);
  else if (!pair.first || *rest != 0) return std::nullopt;
  return pair;
}

std::string expects(const std::string& flag, const std::string& what, const std::string& got) {
  return "hanse: +" + flag + " expects " + what + ", got " + got;
}

}  // namespace

std::string ThreadFlags::take(const std::string& flag, const std::string& value) {
  if (flag == "SDio") {
    char* end;
    long count = std::strtol(value.c_str(), &end, 10);
    if (end == value.c_str() || *end != 0 || count < 1 || count > most_threads)
      return expects(flag, "a number of threads from 1 to 1024", value);
    dirty_io_ = static_cast<unsigned>(count);
    return "";
  }
  bool is_percentage = flag == "SP" || flag == "SDPcpu";
  Counts& counts = flag == "S" || flag == "SP" ? normal_ : dirty_;
  auto pair = parse_pair(value);
  if (!pair) return expects(flag, is_percentage ? "percentages, as 50 or 50:25" : "numbers of threads, as 4, 4:2 or -1", value);
  if (is_percentage) {
    if (pair->first.value_or(0) < 0 || pair->second.value_or(0) < 0) return expects(flag, "percentages from 0", value);
    counts.total_percent = pair->first.value_or(100);
    counts.online_percent = pair->second.value_or(std::min<long>(counts.total_percent, 100));
    return "";
  }
  if (std::max(pair->first.value_or(0), pair->second.value_or(0)) > most_threads) return expects(flag, "at most 1024 threads", value);
  counts.total = pair->first;
  counts.online = pair->second;
  // Fewer by so many, of both.
  if (!counts.online && pair->first.value_or(0) < 0) counts.online = pair->first;
  return "";
}

// usual: what there is if nothing is said. clips: as many online as there are are enough, unless a number was given.
bool ThreadFlags::apply(const Counts& counts, const char* flag, Numbers usual, bool clips, Numbers& numbers, std::string& problem) {
  auto resolved = [](std::optional<long> given, long otherwise) { return given.value_or(0) > 0 ? *given : otherwise + given.value_or(0); };
  long total = resolved(counts.total, usual.total);
  long online = resolved(counts.online, clips || !counts.online ? std::min(usual.online, std::max(total, 1L)) : usual.online);
  if (total < 1 || online < 1) {
    problem = expects(flag, "at least one thread to be left", std::to_string(std::min(total, online)));
    return false;
  }
  total = std::max(total * counts.total_percent / 100, 1L);
  online = std::max(online * counts.online_percent / 100, 1L);
  if (total > most_threads) return problem = expects(flag, "at most 1024 threads", std::to_string(total)), false;
  if (online > total && !(clips && counts.online.value_or(0) <= 0)) {
    problem = expects(flag, "at most as many threads online as there are, " + std::to_string(total), std::to_string(online));
    return false;
  }
  numbers = {total, std::min(online, total)};
  return true;
}

std::optional<ThreadNumbers> ThreadFlags::resolve(unsigned processors, unsigned available, std::string& problem) const {
  Numbers normal{processors, available}, dirty;
  if (!apply(normal_, "S", normal, false, normal, problem)) return std::nullopt;
  auto [total, online] = normal;
  Numbers usual{std::min<long>(processors, total), std::min<long>(available, online)};
  if (!apply(dirty_, "SDcpu", usual, true, dirty, problem)) return std::nullopt;
  ThreadNumbers numbers;
  numbers.all = {static_cast<unsigned>(total), static_cast<unsigned>(std::min(dirty.total, total)), dirty_io_};
  numbers.online = {static_cast<unsigned>(online), static_cast<unsigned>(std::min({dirty.online, online, dirty.total}))};
  return numbers;
}

}  // namespace hanse
