#include "process/node_settings.h"

namespace hanse {

NodeSettings& node_settings() {
  static auto* settings = new NodeSettings();  // never destroyed: threads may outlive main
  return *settings;
}

}  // namespace hanse
