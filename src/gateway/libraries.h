// The libraries that only the gateway needs: OpenSSL, libsodium, SQLite. They are 2 MB of every node's memory and a tenth of its boot if the
// program is linked with them, so it is not: they are opened with the first function of the gateway that is called. libraries.def lists them and what is
// called of them; libraries.cc has a jump for each function, under its name, so that all other code calls them as if they were linked.
#pragma once

#include <expected>
#include <string>

namespace hanse::gateway {

// Opens them, the first time; the outcome stays. The error says which file or function is missing. Must have succeeded before anything else of
// src/gateway is called. Any thread.
const std::expected<void, std::string>& open_libraries();

// For programs that can do nothing without them: tests, measurements.
void require_libraries();

}  // namespace hanse::gateway
