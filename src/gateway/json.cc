#include "gateway/json.h"

#include <boost/json/src.hpp>

namespace hanse::gateway {

std::optional<boost::json::object> json_object(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = json_depth;
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(text, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<std::string> json_text(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<int64_t> json_integer(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

namespace {

// The length of the character of UTF-8 at the start; 0 if there is none.
size_t character_bytes(std::string_view text) {
  auto at = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto follows = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
  unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    bool wrong = (first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) >= 0xa0);
    return follows(1) && follows(2) && !wrong ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    bool wrong = (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) >= 0x90);
    return follows(1) && follows(2) && follows(3) && !wrong ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string json_quote(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string quoted = "\"";
  while (!text.empty()) {
    size_t bytes = character_bytes(text);
    auto first = static_cast<unsigned char>(text[0]);
    if (bytes == 0) {
      quoted += "\\ufffd";
    } else if (first < 0x20 || first == 0x7f) {
      quoted += {'\\', 'u', '0', '0', digits[first >> 4], digits[first & 15]};
    } else {
      if (first == '"' || first == '\\') quoted += '\\';
      quoted += text.substr(0, bytes);
    }
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return quoted + '"';
}

}  // namespace hanse::gateway
