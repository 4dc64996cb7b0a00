"""The worker: takes calls from its pool, one after the other or in threads, and answers them.

Messages are tuples in external terms, as erlport's with numbers:
    from the pool     (C, id, module, function, arguments)  (r, id, value) (e, id, reason)  (k, id, credit) (x, id)
    to the pool       (r, id, value)  (e, id, reason)  (s, id, item)  (C, id, module, function, arguments)
k lets a stream go on, x ends it. Calls of the module `$hanse` are the pool's own: see _OWN.
"""
from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from types import GeneratorType
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from . import terms
from .channel import Channel, Frame, descriptors
from .terms import Atom

Function = Callable[..., Any]

STREAM_CREDIT = 16
_CALL = b"\x83h\x05w\x01C"
_CALL_SIZE = len(_CALL)
_REPLY = b"\x83h\x03w\x01rb"
_ERROR = b"\x83h\x03w\x01eb"
_ITEM = b"\x83h\x03w\x01sb"


class CallError(Exception):
    """A call back into Erlang failed; `reason` is the term that tells why."""

    def __init__(self, reason: Any) -> None:
        super().__init__(reason)
        self.reason = reason


class NoSuchFunction(Exception):
    """The worker does not offer it."""


_functions: Dict[Tuple[str, str], Function] = {}
_hooks: Dict[str, Function] = {}
_worker: Optional["Worker"] = None


def function(offered: Any) -> Any:
    """Offers a function under its own name, or another: @hanse.function, @hanse.function("name")."""
    if isinstance(offered, str):
        def decorator(taken: Function) -> Function:
            _functions["", offered] = taken
            return taken
        return decorator
    _functions["", offered.__name__] = offered
    return offered


def offer_module(module: Any, default: bool = False) -> None:
    """Offers the public functions of a module; the default module's under their mere names, too."""
    for name, value in vars(module).items():
        if callable(value) and not name.startswith("_"):
            _functions[module.__name__, name] = value
            if default:
                _functions["", name] = value


def init(hook: Function) -> Function:
    """Called before the first call, with the state of the worker before (None: there was none)."""
    _hooks["init"] = hook
    return hook


def checkpoint(hook: Function) -> Function:
    """Called from time to time and before an orderly end; what it answers is the state for the next incarnation."""
    _hooks["checkpoint"] = hook
    return hook


def self_test(hook: Function) -> Function:
    """Called before a new version of the script replaces an old one; an exception keeps the old one."""
    _hooks["self_test"] = hook
    return hook


def call(module: str, name: str, *arguments: Any) -> Any:
    """Calls a function in Erlang, if the pool allows it."""
    if _worker is None:
        raise RuntimeError("hanse.call() before hanse.run()")
    return _worker.call(module, name, list(arguments))


def save(state: Any) -> None:
    """Hands a state for the next incarnation to the pool now."""
    call("$hanse", "save", state)


def run(threads: int = 0) -> None:
    """Serves calls until the pool closes the channel. With threads, that many calls run at the same time."""
    global _worker
    _worker = Worker(Channel(*descriptors()), threads)
    _worker.serve()


def _own_init(state: Any) -> Any:
    if "init" in _hooks:
        _hooks["init"](state)
    return {Atom("checkpoint"): "checkpoint" in _hooks, "language": "python", "pid": os.getpid()}


def _own_checkpoint() -> Any:
    return _hooks["checkpoint"]() if "checkpoint" in _hooks else None


def _own_self_test() -> Any:
    if "self_test" in _hooks:
        _hooks["self_test"]()
    return Atom("ok")


_OWN: Dict[str, Function] = {"init": _own_init, "checkpoint": _own_checkpoint, "self_test": _own_self_test,
                             "heartbeat": lambda: Atom("ok")}


def _reason(error: BaseException) -> Any:
    stack = [f"{frame.filename}:{frame.lineno}: {frame.name}" for frame in reversed(traceback.extract_tb(error.__traceback__))]
    kind = type(error)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    return Atom("exception"), name, str(error), stack


class Worker:
    """State of one channel. The thread that serves reads; with threads=0 it also runs the calls."""

    def __init__(self, channel: Channel, threads: int = 0) -> None:
        self._channel = channel
        self._pool = ThreadPoolExecutor(threads) if threads else None
        self._main = threading.get_ident()
        self._backlog: Deque[Frame] = deque()
        self._answers: Dict[int, "queue.SimpleQueue[Tuple[Any, Any]]"] = {}
        self._credit: Dict[int, "threading.Semaphore"] = {}
        self._stopped: Dict[int, bool] = {}
        self._last_id = 0
        self._targets: Dict[bytes, Function] = {}
        self._lock = threading.Lock()

    def serve(self) -> None:
        read, backlog = self._channel.read, self._backlog
        try:
            while True:
                frame = backlog.popleft() if backlog else read()
                if frame is None:
                    break
                if frame[:_CALL_SIZE] == _CALL:
                    if self._pool is None:
                        self._answer(frame)
                    else:
                        self._pool.submit(self._answer_and_flush, frame)
                else:
                    self._take(frame)
        except (BrokenPipeError, KeyboardInterrupt):
            pass
        # Threads of the script may still run; the pool is gone, and so is the reason for this program.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def _answer_and_flush(self, frame: Frame) -> None:
        try:
            self._answer(frame)
            self._channel.flush()
        except OSError:
            os._exit(0)

    def _answer(self, frame: Frame) -> None:
        identity = b"\0\0\0\0"
        try:
            # 131, tuple of 5, C; then the number, which our pools always write as INTEGER_EXT.
            if frame[6] == 98:
                identity, at = bytes(frame[7:11]), 11
            else:
                number, at = terms.decode_at(frame, 6)
                identity = number.to_bytes(4, "big")
            target, at = self._target(frame, at)
            arguments, at = terms.decode_at(frame, at)
            value = target(*arguments)
            if type(value) is GeneratorType:
                self._stream(identity, value)
                value = Atom("done")
            pieces = [_REPLY, identity]
            terms.encode_into(value, pieces.append)
        except Exception as error:  # pylint: disable=broad-except
            pieces = [_ERROR, identity]
            terms.encode_into(_reason(error), pieces.append)
        self._channel.write(pieces)

    def _target(self, frame: Frame, at: int) -> Tuple[Function, int]:
        """The function that module and function name, and the position behind the names. The bytes of both are the key."""
        end = _behind_atom(frame, _behind_atom(frame, at))
        names = bytes(frame[at:end])
        found = self._targets.get(names)
        if found is None:
            module, second = terms.decode_at(frame, at)
            name, _ = terms.decode_at(frame, second)
            found = _OWN.get(name) if module == "$hanse" else _functions.get((str(module), str(name)))
            if found is None:
                offered = ", ".join(sorted(f"{m}:{f}" if m else f for m, f in _functions)) or "none"
                raise NoSuchFunction(f"{module + ':' if module else ''}{name}; this worker offers {offered}")
            self._targets[names] = found
        return found, end

    def _stream(self, identity: bytes, items: Any) -> None:
        """Sends items as long as there is credit; the consumer gives more as it goes on, or ends it."""
        number = int.from_bytes(identity, "big")
        credit = self._credit[number] = threading.Semaphore(STREAM_CREDIT)
        try:
            for item in items:
                while not credit.acquire(blocking=self._pool is not None and threading.get_ident() != self._main):
                    self._take(self._next())
                if number in self._stopped:
                    break
                pieces = [_ITEM, identity]
                terms.encode_into(item, pieces.append)
                self._channel.write(pieces)
                self._channel.flush()
        finally:
            items.close()
            del self._credit[number]
            self._stopped.pop(number, None)

    def call(self, module: str, name: str, arguments: List[Any]) -> Any:
        with self._lock:
            self._last_id = number = (self._last_id + 1) & 0x7fffffff
        answers: "queue.SimpleQueue[Tuple[Any, Any]]" = queue.SimpleQueue()
        self._answers[number] = answers
        self._channel.write([terms.encode((Atom("C"), number, Atom(module), Atom(name), arguments))])
        self._channel.flush()
        # The thread that reads has to go on reading; others are told.
        while threading.get_ident() == self._main and answers.empty():
            self._take(self._next())
        kind, value = answers.get()
        if kind == "r":
            return value
        raise CallError(value)

    def _next(self) -> Frame:
        frame = self._channel.read()
        if frame is None:
            raise BrokenPipeError("the pool has closed the channel")
        return frame

    def _take(self, frame: Frame) -> None:
        """Anything but the call that is served next: calls have to wait, answers and credit find whom they are for."""
        if frame[:_CALL_SIZE] == _CALL:
            self._backlog.append(frame)
            return
        message = terms.decode(frame)
        kind, number = message[0], message[1]
        if kind in ("r", "e") and len(message) == 3:
            answers = self._answers.pop(number, None)
            if answers is not None:
                answers.put((kind, message[2]))
        elif kind == "k" and number in self._credit:
            self._credit[number].release(message[2])
        elif kind == "x" and number in self._credit:
            self._stopped[number] = True
            self._credit[number].release()
        elif kind == "C":
            rest = bytes(frame)
            self._backlog.append(_CALL + rest[rest.index(b"C") + 1:])


def _behind_atom(data: Frame, at: int) -> int:
    tag = data[at]
    if tag in (119, 115):
        return at + 2 + data[at + 1]
    if tag in (100, 118):
        return at + 3 + (data[at + 1] << 8 | data[at + 2])
    raise terms.DecodeError(f"expected an atom, got tag {tag}")
