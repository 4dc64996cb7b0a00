"""python3 -m hanse MODULE...: a worker that offers the public functions of modules, as Module:Function."""
import importlib
import sys

from . import worker


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("usage: python3 -m hanse MODULE...   (a worker of a script pool that offers the functions of these modules)")
    sys.path.insert(0, "")
    for name in sys.argv[1:]:
        worker.offer_module(importlib.import_module(name), default=name == sys.argv[1])
    worker.run()


main()
