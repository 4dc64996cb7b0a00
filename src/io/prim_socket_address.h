// Socket addresses as the `socket` and `net` modules see them: maps such as #{family => inet, addr => {127,0,0,1}, port => 80}.
#pragma once

#include "io/inet_address.h"
#include "term/arena.h"

namespace hanse {

// prim_socket has filled in all keys that a family has. False: it is not an address.
bool decode_socket_address(Term map, SocketAddress& address);
Term encode_socket_address(Arena& arena, const SocketAddress& address);

// inet, inet6, local, unspec or a number. False: neither.
bool decode_domain(Term term, int& domain);
Term encode_domain(int domain);
bool decode_socket_type(Term term, int& type);
Term encode_socket_type(int type);

// {A, B, C, D}
Term encode_ipv4(Arena& arena, const void* network_order);
// {A, B, C, D, E, F, G, H}
Term encode_ipv6(Arena& arena, const void* network_order);
bool decode_ipv4(Term term, void* network_order);
bool decode_ipv6(Term term, void* network_order);

// A map with atom keys.
class MapBuilder {
 public:
  explicit MapBuilder(Arena& arena) : arena_(arena) {}
  MapBuilder& add(Term key, Term value) {
    keys_[count_] = key;
    values_[count_++] = value;
    DCHECK(count_ <= capacity);
    return *this;
  }
  Term finish();

 private:
  static constexpr size_t capacity = 32;
  Arena& arena_;
  Term keys_[capacity], values_[capacity];
  size_t count_ = 0;
};

}  // namespace hanse
