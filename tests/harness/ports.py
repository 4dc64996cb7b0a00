"""Ports for servers that tests start."""
import contextlib
import random
import socket


def free_port():
    """Of this host, TCP, and not one of those that the system gives to others that ask for any."""
    while True:
        with socket.socket() as s, contextlib.suppress(OSError):
            port = random.randint(20000, 32000)
            s.bind(("127.0.0.1", port))
            return port
