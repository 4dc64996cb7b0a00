// Host name and services: control operations of the inet drivers that need no socket.
#include <errno.h>
#include <netdb.h>
#include <unistd.h>

#include "io/inet_driver.h"

namespace hanse {

int host_name(std::string& reply) {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return errno;
  reply += name;
  return 0;
}

static std::string take_text(RequestReader& request) {
  Bytes text = request.take(request.u8());
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

int service_by_name(RequestReader& request, std::string& reply) {
  std::string name = take_text(request), protocol = take_text(request);
  if (!request.ok()) return EINVAL;
  servent entry, *found = nullptr;
  char buffer[4096];
  if (getservbyname_r(name.c_str(), protocol.c_str(), &entry, buffer, sizeof buffer, &found) != 0 || found == nullptr)
    return EINVAL;
  append_u16(reply, ntohs(static_cast<uint16_t>(entry.s_port)));
  return 0;
}

int service_by_port(RequestReader& request, std::string& reply) {
  uint16_t port = request.u16();
  std::string protocol = take_text(request);
  if (!request.ok()) return EINVAL;
  servent entry, *found = nullptr;
  char buffer[4096];
  if (getservbyport_r(htons(port), protocol.c_str(), &entry, buffer, sizeof buffer, &found) != 0 || found == nullptr)
    return EINVAL;
  reply += entry.s_name;
  return 0;
}

}  // namespace hanse
