// What others may know about the table of persistent terms. Any thread.
#pragma once

#include <cstddef>

namespace hanse {

// Slots of the node's table, used or not.
size_t persistent_term_slots();

}  // namespace hanse
