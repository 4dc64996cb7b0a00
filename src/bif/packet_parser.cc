#include "bif/packet_parser.h"

#include <algorithm>

#include "bif/http_packet.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

namespace {

constexpr int64_t need_more = 0, invalid = -1;

// header_size + body_size, if the body is within the limit and the sum within what stock can count.
int64_t framed(uint64_t header_size, uint64_t body_size, const PacketLimits& limits) {
  if (limits.packet_size != 0 && body_size > limits.packet_size) return invalid;
  if (header_size + body_size > INT32_MAX) return invalid;
  return static_cast<int64_t>(header_size + body_size);
}

int64_t line_length(Bytes bytes, const PacketLimits& limits) {
  auto* end = static_cast<const uint8_t*>(std::memchr(bytes.data(), limits.line_delimiter, bytes.size()));
  if (end == nullptr) {
    if (limits.packet_size != 0 && bytes.size() > limits.packet_size) return invalid;
    if (limits.line_length != 0 && bytes.size() >= limits.line_length) return limits.line_length;
    return need_more;
  }
  auto length = static_cast<size_t>(end - bytes.data()) + 1;
  if (limits.packet_size != 0 && length > limits.packet_size) return invalid;
  if (limits.line_length != 0 && length > limits.line_length) return limits.line_length;
  return static_cast<int64_t>(length);
}

// A line of HTTP; header lines reach over continuation lines, which begin with white space, so that the byte behind the
// line must be known.
int64_t http_line_length(Bytes bytes, bool is_header, const PacketLimits& limits) {
  auto exceeds = [&](size_t length) {
    uint64_t limit = limits.packet_size != 0 ? limits.packet_size : limits.line_length;
    return limit != 0 && length > limit;
  };
  size_t from = 0;
  while (true) {
    auto* end = static_cast<const uint8_t*>(std::memchr(bytes.data() + from, '\n', bytes.size() - from));
    if (end == nullptr) return exceeds(bytes.size() + 1) ? invalid : need_more;
    size_t length = static_cast<size_t>(end - bytes.data()) + 1;
    bool is_empty = length == 1 || (length == 2 && bytes[0] == '\r');
    if (!is_header || is_empty) return exceeds(length) ? invalid : static_cast<int64_t>(length);
    if (length == bytes.size()) return exceeds(length) ? invalid : need_more;
    if (bytes[length] != ' ' && bytes[length] != '\t') return exceeds(length) ? invalid : static_cast<int64_t>(length);
    from = length;
  }
}

// X.690: identifier octets, then short, long or indefinite length; an indefinite one counts as an empty body.
int64_t asn1_length(Bytes bytes, const PacketLimits& limits) {
  size_t at = 1;
  if ((bytes[0] & 0x1f) == 0x1f) {
    while (at < bytes.size() && (bytes[at] & 0x80) != 0) at++;
    at++;
  }
  if (at >= bytes.size()) return need_more;
  uint64_t length = bytes[at++];
  if ((length & 0x80) != 0) {
    size_t octets = length & 0x7f;
    if (octets > 4) return invalid;
    if (at + octets > bytes.size()) return need_more;
    for (length = 0; octets > 0; octets--) length = length << 8 | bytes[at++];
  }
  return framed(at, length, limits);
}

// Common Data Representation (CORBA): the flags say which byte order the length is in.
int64_t cdr_length(Bytes bytes, const PacketLimits& limits) {
  if (std::memcmp(bytes.data(), "GIOP", 4) != 0) return invalid;
  bool little_endian = (bytes[6] & 1) != 0;
  return framed(12, little_endian ? load_unaligned<uint32_t>(bytes.data() + 8) : load_be32(bytes.data() + 8), limits);
}

bool is_ssl2_hello(Bytes bytes) { return (bytes[0] & 0x80) != 0 && bytes[2] == 1; }

int64_t ssl_length(Bytes bytes, const PacketLimits& limits) {
  if (!is_ssl2_hello(bytes)) return framed(5, load_be16(bytes.data() + 3), limits);
  int64_t body = (load_be16(bytes.data()) & 0x7fff) - 3;
  return body < 0 ? invalid : framed(5, static_cast<uint64_t>(body), limits);
}

// {ssl_tls, [], ContentType, {Major, Minor}, Body}; a version 2 hello becomes a handshake message.
Term ssl_term(Arena& arena, Bytes packet) {
  uint8_t type, major, minor;
  NewBinary body;
  if (is_ssl2_hello(packet)) {
    type = 22;
    major = packet[3];
    minor = packet[4];
    size_t rest = packet.size() - 3;  // version and what follows
    body = allocate_binary(arena, rest + 4);
    CHECK(!body.term.is_none());
    store_be32(body.bytes, static_cast<uint32_t>(rest));
    body.bytes[0] = 1;
    std::memcpy(body.bytes + 4, packet.data() + 3, rest);
  } else {
    type = packet[0];
    major = packet[1];
    minor = packet[2];
    body.term = make_binary(arena, packet.subspan(5));
  }
  return make_tuple(arena, am::ssl_tls, Term::nil(), Term::small(type),
                    make_tuple(arena, Term::small(major), Term::small(minor)), body.term);
}

// Bytes that must be there before the length can be told.
size_t least_bytes(PacketType type) {
  switch (type) {
    case PacketType::two: return 2;
    case PacketType::four: case PacketType::sunrm: case PacketType::tpkt: return 4;
    case PacketType::asn1: return 2;
    case PacketType::cdr: return 12;
    case PacketType::fcgi: return 8;
    case PacketType::ssl_tls: return 5;
    default: return 1;
  }
}

}  // namespace

int64_t packet_length(PacketType type, Bytes bytes, const PacketLimits& limits) {
  if (bytes.size() < least_bytes(type)) return need_more;
  const uint8_t* data = bytes.data();
  switch (type) {
    case PacketType::raw: return static_cast<int64_t>(bytes.size());
    case PacketType::one: return framed(1, data[0], limits);
    case PacketType::two: return framed(2, load_be16(data), limits);
    case PacketType::four: return framed(4, load_be32(data), limits);
    case PacketType::asn1: return asn1_length(bytes, limits);
    case PacketType::sunrm: return framed(4, load_be32(data) & 0x7fffffff, limits);
    case PacketType::cdr: return cdr_length(bytes, limits);
    case PacketType::fcgi: return data[0] == 1 ? framed(8, uint64_t{load_be16(data + 4)} + data[6], limits) : invalid;
    case PacketType::tpkt: {
      uint16_t length = load_be16(data + 2);
      return data[0] == 3 && length >= 4 ? framed(4, length - 4u, limits) : invalid;
    }
    case PacketType::line: return line_length(bytes, limits);
    case PacketType::http: case PacketType::http_bin: return http_line_length(bytes, false, limits);
    case PacketType::httph: case PacketType::httph_bin: return http_line_length(bytes, true, limits);
    case PacketType::ssl_tls: return ssl_length(bytes, limits);
  }
  return invalid;
}

size_t packet_header_size(PacketType type) {
  switch (type) {
    case PacketType::one: return 1;
    case PacketType::two: return 2;
    case PacketType::four: return 4;
    default: return 0;
  }
}

size_t packet_trailer_size(PacketType type, Bytes packet) { return type == PacketType::fcgi ? packet[6] : 0; }

Term packet_term(Arena& arena, PacketType type, Bytes packet) {
  switch (type) {
    case PacketType::http: return http_first_line(arena, packet, HttpStrings::lists);
    case PacketType::http_bin: return http_first_line(arena, packet, HttpStrings::binaries);
    case PacketType::httph: return http_header_line(arena, packet, HttpStrings::lists);
    case PacketType::httph_bin: return http_header_line(arena, packet, HttpStrings::binaries);
    case PacketType::ssl_tls: return ssl_term(arena, packet);
    default: return Term::none();
  }
}

}  // namespace hanse
