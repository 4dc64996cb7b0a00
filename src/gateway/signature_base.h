// The text that a signature of an HTTP message signs (RFC 9421, section 2.5).
#pragma once

#include <expected>
#include <string>

#include "gateway/message.h"
#include "gateway/structured_fields.h"

namespace hanse::gateway {

// covered: an inner list of component identifiers with the signature's parameters. The error says which component the message has not, or
// what is not supported: the parameters sf and tr.
std::expected<std::string, std::string> signature_base(const Message& message, const Member& covered);

// What a request of that scheme and field Host is sent to: in lower case, without a port that goes without saying (section 2.2.3).
std::string normal_authority(std::string_view scheme, std::string_view host);

}  // namespace hanse::gateway
