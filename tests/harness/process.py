"""Running programs under a limit, and reporting results."""
import dataclasses
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import xml.etree.ElementTree


@dataclasses.dataclass
class Ran:
    status: int  # exit status; negative: killed by that signal; 124: over its limit; 125: over its limit, and doing nothing
    output: str  # standard output
    errors: str  # standard error, or both if they were joined

    def describe(self):
        text = (self.output + self.errors).strip()
        reason = {124: "over the time limit", 125: "hangs: over the time limit without doing anything"}.get(self.status, f"status {self.status}")
        return f"{reason}\n{tail(text)}" if text else reason


def tail(text, lines=40):
    kept = text.splitlines()[-lines:]
    return "\n".join(kept)


def ticks_of_session(session):
    """Processor time of all processes of a session so far, in clock ticks. proc(5): fields 6, 14, 15 of stat."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == session:
            ticks += int(fields[11]) + int(fields[12])
    return ticks


def does_nothing(session, watched_s=4, least_ticks=4):
    """Whoever works gets some time even on a machine that is much too busy; whoever waits for what never comes uses none."""
    before = ticks_of_session(session)
    time.sleep(watched_s)
    return ticks_of_session(session) - before < least_ticks


def run(command, limit, environment=None, cwd=None, data=None):
    """Runs a command in a session of its own; whatever it leaves behind there is killed."""
    full = dict(os.environ, **(environment or {}))
    full.pop("ERL_FLAGS", None)
    full.setdefault("HOME", "/tmp")
    # Files rather than pipes: a child that outlives its parent cannot hold them open.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(command, stdin=subprocess.PIPE if data is not None else subprocess.DEVNULL, stdout=output,
                                 stderr=errors, env=full, cwd=cwd, start_new_session=True)
        try:
            if data is not None:
                child.communicate(data, timeout=limit)
            else:
                child.wait(timeout=limit)
            status = child.returncode
        except subprocess.TimeoutExpired:
            status = 125 if does_nothing(child.pid) else 124
        finally:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
            child.wait()
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return Ran(status, *texts)


@dataclasses.dataclass
class Result:
    name: str
    passed: bool | None  # None: skipped
    detail: str = ""


def results_of_gtest(report, ran):
    """One result per test; a crash counts as one failure more."""
    results = []
    try:
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            name = f"unit/{case.get('classname')}.{case.get('name')}"
            failures = [f.text or "" for f in case.iter("failure")]
            skipped = case.get("result") == "skipped" or case.get("status") == "notrun"
            results.append(Result(name, None if skipped else not failures, "\n".join(failures)))
    except (OSError, xml.etree.ElementTree.ParseError):
        pass
    if ran.status != 0 and all(r.passed is not False for r in results):
        results.append(Result("unit", False, ran.describe()))
    return results


class Reporter:
    """Prints failures as they come and one closing line."""

    def __init__(self):
        self.lock = threading.Lock()
        self.passed = self.failed = self.skipped = 0

    def add(self, result):
        with self.lock:
            if result.passed is None:
                self.skipped += 1
                print(f"SKIP {result.name}: {result.detail}", flush=True)
            elif result.passed:
                self.passed += 1
                if result.detail and not result.detail.startswith("status 0"):
                    print(f"ok   {result.name}: {result.detail}", flush=True)
            else:
                self.failed += 1
                print(f"FAIL {result.name}\n  " + result.detail.replace("\n", "\n  "), flush=True)

    def add_all(self, results):
        for result in results:
            self.add(result)

    def close(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 1 if self.failed or not self.passed else 0
