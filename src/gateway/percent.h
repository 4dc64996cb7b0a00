// Percent-encoding in paths (RFC 3986) and forms (the URL standard's application/x-www-form-urlencoded).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hanse::gateway {

// nullopt: a percent sign without two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);
std::optional<std::string> form_decode(std::string_view text);
// All but letters, digits and "-._~".
std::string percent_encode(std::string_view text);
// As RFC 9421, section 2.2.8, wants it: percent-encoding, spaces too.
std::string form_encode(std::string_view text);

}  // namespace hanse::gateway
