#include "io/prim_socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "term/atom.h"

namespace hanse {

using enum OptionShape;

#define UNSUPPORTED(name) {am::name, -1, unsupported}

static constexpr SocketOption socket_options[] = {
    {am::acceptconn, SO_ACCEPTCONN, boolean, true, false},
    UNSUPPORTED(acceptfilter),
    {am::bindtodevice, SO_BINDTODEVICE, text},
    {am::broadcast, SO_BROADCAST, boolean},
    UNSUPPORTED(busy_poll),
    {am::debug, SO_DEBUG, boolean_or_integer},
    {am::domain, SO_DOMAIN, domain, true, false},
    {am::dontroute, SO_DONTROUTE, boolean},
    UNSUPPORTED(error),
    {am::keepalive, SO_KEEPALIVE, boolean},
    {am::linger, SO_LINGER, linger},
    UNSUPPORTED(mark),
    {am::oobinline, SO_OOBINLINE, boolean},
    {am::passcred, SO_PASSCRED, boolean},
    {am::peek_off, SO_PEEK_OFF, integer},
    UNSUPPORTED(peercred),
    {am::priority, SO_PRIORITY, integer},
    {am::protocol, SO_PROTOCOL, protocol, true, false},
    {am::rcvbuf, SO_RCVBUF, integer},
    UNSUPPORTED(rcvbufforce),
    {am::rcvlowat, SO_RCVLOWAT, integer},
    UNSUPPORTED(rcvtimeo),
    {am::reuseaddr, SO_REUSEADDR, boolean},
    {am::reuseport, SO_REUSEPORT, boolean},
    UNSUPPORTED(rxq_ovfl),
    UNSUPPORTED(setfib),
    {am::sndbuf, SO_SNDBUF, integer},
    UNSUPPORTED(sndbufforce),
    {am::sndlowat, SO_SNDLOWAT, integer},
    UNSUPPORTED(sndtimeo),
    {am::timestamp, SO_TIMESTAMP, boolean},
    {am::type, SO_TYPE, type, true, false},
};

static constexpr SocketOption ip_options[] = {
    {am::add_membership, IP_ADD_MEMBERSHIP, ipv4_membership, false},
    {am::add_source_membership, IP_ADD_SOURCE_MEMBERSHIP, ipv4_source_membership, false},
    {am::block_source, IP_BLOCK_SOURCE, ipv4_source_membership, false},
    UNSUPPORTED(dontfrag),
    {am::drop_membership, IP_DROP_MEMBERSHIP, ipv4_membership, false},
    {am::drop_source_membership, IP_DROP_SOURCE_MEMBERSHIP, ipv4_source_membership, false},
    {am::freebind, IP_FREEBIND, boolean},
    {am::hdrincl, IP_HDRINCL, boolean},
    {am::minttl, IP_MINTTL, integer},
    {am::msfilter, IP_MSFILTER, ipv4_filter, false},
    {am::mtu, IP_MTU, integer, true, false},
    {am::mtu_discover, IP_MTU_DISCOVER, mtu_discovery},
    {am::multicast_all, IP_MULTICAST_ALL, boolean},
    {am::multicast_if, IP_MULTICAST_IF, ipv4_address},
    {am::multicast_loop, IP_MULTICAST_LOOP, boolean},
    {am::multicast_ttl, IP_MULTICAST_TTL, integer},
    {am::nodefrag, IP_NODEFRAG, boolean},
    UNSUPPORTED(options),
    {am::pktinfo, IP_PKTINFO, boolean},
    {am::pktoptions, IP_PKTOPTIONS, opaque},
    UNSUPPORTED(recvdstaddr),
    {am::recverr, IP_RECVERR, boolean},
    UNSUPPORTED(recvif),
    {am::recvopts, IP_RECVOPTS, boolean},
    {am::recvorigdstaddr, IP_RECVORIGDSTADDR, boolean},
    {am::recvtos, IP_RECVTOS, boolean},
    {am::recvttl, IP_RECVTTL, boolean},
    {am::retopts, IP_RETOPTS, boolean},
    {am::router_alert, IP_ROUTER_ALERT, integer},
    UNSUPPORTED(sendsrcaddr),
    {am::tos, IP_TOS, type_of_service},
    {am::transparent, IP_TRANSPARENT, boolean},
    {am::ttl, IP_TTL, integer},
    {am::unblock_source, IP_UNBLOCK_SOURCE, ipv4_source_membership, false},
};

static constexpr SocketOption ipv6_options[] = {
    {am::add_membership, IPV6_ADD_MEMBERSHIP, ipv6_membership, false},
    {am::addrform, IPV6_ADDRFORM, domain, false},
    UNSUPPORTED(auth_level),
    {am::authhdr, IPV6_AUTHHDR, boolean},
    UNSUPPORTED(checksum),
    {am::drop_membership, IPV6_DROP_MEMBERSHIP, ipv6_membership, false},
    {am::dstopts, IPV6_DSTOPTS, boolean},
    UNSUPPORTED(esp_network_level),
    UNSUPPORTED(esp_trans_level),
    UNSUPPORTED(faith),
    {am::flowinfo, 11 /* IPV6_FLOWINFO of linux/in6.h */, boolean},
    {am::hoplimit, IPV6_HOPLIMIT, boolean},
    {am::hopopts, IPV6_HOPOPTS, boolean},
    UNSUPPORTED(ipcomp_level),
    UNSUPPORTED(join_group),
    UNSUPPORTED(leave_group),
    {am::mtu, IPV6_MTU, integer},
    {am::mtu_discover, IPV6_MTU_DISCOVER, mtu_discovery},
    {am::multicast_hops, IPV6_MULTICAST_HOPS, ipv6_hops},
    {am::multicast_if, IPV6_MULTICAST_IF, integer},
    {am::multicast_loop, IPV6_MULTICAST_LOOP, boolean},
    UNSUPPORTED(pktoptions),
    UNSUPPORTED(portrange),
    {am::recverr, IPV6_RECVERR, boolean},
    {am::recvhoplimit, IPV6_RECVHOPLIMIT, boolean},
    {am::recvpktinfo, IPV6_RECVPKTINFO, boolean},
    {am::recvtclass, IPV6_RECVTCLASS, boolean},
    {am::router_alert, IPV6_ROUTER_ALERT, integer},
    {am::rthdr, IPV6_RTHDR, boolean},
    {am::tclass, IPV6_TCLASS, integer},
    {am::unicast_hops, IPV6_UNICAST_HOPS, ipv6_hops},
    UNSUPPORTED(use_min_mtu),
    {am::v6only, IPV6_V6ONLY, boolean},
};

static constexpr SocketOption tcp_options[] = {
    {am::congestion, TCP_CONGESTION, text},
    {am::cork, TCP_CORK, boolean},
    UNSUPPORTED(info),
    UNSUPPORTED(keepcnt),
    UNSUPPORTED(keepidle),
    UNSUPPORTED(keepintvl),
    {am::maxseg, TCP_MAXSEG, integer},
    UNSUPPORTED(md5sig),
    {am::nodelay, TCP_NODELAY, boolean},
    UNSUPPORTED(noopt),
    UNSUPPORTED(nopush),
    UNSUPPORTED(syncnt),
    UNSUPPORTED(user_timeout),
};

static constexpr SocketOption udp_options[] = {{am::cork, UDP_CORK, boolean}};

static constexpr OptionLevel levels[] = {
    {-1, socket_options},         {IPPROTO_IP, ip_options},   {IPPROTO_IPV6, ipv6_options},
    {IPPROTO_TCP, tcp_options}, {IPPROTO_UDP, udp_options},
};
std::span<const OptionLevel> option_levels() { return levels; }

}  // namespace hanse
