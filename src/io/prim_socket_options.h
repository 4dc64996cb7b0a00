// The socket options that prim_socket knows: one table for names, numbers and the shape of values.
#pragma once

#include <span>

#include "term/word.h"

namespace hanse {

enum class OptionShape : uint8_t {
  unsupported,  // known by name only
  control,      // reads as a list of control messages; written as bytes only (setopt_native)
  integer,
  boolean,
  boolean_or_integer,  // reads as an integer
  domain,
  protocol,
  type,
  linger,
  text,
  type_of_service,
  mtu_discovery,
  ipv4_address,
  ipv4_membership,
  ipv4_source_membership,
  ipv4_filter,
  ipv6_membership,
  ipv6_hops,
};

struct SocketOption {
  Term name;
  int number;  // -1: unsupported
  OptionShape shape;
  bool readable = true;
  bool writable = true;
};

struct OptionLevel {
  int number;  // -1: the level `socket`
  std::span<const SocketOption> options;
};
std::span<const OptionLevel> option_levels();

}  // namespace hanse
