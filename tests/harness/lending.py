"""A gateway of `hanse gateway serve` with a home of its own, its commands, and borrowers."""
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

from .waiting import until

sys.path.insert(0, os.environ["ROOT"] + "/clients/python/src")
sys.path.insert(0, os.environ["ROOT"] + "/clients/python")
sys.dont_write_bytecode = True
import hanse_borrow  # noqa: E402

VM, SCRATCH = os.environ["HANSE"], pathlib.Path(os.environ["SCRATCH"])
FOLDER = pathlib.Path(os.environ["ROOT"]) / "tests" / "gateway"


def expect(text, pattern):
    if not re.search(pattern, text):
        sys.exit(f"not there: {pattern}\nin: {text}")
    return text


class Lending:
    """A home with keys, grants and audit log; `with` starts a gateway and ends it."""

    def __init__(self, name, *files, options=()):
        self.home, self.options = SCRATCH / name, list(options)
        self.files = [str(FOLDER / file) for file in files or ("lent.erl", "lent_helper.erl")]
        self.environment = dict(os.environ, HANSE_HOME=str(self.home), HANSE_RUNTIME_DIR=str(SCRATCH / (name + "-run")))
        self.environment.pop("HANSE_PASSPHRASE", None)
        self.node = None

    def hanse(self, *words, status=0, **more):
        ran = subprocess.run([VM, *words], env={**self.environment, **more}, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        if ran.returncode != status:
            sys.exit(f"hanse {' '.join(words)}: status {ran.returncode}, expected {status}\n{ran.stdout}{ran.stderr}")
        return ran.stdout + ran.stderr

    def __enter__(self):
        with open(SCRATCH / "log", "ab") as log:
            self.node = subprocess.Popen([VM, "gateway", "serve", *self.files, *self.options], env=self.environment, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=log, text=True)
        before = ""
        for line in self.node.stdout:
            if found := re.match(r"gateway: (https?://\S+), node (\S{43})\n", line):
                break
            before += line
        else:
            self.node.wait()
            sys.exit("it does not start: " + before + (SCRATCH / "log").read_text(errors="replace"))
        self.said = ""
        threading.Thread(target=self._listen, args=(self.node.stdout,), daemon=True).start()
        self.url, self.name = found.groups()
        return self

    def _listen(self, stdout):
        for line in stdout:
            self.said += line

    def __exit__(self, *_):
        self.node.kill()
        self.node.wait()

    def grant(self, to, *words):
        """A grant for a new key, or for one that is there; its number."""
        known = (self.home / "keys" / (to + ".jwk")).exists()
        told = self.hanse("grant", "add", "--to", to if known else "new:" + to, *words)
        return re.match(r"grant (\d+) for ", expect(told, r"^grant \d+ for ")).group(1)

    def borrower(self, name, **more):
        return hanse_borrow.Lender(self.url, str(self.home / "keys" / (name + ".jwk")), node=self.name, **more)

    def info(self, what):
        found = re.search(rf"^{what} +(.*)$", self.hanse("gateway", "info"), re.M)
        return found.group(1) if found else ""

    def metric(self, name):
        return int(re.search(rf"^{re.escape(name)} (\d+)$", self.hanse("gateway", "metrics"), re.M).group(1))

    def audit(self, *words):
        return [json.loads(line) for line in self.hanse("audit", "--json", *words).splitlines()]

    def audited(self, condition, *words):
        """The first row of the audit log that meets the condition, once it is there."""
        return until(lambda: next((row for row in self.audit(*words) if condition(row)), None), "a line of the audit log")


def refused(call, status, kind):
    """The refusal of a call."""
    try:
        answer = call()
    except hanse_borrow.Refused as problem:
        if (problem.status, problem.kind) != (status, kind):
            sys.exit(f"expected {status} {kind}, got {problem.status} {problem.problem}")
        return problem
    sys.exit(f"expected {status} {kind}, got an answer: {answer!r}")
