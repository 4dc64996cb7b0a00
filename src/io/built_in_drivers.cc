// See built_in_drivers.h.
#include "io/built_in_drivers.h"

#include <span>

namespace hanse {

static constexpr BuiltInDriver drivers[] = {
    {"tcp_inet", open_tcp_driver},
    {"udp_inet", open_udp_driver},
    {"ram_file_drv", open_ram_file_driver},
    {"tty_sl", open_tty_driver},
    {"trace_file_drv", open_trace_file_driver, true},
    {"trace_ip_drv", open_trace_ip_driver, true},
};

std::span<const BuiltInDriver> built_in_drivers() { return drivers; }

const BuiltInDriver* find_built_in_driver(const std::string& command) {
  std::string_view word = std::string_view(command).substr(0, command.find(' '));
  for (const BuiltInDriver& driver : drivers)
    if (word == driver.name) return &driver;
  return nullptr;
}

}  // namespace hanse
