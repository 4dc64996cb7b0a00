#include "io/prim_socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "term/atom.h"

namespace hanse {

using Shape = OptionShape;

static constexpr SocketOption socket_options[] = {
    {am::acceptconn, SO_ACCEPTCONN, Shape::boolean, true, false},
    {am::acceptfilter, -1, Shape::unsupported},
    {am::bindtodevice, SO_BINDTODEVICE, Shape::text},
    {am::broadcast, SO_BROADCAST, Shape::boolean},
    {am::busy_poll, -1, Shape::unsupported},
    {am::debug, SO_DEBUG, Shape::boolean_or_integer},
    {am::domain, SO_DOMAIN, Shape::domain, true, false},
    {am::dontroute, SO_DONTROUTE, Shape::boolean},
    {am::error, -1, Shape::unsupported},
    {am::keepalive, SO_KEEPALIVE, Shape::boolean},
    {am::linger, SO_LINGER, Shape::linger},
    {am::mark, -1, Shape::unsupported},
    {am::oobinline, SO_OOBINLINE, Shape::boolean},
    {am::passcred, SO_PASSCRED, Shape::boolean},
    {am::peek_off, SO_PEEK_OFF, Shape::integer},
    {am::peercred, -1, Shape::unsupported},
    {am::priority, SO_PRIORITY, Shape::integer},
    {am::protocol, SO_PROTOCOL, Shape::protocol, true, false},
    {am::rcvbuf, SO_RCVBUF, Shape::integer},
    {am::rcvbufforce, -1, Shape::unsupported},
    {am::rcvlowat, SO_RCVLOWAT, Shape::integer},
    {am::rcvtimeo, -1, Shape::unsupported},
    {am::reuseaddr, SO_REUSEADDR, Shape::boolean},
    {am::reuseport, SO_REUSEPORT, Shape::boolean},
    {am::rxq_ovfl, -1, Shape::unsupported},
    {am::setfib, -1, Shape::unsupported},
    {am::sndbuf, SO_SNDBUF, Shape::integer},
    {am::sndbufforce, -1, Shape::unsupported},
    {am::sndlowat, SO_SNDLOWAT, Shape::integer},
    {am::sndtimeo, -1, Shape::unsupported},
    {am::timestamp, SO_TIMESTAMP, Shape::boolean},
    {am::type, SO_TYPE, Shape::type, true, false},
};

static constexpr SocketOption ip_options[] = {
    {am::add_membership, IP_ADD_MEMBERSHIP, Shape::ipv4_membership, false},
    {am::add_source_membership, IP_ADD_SOURCE_MEMBERSHIP, Shape::ipv4_source_membership, false},
    {am::block_source, IP_BLOCK_SOURCE, Shape::ipv4_source_membership, false},
    {am::dontfrag, -1, Shape::unsupported},
    {am::drop_membership, IP_DROP_MEMBERSHIP, Shape::ipv4_membership, false},
    {am::drop_source_membership, IP_DROP_SOURCE_MEMBERSHIP, Shape::ipv4_source_membership, false},
    {am::freebind, IP_FREEBIND, Shape::boolean},
    {am::hdrincl, IP_HDRINCL, Shape::boolean},
    {am::minttl, IP_MINTTL, Shape::integer},
    {am::msfilter, IP_MSFILTER, Shape::ipv4_filter, false},
    {am::mtu, IP_MTU, Shape::integer, true, false},
    {am::mtu_discover, IP_MTU_DISCOVER, Shape::mtu_discovery},
    {am::multicast_all, IP_MULTICAST_ALL, Shape::boolean},
    {am::multicast_if, IP_MULTICAST_IF, Shape::ipv4_address},
    {am::multicast_loop, IP_MULTICAST_LOOP, Shape::boolean},
    {am::multicast_ttl, IP_MULTICAST_TTL, Shape::integer},
    {am::nodefrag, IP_NODEFRAG, Shape::boolean},
    {am::options, -1, Shape::unsupported},
    {am::pktinfo, IP_PKTINFO, Shape::boolean},
    {am::pktoptions, IP_PKTOPTIONS, Shape::control},
    {am::recvdstaddr, -1, Shape::unsupported},
    {am::recverr, IP_RECVERR, Shape::boolean},
    {am::recvif, -1, Shape::unsupported},
    {am::recvopts, IP_RECVOPTS, Shape::boolean},
    {am::recvorigdstaddr, IP_RECVORIGDSTADDR, Shape::boolean},
    {am::recvtos, IP_RECVTOS, Shape::boolean},
    {am::recvttl, IP_RECVTTL, Shape::boolean},
    {am::retopts, IP_RETOPTS, Shape::boolean},
    {am::router_alert, IP_ROUTER_ALERT, Shape::integer},
    {am::sendsrcaddr, -1, Shape::unsupported},
    {am::tos, IP_TOS, Shape::type_of_service},
    {am::transparent, IP_TRANSPARENT, Shape::boolean},
    {am::ttl, IP_TTL, Shape::integer},
    {am::unblock_source, IP_UNBLOCK_SOURCE, Shape::ipv4_source_membership, false},
};

static constexpr SocketOption ipv6_options[] = {
    {am::add_membership, IPV6_ADD_MEMBERSHIP, Shape::ipv6_membership, false},
    {am::addrform, IPV6_ADDRFORM, Shape::domain, false},
    {am::auth_level, -1, Shape::unsupported},
    {am::authhdr, IPV6_AUTHHDR, Shape::boolean},
    {am::checksum, -1, Shape::unsupported},
    {am::drop_membership, IPV6_DROP_MEMBERSHIP, Shape::ipv6_membership, false},
    {am::dstopts, IPV6_DSTOPTS, Shape::boolean},
    {am::esp_network_level, -1, Shape::unsupported},
    {am::esp_trans_level, -1, Shape::unsupported},
    {am::faith, -1, Shape::unsupported},
    {am::flowinfo, 11 /* IPV6_FLOWINFO of linux/in6.h */, Shape::boolean},
    {am::hoplimit, IPV6_HOPLIMIT, Shape::boolean},
    {am::hopopts, IPV6_HOPOPTS, Shape::boolean},
    {am::ipcomp_level, -1, Shape::unsupported},
    {am::join_group, -1, Shape::unsupported},
    {am::leave_group, -1, Shape::unsupported},
    {am::mtu, IPV6_MTU, Shape::integer},
    {am::mtu_discover, IPV6_MTU_DISCOVER, Shape::mtu_discovery},
    {am::multicast_hops, IPV6_MULTICAST_HOPS, Shape::ipv6_hops},
    {am::multicast_if, IPV6_MULTICAST_IF, Shape::integer},
    {am::multicast_loop, IPV6_MULTICAST_LOOP, Shape::boolean},
    {am::pktoptions, -1, Shape::unsupported},
    {am::portrange, -1, Shape::unsupported},
    {am::recverr, IPV6_RECVERR, Shape::boolean},
    {am::recvhoplimit, IPV6_RECVHOPLIMIT, Shape::boolean},
    {am::recvpktinfo, IPV6_RECVPKTINFO, Shape::boolean},
    {am::recvtclass, IPV6_RECVTCLASS, Shape::boolean},
    {am::router_alert, IPV6_ROUTER_ALERT, Shape::integer},
    {am::rthdr, IPV6_RTHDR, Shape::boolean},
    {am::tclass, IPV6_TCLASS, Shape::integer},
    {am::unicast_hops, IPV6_UNICAST_HOPS, Shape::ipv6_hops},
    {am::use_min_mtu, -1, Shape::unsupported},
    {am::v6only, IPV6_V6ONLY, Shape::boolean},
};

static constexpr SocketOption tcp_options[] = {
    {am::congestion, TCP_CONGESTION, Shape::text},
    {am::cork, TCP_CORK, Shape::boolean},
    {am::info, -1, Shape::unsupported},
    {am::keepcnt, -1, Shape::unsupported},
    {am::keepidle, -1, Shape::unsupported},
    {am::keepintvl, -1, Shape::unsupported},
    {am::maxseg, TCP_MAXSEG, Shape::integer},
    {am::md5sig, -1, Shape::unsupported},
    {am::nodelay, TCP_NODELAY, Shape::boolean},
    {am::noopt, -1, Shape::unsupported},
    {am::nopush, -1, Shape::unsupported},
    {am::syncnt, -1, Shape::unsupported},
    {am::user_timeout, -1, Shape::unsupported},
};

static constexpr SocketOption udp_options[] = {{am::cork, UDP_CORK, Shape::boolean}};

static constexpr OptionLevel levels[] = {
    {-1, socket_options},         {IPPROTO_IP, ip_options},   {IPPROTO_IPV6, ipv6_options},
    {IPPROTO_TCP, tcp_options}, {IPPROTO_UDP, udp_options},
};
std::span<const OptionLevel> option_levels() { return levels; }

}  // namespace hanse
