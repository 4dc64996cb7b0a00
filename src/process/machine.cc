#include "process/machine.h"

#include "base/check.h"

namespace hanse {

static Machine* host = nullptr;

Machine& host_machine() {
  DCHECK(host != nullptr);
  return *host;
}
void set_host_machine(Machine& machine) { host = &machine; }

}  // namespace hanse
