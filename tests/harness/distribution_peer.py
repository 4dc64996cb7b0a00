"""A node of the distribution protocol that says what a test tells it to: handshake of version 6, control messages, terms."""
import hashlib
import random
import socket
import struct

VISIBLE, HEADER, FRAGMENTS = 1 << 0, 1 << 13, 1 << 23
MANDATORY = sum(1 << bit for bit in (2, 4, 7, 8, 9, 10, 11, 16, 17, 18, 24))
USUAL = MANDATORY | sum(1 << bit for bit in (3, 5, 14, 19, 20, 22, 25, 26, 32, 34, 35))
REG_SEND = 6


def atom(text):
    data = text.encode()
    return bytes([119, len(data)]) + data if len(data) < 256 else struct.pack(">BH", 118, len(data)) + data


def integer(value):
    return struct.pack(">Bi", 98, value)


def tuple_of(*elements):
    return bytes([104, len(elements)]) + b"".join(elements)


def binary(data):
    return struct.pack(">BI", 109, len(data)) + data


class Peer:
    def __init__(self, name, cookie, port, flags=USUAL, creation=None):
        self.name, self.cookie, self.port, self.flags = name, cookie, port, flags
        self.creation = creation or random.getrandbits(31) | 1 << 16
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=15)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def receive_exactly(self, count):
        data = b""
        while len(data) < count:
            block = self.socket.recv(count - len(data))
            if not block:
                raise EOFError("the connection was closed")
            data += block
        return data

    def send_step(self, data):
        self.socket.sendall(struct.pack(">H", len(data)) + data)

    def receive_step(self):
        return self.receive_exactly(struct.unpack(">H", self.receive_exactly(2))[0])

    def digest(self, challenge):
        return hashlib.md5((self.cookie + str(challenge)).encode()).digest()

    def send_name(self):
        name = self.name.encode()
        self.send_step(b"N" + struct.pack(">QIH", self.flags, self.creation, len(name)) + name)

    def shake_hands(self):
        self.send_name()
        status = self.receive_step()
        if status != b"sok":
            raise EOFError(f"status {status}")
        challenge = struct.unpack(">cQI", self.receive_step()[:13])[2]
        own = random.getrandbits(32)
        self.send_step(b"r" + struct.pack(">I", own) + self.digest(challenge))
        answer = self.receive_step()
        if answer != b"a" + self.digest(own):
            raise EOFError("the answer to the challenge is wrong")
        return self

    def pid(self, number=77):
        return bytes([88]) + atom(self.name) + struct.pack(">III", number, 0, self.creation)

    def reference(self, *words):
        return struct.pack(">BH", 90, len(words)) + atom(self.name) + struct.pack(f">{len(words) + 1}I", self.creation, *words)

    def send_frame(self, data):
        self.socket.sendall(struct.pack(">I", len(data)) + data)

    def control(self, control, payload=None):
        return bytes([112, 131]) + control + (b"" if payload is None else bytes([131]) + payload)

    def send_to_name(self, name, payload):
        self.send_frame(self.control(tuple_of(bytes([97, REG_SEND]), self.pid(), atom(""), atom(name)), payload))

    def receive_frame(self):
        """The next frame that is no tick; ticks are answered."""
        while True:
            length = struct.unpack(">I", self.receive_exactly(4))[0]
            if length:
                return self.receive_exactly(length)
            self.send_frame(b"")

    def await_close(self):
        """True once the other side has closed the connection. What still comes is thrown away."""
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True
