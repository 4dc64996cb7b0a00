// The directory over HTTP of `hanse epmd -http` (src/gateway/directory_service.h): its key, its file of names, its server.
#pragma once

#include <expected>
#include <string>

#include "epmd/command.h"

namespace hanse {

// Serves until the process ends. Where, or what is wrong; an epmd::StartWeb.
std::expected<std::string, std::string> start_web_directory(const epmd::WebOptions& options);

}  // namespace hanse
