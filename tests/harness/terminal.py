"""A program in a pseudo terminal: what a person types and sees."""
import os
import pty
import re
import select
import signal
import time

ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78]|\x07")


class Terminal:
    def __init__(self, command, environment=None, cwd=None):
        self.seen = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            if cwd:
                os.chdir(cwd)
            os.environ.update({"TERM": "xterm", **(environment or {})})
            try:
                os.execvp(command[0], command)
            finally:
                os._exit(127)

    def send(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern, limit=20):
        """Waits until the pattern has appeared behind what was expected before; returns the match."""
        deadline = time.monotonic() + limit
        while True:
            match = re.search(pattern.encode(), ESCAPES.sub(b"", self.seen), re.S)
            if match:
                self.seen = ESCAPES.sub(b"", self.seen)[match.end():]
                return match
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"expected {pattern!r}, saw {self.seen.decode(errors='replace')[-1000:]!r}")

    def _read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        self.seen += data
        return bool(data)

    def status(self, limit=20):
        """Exit status of the program; it is killed if it does not end."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            self._drain()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        self.kill()
        return None

    def _drain(self):
        while select.select([self.master], [], [], 0)[0] and self._read(0):
            pass

    def hang_up(self):
        os.close(self.master)

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError, PermissionError):
            pass
