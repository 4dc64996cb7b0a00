// Who owns which name, in a database of SQLite: what is added is on the disk when add answers. One thread at a time.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "gateway/directory.h"

namespace hanse::gateway {

// path: a file, or ":memory:". The error says what is wrong with it.
std::expected<std::unique_ptr<NameOwners>, std::string> open_names(const std::string& path);

}  // namespace hanse::gateway
