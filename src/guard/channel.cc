// See channel.h.
#include "guard/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>

namespace hanse::guard {

namespace {

constexpr int pipe_bytes = 1 << 20;

struct Address {
  sockaddr_un address = {};
  socklen_t length = 0;
  explicit Address(const std::string& name) {
    address.sun_family = AF_UNIX;
    size_t size = std::min(name.size(), sizeof address.sun_path - 1);
    memcpy(address.sun_path + 1, name.data(), size);
    length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + size);
  }
  sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&address); }
};

// A packet of one byte that carries the two descriptors of a channel.
struct DescriptorMessage {
  char byte = 'D';
  iovec vector = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message = {};
  DescriptorMessage() {
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
  }
  DescriptorMessage(const DescriptorMessage&) = delete;
  DescriptorMessage& operator=(const DescriptorMessage&) = delete;
};

bool is_same_user(int connection) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

}  // namespace

Listener listen_for_channel() {
  uint8_t random[16];
  if (getrandom(random, sizeof random, 0) != sizeof random) return {-1, {}, "no random bytes"};
  Listener listener;
  listener.name = "hanse-guard-";
  for (uint8_t byte : random) {
    listener.name += "0123456789abcdef"[byte >> 4];
    listener.name += "0123456789abcdef"[byte & 15];
  }
  Address address(listener.name);
  listener.descriptor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (listener.descriptor < 0 || bind(listener.descriptor, address.pointer(), address.length) != 0 ||
      listen(listener.descriptor, 4) != 0)
    listener.error = std::string("a Unix socket: ") + strerror(errno);
  return listener;
}

DataChannel accept_channel(int listener) {
  int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return {};
  DataChannel channel;
  if (is_same_user(connection)) {
    DescriptorMessage packet;
    ssize_t count = recvmsg(connection, &packet.message, MSG_CMSG_CLOEXEC);
    cmsghdr* header = count == 1 ? CMSG_FIRSTHDR(&packet.message) : nullptr;
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(2 * sizeof(int))) {
      int descriptors[2];
      memcpy(descriptors, CMSG_DATA(header), sizeof descriptors);
      channel = {descriptors[0], descriptors[1]};
    }
  }
  // Fewer wake-ups for large data. Not all systems allow it, and all work without.
  for (int end : {channel.input, channel.output})
    if (end >= 0) fcntl(end, F_SETPIPE_SZ, pipe_bytes);
  close(connection);
  return channel;
}

bool hand_over(const std::string& name, int input, int output) {
  Address address(name);
  int connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (connection < 0 || connect(connection, address.pointer(), address.length) != 0) return false;
  DescriptorMessage packet;
  cmsghdr* header = CMSG_FIRSTHDR(&packet.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(2 * sizeof(int));
  int descriptors[2] = {input, output};
  memcpy(CMSG_DATA(header), descriptors, sizeof descriptors);
  bool sent = sendmsg(connection, &packet.message, MSG_NOSIGNAL) == 1;
  // The guard closes its end when it has them.
  while (sent && read(connection, &packet.byte, 1) < 0 && errno == EINTR) {
  }
  close(connection);
  return sent;
}

}  // namespace hanse::guard
