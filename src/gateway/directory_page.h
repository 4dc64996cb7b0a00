// The directory as a page for people: HTML without scripts, in which everything that nodes say of themselves is escaped. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/directory.h"
#include "gateway/message.h"

namespace hanse::gateway {

std::string escape_html(std::string_view text);
// wanted_function: only nodes that offer it; empty: all.
std::string directory_page(const Directory& directory, std::string_view wanted_function, int64_t now_s);
// What goes with every answer that a browser may show.
std::vector<Field> page_fields();

}  // namespace hanse::gateway
