// What else happens when a CHECK fails, before the process aborts.
#pragma once

namespace hanse {

// Once, by main. The hook may fail itself: it is not called again then.
void set_check_hook(void (*hook)(const char* text));

}  // namespace hanse
