// File names between guests and the operating system. Native names are binaries that end in a NUL; which encoding they have
// is one setting of the node (+fnl, +fnu, ...).
#pragma once

#include <optional>
#include <string>

#include "term/term.h"

namespace hanse {

enum class FileNameEncoding : uint8_t { utf8, latin1 };
enum class BadFileName : uint8_t { warning, ignore, error };

struct FileNameSettings {
  FileNameEncoding encoding = FileNameEncoding::utf8;
  BadFileName on_bad_name = BadFileName::warning;
};
// Set once at start, before guests run.
FileNameSettings& file_name_settings();

// The path in a native name without its NUL; nullopt unless it is a binary that ends in its only NUL.
std::optional<std::string> path_of_native_name(Term native_name);

}  // namespace hanse
