"""Clusters: each tests/cluster/NAME.erl has tests that run on two or more nodes, once for every pairing of virtual machines.
The program runs on a node of the first one and starts nodes of the second (tests/cluster/lib/cluster.erl). Each run has its own
port mapper, cookie, home directory and names, stays on the loopback interface, and is killed with all its nodes afterwards."""
import contextlib
import fcntl
import functools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from . import process
from .ports import free_port

PAIRINGS = ["hanse-hanse", "hanse-stock", "stock-hanse"]
REFERENCE = "stock-stock"  # asked for by name only: names[stock-stock]
MARK = "HANSE_CLUSTER"
number_lock = threading.Lock()
number_of_last_run = [0]


def tasks(root, options, names):
    folder = root / "tests" / "cluster"
    beams = root / "build" / "cluster"
    sources = sorted(folder.glob("*.erl")) + (sorted((folder / "long").glob("*.erl")) if options.long or names else [])
    wanted = [parse(name) for name in names]
    sources = [s for s in sources if not wanted or any(module == s.stem for module, _, _ in wanted)]
    if not sources:
        return []
    broken = compile_all(folder, beams)
    if broken:
        return [("cluster", lambda: process.Result("cluster", False, broken))]
    chosen = []
    for source in sources:
        for pairing in pairings(source):
            picked = [test for module, test, only in wanted if module == source.stem and (only or pairing) == pairing]
            if wanted and not picked or pairing == REFERENCE and not any(only == REFERENCE for _, _, only in wanted):
                continue
            only = [] if None in picked else picked
            run = functools.partial(run_program, root, options, source, pairing, only)
            chosen.append((f"{source.stem}[{pairing}]", run))
    return chosen


def pairings(source):
    """Programs with the attribute hanse_only(true) are about what stock does not have."""
    return PAIRINGS[:1] if re.search(r"^-hanse_only\(true\)\.", source.read_text(), re.M) else [*PAIRINGS, REFERENCE]


def parse(name):
    """MODULE, MODULE.TEST, either with [PAIRING]."""
    found = re.fullmatch(r"(\w+)(?:\.(\w+))?(?:\[([\w-]+)\])?", name)
    if not found:
        raise SystemExit(f"cluster/{name}: expected NAME, NAME.TEST or NAME[PAIRING]")
    return found.groups()


def compile_all(folder, beams):
    beams.mkdir(parents=True, exist_ok=True)
    with open(beams / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return compile_changed(folder, beams)


def compile_changed(folder, beams):
    sources = sorted(folder.glob("**/*.erl"))
    newest = max(s.stat().st_mtime for s in sources)
    stamp = beams / ".compiled"
    if stamp.exists() and stamp.stat().st_mtime >= newest:
        return None
    # Each takes its place at once: nodes of another run may be loading it.
    with tempfile.TemporaryDirectory(dir=beams) as fresh:
        ran = subprocess.run(["erlc", "-o", fresh, *map(str, sources)], capture_output=True, text=True)
        if ran.returncode != 0 or ran.stdout:
            return ran.stdout + ran.stderr
        for beam in pathlib.Path(fresh).iterdir():
            os.replace(beam, beams / beam.name)
    stamp.touch()
    return None


@contextlib.contextmanager
def environment(root, options, first, second):
    """Port mapper, cookie and home of one run. Whatever carries the run's mark is killed at the end."""
    with number_lock:
        number_of_last_run[0] += 1
        mark = f"{os.getpid()}n{number_of_last_run[0]}"
    stock = shutil.which("erl")  # a path: on a Hanse node, `erl` means Hanse
    programs = {"hanse": str(options.vm), "stock": stock}
    mappers = {"hanse": [str(options.vm), "epmd"], "stock": ["epmd"]}
    with tempfile.TemporaryDirectory(dir=options.scratch) as home:
        port = free_port()
        variables = {MARK: mark, "CLUSTER_ID": mark, "CLUSTER_COOKIE": f"cookie{mark}", "CLUSTER_OWN": programs[first],
                     "CLUSTER_OTHER": programs[second], "CLUSTER_STOCK": stock, "CLUSTER_HANSE": str(options.vm), "HOME": home,
                     "ERL_EPMD_PORT": str(port), "ERL_EPMD_ADDRESS": "127.0.0.1", "HANSE_BIN": str(root / "bin"),
                     "HANSE_VM": str(options.vm), "CLUSTER_SCRATCH": home, "ERL_CRASH_DUMP_SECONDS": "0"}
        mapper = subprocess.Popen([*mappers[first], "-port", str(port)], env=dict(os.environ, **variables),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{mappers[first]} does not listen")
                time.sleep(0.02)
            yield variables
        finally:
            kill_marked(mark)
            mapper.wait()


def kill_marked(mark):
    wanted = f"{MARK}={mark}".encode()
    for _ in range(20):
        found = 0
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    os.kill(int(folder.name), signal.SIGKILL)
                    found += 1
        if found == 0:
            return
        time.sleep(0.05)


def run_program(root, options, source, pairing, only):
    """Every test of a program for one pairing; a list of results."""
    first, second = pairing.split("-")
    module = source.stem
    limit = 1500 if source.parent.name == "long" else 300
    with environment(root, options, first, second) as variables:
        command = [variables["CLUSTER_OWN"], "-noshell", "-pa", str(root / "build" / "cluster"), "-sname", f"a_{variables['CLUSTER_ID']}@localhost",
                   "-setcookie", variables["CLUSTER_COOKIE"], "-kernel", "inet_dist_use_interface", "{127,0,0,1}",
                   "-eval", f"cluster:main([{', '.join([module, *only])}])."]
        variables["LONG"] = "1" if options.long else ""
        if re.search(r"^-connect_all\(false\)\.", source.read_text(), re.M):
            variables["ERL_AFLAGS"] = "-kernel connect_all false"
        ran = process.run(command, limit, variables)
    return results_of(module, pairing, ran)


def results_of(module, pairing, ran):
    found = re.findall(r"^##(ok|FAIL) (\w+) ?(.*)$", ran.output, re.M)
    results = [process.Result(f"cluster/{module}.{test}[{pairing}]", word == "ok", detail) for word, test, detail in found]
    if any(not result.passed for result in results):
        report = [line for line in (ran.output + ran.errors).splitlines() if not line.startswith("##")]
        results[-1].detail += "\n" + "\n".join(report[-40:]) if not results[-1].passed else ""
    if ran.status != 0 or not re.search(r"^finished$", ran.output, re.M):
        started = re.findall(r"^##start (\w+)", ran.output, re.M)
        last = started[-1] if started else "start"
        results.append(process.Result(f"cluster/{module}.{last}[{pairing}]", False, ran.describe()))
    return results
