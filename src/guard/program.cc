// The executable hanse-guard; the node's ports start it.
#include <string.h>

#include <cstdio>

#include "guard/guard.h"

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "attach") == 0) return hanse::guard::attach(argv[2]);
  if (argc == 2 && strcmp(argv[1], "serve") == 0) return hanse::guard::run();
  std::fprintf(stderr, "hanse-guard is started by script pools of Hanse (docs/scripts.md)\n");
  return 2;
}
