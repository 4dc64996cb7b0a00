// Socket addresses as prim_inet encodes them (a family byte and what follows) and as the kernel wants them.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "base/bytes.h"
#include "term/arena.h"

namespace hanse {

// Family bytes of the protocol.
enum class InetFamily : uint8_t { unspecified = 0, inet = 1, inet6 = 2, any = 3, loopback = 4, local = 5, undefined = 6, list = 7 };

struct SocketAddress {
  union {
    sockaddr_storage storage;
    sockaddr any;
    sockaddr_un local;
  };
  socklen_t length = 0;
  SocketAddress() : storage{} {}
};

// Takes one address off the front of `request`. `any` and `loopback` become addresses of `family` (AF_INET, ...).
// False if it is malformed.
bool take_address(Bytes& request, int family, SocketAddress& address);
// Appends family, port and address; `unspecified` with nothing behind it for families that prim_inet does not know.
void append_address(std::string& reply, const SocketAddress& address);
// The address as `{udp, Socket, Address, Port, Data}` shows it: {A,B,C,D} and so on, or {local, Path}.
Term address_term(Arena& arena, const SocketAddress& address);
// 0 for local sockets.
uint16_t address_port(const SocketAddress& address);
// AF_INET, ... of a family byte; -1 if there is none.
int native_family(uint8_t family);

inline void append_u16(std::string& out, uint16_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value));
}
inline void append_u32(std::string& out, uint32_t value) {
  append_u16(out, static_cast<uint16_t>(value >> 16));
  append_u16(out, static_cast<uint16_t>(value));
}
inline void append_u64(std::string& out, uint64_t value) {
  append_u32(out, static_cast<uint32_t>(value >> 32));
  append_u32(out, static_cast<uint32_t>(value));
}

// Takes numbers and pieces off the front of a request. After a failure everything is zero or empty.
class RequestReader {
 public:
  explicit RequestReader(Bytes bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  bool empty() const { return bytes_.empty(); }
  Bytes rest() const { return bytes_; }
  void set_rest(Bytes rest) { bytes_ = rest; }
  uint8_t u8() {
    Bytes piece = take(1);
    return ok_ ? piece[0] : 0;
  }
  uint16_t u16() {
    Bytes piece = take(2);
    return ok_ ? load_be16(piece.data()) : 0;
  }
  uint32_t u32() {
    Bytes piece = take(4);
    return ok_ ? load_be32(piece.data()) : 0;
  }
  uint64_t u64() {
    Bytes piece = take(8);
    return ok_ ? load_be64(piece.data()) : 0;
  }
  int32_t i32() { return static_cast<int32_t>(u32()); }
  Bytes take(size_t size) {
    if (!ok_ || bytes_.size() < size) {
      ok_ = false;
      return {};
    }
    Bytes piece = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return piece;
  }

 private:
  Bytes bytes_;
  bool ok_ = true;
};

}  // namespace hanse
