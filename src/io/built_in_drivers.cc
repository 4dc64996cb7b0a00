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

static std::string_view first_word(const std::string& command) { return std::string_view(command).substr(0, command.find(' ')); }

const BuiltInDriver* find_built_in_driver(const std::string& command) {
  std::string_view word = first_word(command);
  for (const BuiltInDriver& driver : drivers)
    if (word == driver.name) return &driver;
  return nullptr;
}

static FindLoadedDriver find_loaded = nullptr;
void set_loaded_drivers(FindLoadedDriver find) { find_loaded = find; }

std::shared_ptr<LoadableDriver> find_loaded_driver(const std::string& command) {
  return find_loaded != nullptr ? find_loaded(first_word(command)) : nullptr;
}

}  // namespace hanse
