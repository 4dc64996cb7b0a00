"""Fuzz targets on the seeds and findings of tests/fuzz, one result per target: no crash, and no small input that takes seconds."""
import functools

from . import process


def tasks(root, options, names):
    replay = options.build / "fuzz-replay"
    if not replay.exists():
        return [("fuzz", lambda: process.Result("fuzz", False, f"{replay} does not exist"))]
    targets = process.run([str(replay)], limit=60).output.split()
    return [(f"fuzz/{target}", functools.partial(check, root, replay, target, options)) for target in sorted(targets) if not names or target in names]


def check(root, replay, target, options):
    files = sorted((root / "tests" / "fuzz" / target).glob("*"))
    if not files:
        return process.Result(f"fuzz/{target}", False, f"tests/fuzz/{target} has no seeds")
    ran = process.run([str(replay), target, *map(str, files)], limit=900 if options.long else 300)
    return process.Result(f"fuzz/{target}", ran.status == 0, "" if ran.status == 0 else ran.describe())
