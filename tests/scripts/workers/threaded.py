"""Eight calls that wait for each other: they have to run at the same time."""
import threading

import hanse

barrier = threading.Barrier(8)


@hanse.function
def meet(number):
    barrier.wait(60)
    return number


hanse.run(threads=8)
