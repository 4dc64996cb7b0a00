"""Frames of {packet,4} over a pair of descriptors: large reads, replies gathered into one write."""
from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import Deque, List, Optional, Tuple, Union

READ_BYTES = 1 << 17
GATHERED_BYTES = 1 << 16
HOLD_SECONDS = 0.002

Frame = Union[bytes, memoryview]


def descriptors() -> Tuple[int, int]:
    """The pool says where its data goes (HANSE_CHANNEL); else it is standard input and output, which are then closed to everybody
    else: what is printed goes to standard error."""
    named = os.environ.get("HANSE_CHANNEL")
    if named:
        first, second = (int(word) for word in named.split(","))
        return first, second
    first, second = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return first, second


class Channel:
    """One thread reads, any thread may write."""

    def __init__(self, source: int, target: int) -> None:
        self._source, self._target = source, target
        self._data, self._at = b"", 0
        self._out: Deque[bytes] = deque()
        self._out_bytes = 0
        self._lock = threading.Lock()
        self._helper: Optional[threading.Thread] = None
        self._held = threading.Event()

    def read(self) -> Optional[Frame]:
        """The next frame, a view of it if it is large; None at the end of input. What was written is sent before this waits."""
        data, at = self._data, self._at
        if len(data) - at < 4:
            self._flush_and_fill(4)
            data, at = self._data, self._at
            if len(data) - at < 4:
                return None
        size = int.from_bytes(data[at:at + 4], "big")
        end = at + 4 + size
        if end > len(data):
            frame = self._read_rest(data[at + 4:], size)
            self._data, self._at = b"", 0
            return frame
        self._at = end
        return data[at + 4:end]

    def _flush_and_fill(self, wanted: int) -> None:
        self.flush()
        data = self._data[self._at:]
        while len(data) < wanted:
            more = os.read(self._source, READ_BYTES)
            if not more:
                break
            data = data + more if data else more
        self._data, self._at = data, 0

    def _read_rest(self, begun: bytes, size: int) -> Optional[Frame]:
        self.flush()
        frame = bytearray(size)
        view = memoryview(frame)
        view[:len(begun)] = begun
        at = len(begun)
        while at < size:
            count = os.readv(self._source, [view[at:]])
            if count == 0:
                return None
            at += count
        return view

    def write(self, pieces: List[bytes]) -> None:
        """Sends a frame soon: when the worker waits for the next one, when much has gathered, or after two milliseconds."""
        size = sum(map(len, pieces))
        head = size.to_bytes(4, "big")
        if size > GATHERED_BYTES:
            self.flush()
            with self._lock:
                sent = os.writev(self._target, [head, *pieces]) if len(pieces) < 512 else 0
                if sent < size + 4:
                    self._write_all(memoryview(b"".join((head, *pieces)))[sent:])
            return
        frame = b"".join((head, *pieces))
        self._out.append(frame)
        self._out_bytes += size
        if self._out_bytes > GATHERED_BYTES:
            self.flush()
        elif self._at < len(self._data) and not self._held.is_set():
            # There is more to do before this is sent.
            if self._helper is None:
                self._helper = threading.Thread(target=self._send_held, daemon=True)
                self._helper.start()
            self._held.set()

    def flush(self) -> None:
        if not self._out:
            return
        with self._lock:
            frames = []
            try:
                while True:
                    frames.append(self._out.popleft())
            except IndexError:
                pass
            self._out_bytes = 0
            self._write_all(memoryview(b"".join(frames)))

    def _write_all(self, data: memoryview) -> None:
        while data:
            data = data[os.write(self._target, data):]

    def _send_held(self) -> None:
        """A reply does not wait until the next call, which may be a long one, has ended."""
        while True:
            self._held.wait()
            time.sleep(HOLD_SECONDS)
            self._held.clear()
            try:
                self.flush()
            except OSError:
                return
