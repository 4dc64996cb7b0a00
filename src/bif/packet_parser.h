// Framing of packets in a stream of bytes, as erlang:decode_packet/3 and the packet option of sockets define it. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "term/arena.h"

namespace hanse {

// Values are those of the driver protocol's TCP_PB_ constants.
enum class PacketType : uint8_t {
  raw = 0, one = 1, two = 2, four = 3, asn1 = 4, sunrm = 5, cdr = 6, fcgi = 7, line = 8, tpkt = 9,
  http = 10, httph = 11, ssl_tls = 12, http_bin = 13, httph_bin = 14,
};

struct PacketLimits {
  uint32_t packet_size = 0;  // largest body, 0: no limit
  uint32_t line_length = 0;  // longer lines are cut (line) or refused (http), 0: no limit
  uint8_t line_delimiter = '\n';
};

// Bytes of the first packet, its header included: may be more than there are. 0: more bytes are needed to tell. Negative:
// the bytes are no packet of that type or exceed a limit.
int64_t packet_length(PacketType type, Bytes bytes, const PacketLimits& limits);

// Bytes to leave out in front of what the guest gets (the length field of types one, two and four), and behind it (padding
// of fcgi). packet: exactly one packet.
size_t packet_header_size(PacketType type);
size_t packet_trailer_size(PacketType type, Bytes packet);

// What the guest gets instead of the bytes: for the http types and ssl_tls, none() for all others.
// packet: exactly one packet. http and http_bin mean a first line, httph and httph_bin header lines; a socket goes on with
// headers after {http_request, ...} or {http_response, ...} and starts anew after http_eoh.
Term packet_term(Arena& arena, PacketType type, Bytes packet);

}  // namespace hanse
