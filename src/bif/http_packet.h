// Lines of HTTP/1 (RFC 9112, leniently) as the terms that erlang:decode_packet/3 documents. Pure.
#pragma once

#include "base/bytes.h"
#include "term/arena.h"

namespace hanse {

enum class HttpStrings : uint8_t { lists, binaries };

// {http_request, ...}, {http_response, ...} or {http_error, Line}. line: with its newline.
Term http_first_line(Arena& arena, Bytes line, HttpStrings strings);
// {http_header, ...}, http_eoh or {http_error, Line}. line: with its newline, continuation lines included.
Term http_header_line(Arena& arena, Bytes line, HttpStrings strings);

}  // namespace hanse
