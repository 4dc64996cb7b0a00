#include "io/prim_socket_values.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "io/prim_socket_address.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/map.h"
#include "term/text.h"

namespace hanse {
namespace {

struct NamedNumber {
  Term name;
  int number;
};
constexpr NamedNumber services[] = {{am::lowdelay, IPTOS_LOWDELAY},
                                    {am::throughput, IPTOS_THROUGHPUT},
                                    {am::reliability, IPTOS_RELIABILITY},
                                    {am::mincost, IPTOS_MINCOST}};
constexpr NamedNumber discoveries[] = {{am::want, IP_PMTUDISC_WANT}, {am::dont, IP_PMTUDISC_DONT},
                                       {am::do_, IP_PMTUDISC_DO},    {am::probe, IP_PMTUDISC_PROBE}};

bool integer_of(Term term, int& value) {
  if (!term.is_small() || term.as_small() < INT32_MIN || term.as_small() > UINT32_MAX) return false;
  value = static_cast<int>(term.as_small());
  return true;
}
bool named(std::span<const NamedNumber> table, Term term, int& value) {
  for (auto& row : table)
    if (row.name == term) {
      value = row.number;
      return true;
    }
  return integer_of(term, value);
}
Term name_of(std::span<const NamedNumber> table, int value) {
  for (auto& row : table)
    if (row.number == value) return row.name;
  return Term::small(value);
}

bool field(Term map, Term key, Term& value) {
  if (!map.is_map()) return false;
  value = map_get(map, key);
  return !value.is_none();
}

bool encode_linger(Term value, OptionValue& out) {
  linger setting = {};
  Term on, seconds;
  int time;
  if (value == am::abort) {
    setting.l_onoff = 1;
  } else {
    if (!field(value, am::onoff, on) || !field(value, am::linger, seconds) || !integer_of(seconds, time) || time < 0) return false;
    if (on != am::true_ && on != am::false_) return false;
    setting = {on == am::true_, time};
  }
  out.set(setting);
  return true;
}

bool encode_membership(Term value, OptionValue& out) {
  ip_mreq request = {};
  Term group, interface;
  if (!field(value, am::multiaddr, group) || !field(value, am::interface, interface) || !group.is_tuple() ||
      !decode_ipv4(group, &request.imr_multiaddr) || !decode_ipv4(interface, &request.imr_interface))
    return false;
  out.set(request);
  return true;
}

bool encode_source_membership(Term value, OptionValue& out) {
  ip_mreq_source request = {};
  Term group, interface, source;
  if (!field(value, am::multiaddr, group) || !field(value, am::interface, interface) || !field(value, am::sourceaddr, source) ||
      !decode_ipv4(group, &request.imr_multiaddr) || !decode_ipv4(interface, &request.imr_interface) ||
      !decode_ipv4(source, &request.imr_sourceaddr))
    return false;
  out.set(request);
  return true;
}

// `null` or #{multiaddr, interface, mode, slist}.
bool encode_filter(Term value, OptionValue& out) {
  if (value == am::null) {
    out.size = 0;
    return true;
  }
  ip_msfilter header = {};
  Term group, interface, mode, sources;
  if (!field(value, am::multiaddr, group) || !field(value, am::interface, interface) || !field(value, am::mode, mode) ||
      !field(value, am::slist, sources) || !decode_ipv4(group, &header.imsf_multiaddr) ||
      !decode_ipv4(interface, &header.imsf_interface) || (mode != am::include && mode != am::exclude))
    return false;
  std::vector<in_addr> list;
  for (; sources.is_cons(); sources = sources.as_cons()->tail) {
    in_addr source;
    if (!decode_ipv4(sources.as_cons()->head, &source)) return false;
    list.push_back(source);
  }
  if (!sources.is_nil()) return false;
  header.imsf_fmode = mode == am::include ? MCAST_INCLUDE : MCAST_EXCLUDE;
  header.imsf_numsrc = static_cast<uint32_t>(list.size());
  constexpr size_t fixed = IP_MSFILTER_SIZE(0);
  out.large.resize(fixed + list.size() * sizeof(in_addr));
  std::memcpy(out.large.data(), &header, fixed);
  if (!list.empty()) std::memcpy(out.large.data() + fixed, list.data(), list.size() * sizeof(in_addr));
  return true;
}

bool encode_ipv6_membership(Term value, OptionValue& out) {
  ipv6_mreq request = {};
  Term group, interface;
  int index;
  if (!field(value, am::multiaddr, group) || !field(value, am::interface, interface) || !decode_ipv6(group, &request.ipv6mr_multiaddr) ||
      !integer_of(interface, index) || index < 0)
    return false;
  request.ipv6mr_interface = static_cast<unsigned>(index);
  out.set(request);
  return true;
}

}  // namespace

Term encode_type_of_service(int value) { return name_of(services, value); }
bool decode_type_of_service(Term term, int& value) { return named(services, term, value); }

bool encode_option(OptionShape shape, Term value, int, OptionValue& out) {
  int number = 0;
  using enum OptionShape;
  switch (shape) {
    case unsupported:
    case control: return false;
    case boolean:
    case boolean_or_integer:
      if (value != am::true_ && value != am::false_ && !(shape == boolean_or_integer && integer_of(value, number))) return false;
      if (value == am::true_) number = 1;
      break;
    case integer:
    case protocol:
      if (!integer_of(value, number)) return false;
      break;
    case domain:
      if (!decode_domain(value, number)) return false;
      break;
    case type:
      if (!decode_socket_type(value, number)) return false;
      break;
    case type_of_service:
      if (!named(services, value, number)) return false;
      break;
    case mtu_discovery:
      if (!named(discoveries, value, number)) return false;
      break;
    case ipv6_hops:
      if (value == am::default_) number = -1;
      else if (!integer_of(value, number) || number < 0 || number > 255) return false;
      break;
    case text: {
      auto characters = characters_of_list(value);
      if (!characters || characters->size() >= sizeof(out.data)) return false;
      std::memcpy(out.data, characters->data(), characters->size());
      out.size = characters->size();
      return true;
    }
    case ipv4_address: {
      in_addr address;
      if (!decode_ipv4(value, &address)) return false;
      out.set(address);
      return true;
    }
    case linger: return encode_linger(value, out);
    case ipv4_membership: return encode_membership(value, out);
    case ipv4_source_membership: return encode_source_membership(value, out);
    case ipv4_filter: return encode_filter(value, out);
    case ipv6_membership: return encode_ipv6_membership(value, out);
  }
  out.set(number);
  return true;
}

size_t option_size(OptionShape shape) {
  switch (shape) {
    case OptionShape::control: return sizeof(OptionValue::data);
    case OptionShape::linger: return sizeof(linger);
    case OptionShape::text: return 16;
    case OptionShape::ipv4_address: return sizeof(in_addr);
    default: return sizeof(int);
  }
}

Term decode_option(Arena& arena, OptionShape shape, const OptionValue& value) {
  // The kernel may answer with a single byte.
  int number = value.size >= sizeof(int) ? load_unaligned<int>(value.data) : value.size > 0 ? value.data[0] : 0;
  using enum OptionShape;
  switch (shape) {
    case control: return encode_control(arena, {value.data, value.size});
    case boolean: return hanse::boolean(number != 0);
    case domain: return encode_domain(number);
    case type: return encode_socket_type(number);
    case protocol: return number == 0 ? am::default_ : Term::small(number);
    case type_of_service: return name_of(services, number);
    case mtu_discovery: return name_of(discoveries, number);
    case ipv4_address: return encode_ipv4(arena, value.data);
    case linger: {
      auto setting = load_unaligned<::linger>(value.data);
      return MapBuilder(arena).add(am::linger, Term::small(setting.l_linger)).add(am::onoff, hanse::boolean(setting.l_onoff != 0)).finish();
    }
    case text: {
      // Without the last of the bytes that the system has filled in: it ends texts that fill their buffer with a NUL.
      size_t size = std::min(value.size, size_t{15});
      return make_string(arena, std::string_view(reinterpret_cast<const char*>(value.data), size));
    }
    default: return Term::small(number);
  }
}

}  // namespace hanse
