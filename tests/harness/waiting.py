"""Waiting for conditions, never for a time, and looking at processes."""
import os
import pathlib
import signal
import sys
import time


def until(condition, what, limit=60):
    """The first answer of condition() that is true; the test fails if there is none, with what, or what it returns."""
    deadline = time.monotonic() + limit
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            sys.exit(f"waited {limit} s: {what() if callable(what) else what}")
        time.sleep(0.05)


def processes_with(mark):
    """Pids of processes with that text in their arguments, but this one's."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                pass
    return found


def described(pids):
    """What they are, for messages."""
    return [(pid, pathlib.Path(f"/proc/{pid}/cmdline").read_bytes(), pathlib.Path(f"/proc/{pid}/stat").read_text()[:80]) for pid in pids]


def end(pid):
    """Kills a process, and its group if it leads one."""
    try:
        leads = os.getpgid(pid) == pid
        os.killpg(pid, signal.SIGKILL) if leads else os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def text_of(path):
    """The text of a file that ends in a new line, when it is whole."""
    try:
        text = pathlib.Path(path).read_text()
    except OSError:
        return None
    return text if text.endswith("\n") else None
