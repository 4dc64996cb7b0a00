"""Counts on where the worker before it stopped."""
import hanse

counted = 0


@hanse.init
def init(state):
    global counted
    counted = state or 0


@hanse.checkpoint
def checkpoint():
    return counted


@hanse.function
def count():
    global counted
    counted += 1
    return counted


@hanse.function
def save():
    hanse.save(counted)
    return hanse.Atom("saved")


hanse.run()
