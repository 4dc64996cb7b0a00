// JSON (RFC 8259) of strangers, read with Boost.JSON: limited in depth and size, never throwing.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace hanse::gateway {

constexpr size_t json_depth = 32;

// nullopt: not JSON, not an object, too deep.
std::optional<boost::json::object> json_object(std::string_view text);

std::optional<std::string> json_text(const boost::json::object& object, std::string_view key);
std::optional<int64_t> json_integer(const boost::json::object& object, std::string_view key);

// A string of JSON with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_quote(std::string_view text);

}  // namespace hanse::gateway
