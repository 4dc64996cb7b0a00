// Structured field values (RFC 8941): the dictionaries in which HTTP carries signatures and digests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hanse::gateway {

struct BareItem {
  enum class Kind : uint8_t { integer, decimal, string, token, bytes, boolean };
  Kind kind = Kind::boolean;
  int64_t integer = 1;  // of integer and boolean
  std::string text;     // of string and token; the bytes; a decimal as it was written

  static BareItem of_integer(int64_t value) { return {Kind::integer, value, {}}; }
  static BareItem of_string(std::string value) { return {Kind::string, 0, std::move(value)}; }
  static BareItem of_bytes(std::string value) { return {Kind::bytes, 0, std::move(value)}; }
  bool operator==(const BareItem&) const = default;
};

using Parameters = std::vector<std::pair<std::string, BareItem>>;
const BareItem* find_parameter(const Parameters& parameters, std::string_view name);

struct Item {
  BareItem value;
  Parameters parameters;
  bool operator==(const Item&) const = default;
};

// One item, or an inner list of items; the parameters are those of the whole.
struct Member {
  bool is_list = false;
  std::vector<Item> items;
  Parameters parameters;
  bool operator==(const Member&) const = default;
};

using Dictionary = std::vector<std::pair<std::string, Member>>;
const Member* find_member(const Dictionary& dictionary, std::string_view key);

// Parses as section 4.2.2 says; nullopt if anything is wrong. A repeated key counts with its last value.
std::optional<Dictionary> parse_dictionary(std::string_view text);

// Section 4.1. Strings must be printable ASCII.
std::string serialize(const Item& item);
std::string serialize(const Member& member);

}  // namespace hanse::gateway
