// The loop of a thread of the gateway.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>

namespace hanse::gateway {

// Runs handlers until there is nothing left to do. What one throws concerns its connection only, which is gone with the handler.
inline void run_handlers(boost::asio::io_context& context) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception& problem) {
      std::fprintf(stderr, "hanse: gateway: %s\n", problem.what());
    }
  }
}

}  // namespace hanse::gateway
