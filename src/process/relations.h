// Links, monitors and aliases of one process. Private to it.
#pragma once

#include "heap/collector.h"
#include "term/term.h"

namespace hanse {

class Relations {
 public:
  void visit_roots(RootVisitor&) {}
};

}  // namespace hanse
