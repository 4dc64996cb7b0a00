"""The first of all workers is too slow."""
import os
import time

import hanse


@hanse.function
def slow_once():
    if os.path.exists(os.environ["MARK"]):
        return "second"
    with open(os.environ["MARK"], "w", encoding="utf-8"):
        pass
    time.sleep(1000)
    return "first"


hanse.run()
