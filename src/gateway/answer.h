// The bytes of answers.
#pragma once

#include <string>
#include <vector>

#include "gateway/server.h"

namespace hanse::gateway {

enum class BodyKind : uint8_t { whole, none, stream };  // none: an answer to HEAD

// Adds length, digest, date and, for a caller, the signature. persistent: the connection stays open.
std::string answer_bytes(const Request& request, const Authenticator& authenticator, unsigned status, std::vector<Field> fields, const std::string& body,
                         BodyKind kind, bool persistent);

// No line breaks, no other control characters; a name is a token.
bool is_valid_field(const Field& field);

}  // namespace hanse::gateway
