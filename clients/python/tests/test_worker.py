"""The worker over a pair of pipes, as a pool would drive it."""
import os
import subprocess
import sys
import unittest

from hanse import Atom, decode, encode

SCRIPT = """
import sys, time
import hanse

@hanse.function
def double(number):
    return 2 * number

@hanse.function("other")
def named():
    print("printed")
    return b"x" * 3000000

@hanse.function
def count(number):
    yield from range(number)

@hanse.function
def ask(number):
    return hanse.call("m", "f", number) + 1

@hanse.function
def slow():
    time.sleep(1000)

hanse.run()
"""


class WorkerTest(unittest.TestCase):

    def setUp(self):
        environment = {name: value for name, value in os.environ.items() if name != "HANSE_CHANNEL"}
        self.worker = subprocess.Popen([sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       env=environment)
        self.addCleanup(self.end)

    def end(self):
        self.worker.kill()
        self.worker.wait()
        for stream in (self.worker.stdin, self.worker.stdout, self.worker.stderr):
            stream.close()

    def send(self, *messages):
        frames = [encode(message) for message in messages]
        self.worker.stdin.write(b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames))
        self.worker.stdin.flush()

    def receive(self):
        size = int.from_bytes(self.worker.stdout.read(4), "big")
        return decode(self.worker.stdout.read(size))

    def call(self, number, name, *arguments):
        return Atom("C"), number, Atom(""), Atom(name), list(arguments)

    def test_calls(self):
        self.send(self.call(1, "double", 4))
        self.assertEqual(("r", 1, 8), self.receive())
        self.send(*[self.call(number, "double", number) for number in range(1000)])
        for number in range(1000):
            self.assertEqual(("r", number, 2 * number), self.receive())

    def test_large_values_and_printing(self):
        self.send(self.call(7, "other"))
        self.assertEqual(("r", 7, b"x" * 3000000), self.receive())
        self.send(self.call(8, "double", b"y" * 2000000))
        self.assertEqual(("r", 8, b"y" * 4000000), self.receive())
        self.worker.stdin.close()
        self.assertEqual(0, self.worker.wait(60))
        self.assertEqual(b"printed\n", self.worker.stderr.read())

    def test_errors(self):
        self.send(self.call(1, "double"), self.call(2, "nothing"), self.call(3, "double", 1))
        kind, number, (tag, name, _, stack) = self.receive()
        self.assertEqual(("e", 1, "exception", b"TypeError"), (kind, number, tag, name))
        self.assertIsInstance(stack, list)
        self.assertEqual(b"hanse.worker.NoSuchFunction", self.receive()[2][1])
        self.assertEqual(("r", 3, 2), self.receive())

    def test_streams_wait_for_credit(self):
        self.send(self.call(1, "count", 40))
        self.assertEqual([("s", 1, item) for item in range(16)], [self.receive() for _ in range(16)])
        self.send((Atom("k"), 1, 30))
        self.assertEqual([("s", 1, item) for item in range(16, 40)], [self.receive() for _ in range(24)])
        self.assertEqual(("r", 1, "done"), self.receive())
        self.send(self.call(2, "count", 40))
        for _ in range(16):
            self.receive()
        self.send((Atom("x"), 2))
        self.assertEqual(("r", 2, "done"), self.receive())

    def test_calls_back(self):
        self.send(self.call(1, "ask", 5), self.call(2, "double", 1))
        kind, number, module, name, arguments = self.receive()
        self.assertEqual(("C", "m", "f", [5]), (kind, module, name, arguments))
        self.send((Atom("r"), number, 10))
        self.assertEqual(("r", 1, 11), self.receive())
        self.assertEqual(("r", 2, 2), self.receive())

    def test_an_answer_does_not_wait_for_the_next_call(self):
        self.send(self.call(1, "double", 1), self.call(2, "slow"))
        self.assertEqual(("r", 1, 2), self.receive())


if __name__ == "__main__":
    unittest.main()
