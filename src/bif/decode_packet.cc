// erlang:decode_packet/3.
#include "bif/binary_bytes.h"
#include "bif/packet_parser.h"
#include "bif/tables.h"
#include "process/call.h"

namespace hanse {

static std::optional<PacketType> packet_type(Term term) {
  static constexpr struct {
    Term name;
    PacketType type;
  } types[] = {
      {Term::small(0), PacketType::raw},  {am::raw, PacketType::raw},           {Term::small(1), PacketType::one},
      {Term::small(2), PacketType::two},  {Term::small(4), PacketType::four},   {am::asn1, PacketType::asn1},
      {am::sunrm, PacketType::sunrm},     {am::cdr, PacketType::cdr},           {am::fcgi, PacketType::fcgi},
      {am::line, PacketType::line},       {am::tpkt, PacketType::tpkt},         {am::http, PacketType::http},
      {am::httph, PacketType::httph},     {am::http_bin, PacketType::http_bin}, {am::httph_bin, PacketType::httph_bin},
      {am::ssl_tls, PacketType::ssl_tls},
  };
  for (auto& row : types)
    if (row.name == term) return row.type;
  return std::nullopt;
}

static bool read_limits(Term options, PacketLimits& limits) {
  for (; options.is_cons(); options = options.as_cons()->tail) {
    Term option = options.as_cons()->head;
    if (!is_tuple_of_arity(option, 2)) return false;
    Term key = as_tuple(option)->elements[0], value = as_tuple(option)->elements[1];
    if (!value.is_small() || value.as_small() < 0 || value.as_small() > UINT32_MAX) return false;
    auto number = static_cast<uint32_t>(value.as_small());
    if (key == am::packet_size)
      limits.packet_size = number;
    else if (key == am::line_length)
      limits.line_length = number;
    else if (key == am::line_delimiter && number <= 255)
      limits.line_delimiter = static_cast<uint8_t>(number);
    else
      return false;
  }
  return options.is_nil();
}

static Result erlang_decode_packet_3(Call& call) {
  auto type = packet_type(call.args[0]);
  Term binary = call.args[1];
  PacketLimits limits;
  if (!type) return raise_badarg(call, am::badopt);
  if (!binary.is_bitstring() || !read_limits(call.args[2], limits)) return raise_badarg(call);
  BinaryBytes bytes(binary);
  Arena& arena = call.arena();
  int64_t length = packet_length(*type, bytes.span(), limits);
  if (length < 0) return make_tuple(arena, am::error, am::invalid);
  if (length == 0) return make_tuple(arena, am::more, am::undefined);
  auto size = static_cast<size_t>(length);
  if (size > bytes.size()) return make_tuple(arena, am::more, Term::small(length));
  call.charge(size / 64);
  Term packet = packet_term(arena, *type, bytes.span().first(size));
  if (packet.is_none()) {
    size_t header = packet_header_size(*type), trailer = packet_trailer_size(*type, bytes.span().first(size));
    packet = make_sub_binary(arena, binary, header * 8, (size - header - trailer) * 8);
  }
  Term rest = make_sub_binary(arena, binary, size * 8, bit_view(binary).bit_size - size * 8);
  return make_tuple(arena, am::ok, packet, rest);
}

static constexpr BifRow rows[] = {
    {"erlang", "decode_packet", 3, erlang_decode_packet_3, BifKind::plain, Authority::pure},
};
const BifTable decode_packet_bifs = rows;

}  // namespace hanse
