// Rows for these modules stand in for libraries of native functions: guests see them as NIFs, not as BIFs. Pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace hanse {

inline bool is_native_module(std::string_view name) {
  static constexpr std::string_view names[] = {"erl_tracer", "prim_buffer", "prim_file", "prim_net", "prim_socket", "zlib"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace hanse
