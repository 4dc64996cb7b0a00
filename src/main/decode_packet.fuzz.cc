// erlang:decode_packet/3. Input: an external term {erlang, decode_packet, Arguments}; or a byte for the type, one for the options, and
// the stream, of which packets are taken until there are no more.
#include "base/fuzz_target.h"
#include "bif/packet_parser.h"
#include "main/fuzz_node.h"

using namespace hanse;

static const char* const types[] = {"raw", "0", "1", "2", "4", "asn1", "sunrm", "cdr", "fcgi", "tpkt", "line", "http", "httph", "http_bin", "httph_bin", "ssl_tls"};

static void call(FuzzNode& node, Bytes stream, uint8_t type, uint8_t choice) {
  static const Term decode_packet = make_atom("decode_packet");
  FragmentArena arena(64);
  const char* name = types[type % std::size(types)];
  Term options = Term::nil();
  auto add = [&](const char* option, int64_t value) {
    options = make_cons(arena, make_tuple(arena, make_atom(option), Term::small(value)), options);
  };
  if (choice & 1) add("packet_size", choice);
  if (choice & 2) add("line_length", choice >> 2);
  if (choice & 4) add("line_delimiter", choice);
  Term chosen = name[0] <= '4' ? Term::small(name[0] - '0') : make_atom(name);
  node.call(am::erlang, decode_packet, make_list(arena, std::initializer_list<Term>{chosen, make_binary(arena, stream), options}));
}

// As a socket does: one packet after the other.
static void cut(Bytes stream, PacketType type, const PacketLimits& limits) {
  for (int64_t length; !stream.empty() && (length = packet_length(type, stream, limits)) > 0; ) {
    if (static_cast<uint64_t>(length) > stream.size()) return;
    FragmentArena arena(64);
    Bytes packet = stream.first(static_cast<size_t>(length));
    CHECK(packet_header_size(type) + packet_trailer_size(type, packet) <= packet.size() || type == PacketType::raw);
    packet_term(arena, type, packet);
    stream = stream.subspan(static_cast<size_t>(length));
  }
}

FUZZ_TARGET(decode_packet) {
  FuzzNode& node = FuzzNode::with({});
  if (size < 3) return -1;
  static const Term decode_packet = make_atom("decode_packet");
  if (data[0] == 131)
    return fuzz_call(node, {data, size}, [](Term module, Term function, size_t) { return module == am::erlang && function == decode_packet; });
  Bytes stream(data + 2, size - 2);
  call(node, stream, data[0], data[1]);
  PacketLimits limits{.packet_size = data[1] & 1 ? data[1] : 0u, .line_length = data[1] & 2 ? data[1] / 4u : 0u};
  cut(stream, static_cast<PacketType>(data[0] % 15), limits);
  return 0;
}
