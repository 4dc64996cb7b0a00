"""Running programs under a limit, and reporting results."""
import dataclasses
import os
import signal
import subprocess
import tempfile
import threading
import xml.etree.ElementTree


@dataclasses.dataclass
class Ran:
    status: int  # exit status; negative: killed by that signal; 124: over its limit
    output: str  # standard output
    errors: str  # standard error, or both if they were joined

    def describe(self):
        text = (self.output + self.errors).strip()
        reason = "over the time limit" if self.status == 124 else f"status {self.status}"
        return f"{reason}\n{tail(text)}" if text else reason


def tail(text, lines=40):
    kept = text.splitlines()[-lines:]
    return "\n".join(kept)


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
            status = 124
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
