// See control.h.
#include "guard/control.h"

#include <sys/resource.h>

#include <charconv>

namespace hanse::guard {

std::optional<std::string> FrameReader::next() {
  if (broken_ || rest_.size() < 4) return std::nullopt;
  size_t length = 0;
  for (int i = 0; i < 4; i++) length = length << 8 | static_cast<uint8_t>(rest_[i]);
  if (length == 0 || length > frame_limit_bytes) {
    broken_ = true;
    return std::nullopt;
  }
  if (rest_.size() - 4 < length) return std::nullopt;
  std::string frame = rest_.substr(4, length);
  rest_.erase(0, 4 + length);
  return frame;
}

std::string number_bytes(uint64_t number, unsigned size) {
  std::string bytes;
  for (unsigned i = size; i-- > 0;) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

std::string framed(char kind, std::string_view content) {
  std::string frame = number_bytes(content.size() + 1, 4);
  frame += kind;
  frame += content;
  return frame;
}

namespace {

struct LimitName {
  std::string_view name;
  int resource;
};
constexpr LimitName limit_names[] = {
    {"memory", RLIMIT_AS}, {"cpu", RLIMIT_CPU},         {"files", RLIMIT_NOFILE}, {"processes", RLIMIT_NPROC},
    {"core", RLIMIT_CORE}, {"file_size", RLIMIT_FSIZE}, {"stack", RLIMIT_STACK},
};

bool parse_number(std::string_view text, uint64_t& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// limit.NAME=NUMBER
bool take_limit(std::string_view name, std::string_view value, Plan& plan) {
  for (const LimitName& known : limit_names) {
    uint64_t number = 0;
    if (known.name != name) continue;
    if (!parse_number(value, number)) return false;
    plan.limits.emplace_back(known.resource, number);
    return true;
  }
  return false;
}

bool take_entry(std::string_view key, std::string_view value, Plan& plan) {
  uint64_t number = 0;
  if (key == "arg") return plan.arguments.emplace_back(value), true;
  if (key == "env") return plan.environment.emplace_back(value), true;
  if (key == "directory") return plan.directory = value, true;
  if (key == "user") return plan.user = value, true;
  if (key.starts_with("limit.")) return take_limit(key.substr(6), value, plan);
  if (!parse_number(value, number)) return false;
  if (key == "network" && number <= 1) return plan.network = number == 1, true;
  if (key == "input" && number <= 4) return plan.channel_input = static_cast<int>(number), true;
  if (key == "output" && number <= 4) return plan.channel_output = static_cast<int>(number), true;
  if (key == "grace_ms" && number <= 3600000) return plan.grace_ms = static_cast<unsigned>(number), true;
  return false;
}

}  // namespace

ParsedPlan parse_plan(std::string_view content) {
  ParsedPlan parsed;
  while (!content.empty()) {
    size_t end = content.find('\0');
    std::string_view entry = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    size_t equals = entry.find('=');
    if (equals == std::string_view::npos ||
        !take_entry(entry.substr(0, equals), entry.substr(equals + 1), parsed.plan)) {
      parsed.error = "not an entry of a plan: " + std::string(entry);
      return parsed;
    }
  }
  if (parsed.plan.arguments.empty()) parsed.error = "a plan without a program";
  if (parsed.plan.channel_input == parsed.plan.channel_output) parsed.error = "one descriptor for both directions";
  return parsed;
}

}  // namespace hanse::guard
