#!/usr/bin/env python3
"""Borrow functions from a Hanse node over signed HTTP. One file, Python 3.11 or later, nothing else.

    lender = Lender("http://127.0.0.1:8080/", "borrower.jwk", node="...thumbprint of the lender's key...")
    lender.call("weather:today", "oslo")            answers, or raises Refused
    lender.cast("chat:say", "hello")                does not wait; casts keep their order
    lender.call("chat:join", lender.pid(print))     what Erlang sends to this pid is printed
    multicall([lender, other], "weather:today", "oslo")

    python3 hanse_borrow.py --new-key borrower.jwk
    python3 hanse_borrow.py URL weather:today '["oslo"]' --key borrower.jwk

Requests are signed with Ed25519, or within a session with HMAC (RFC 9421); every answer is verified before it is believed. The library
`cryptography` is used if it is there. Otherwise the arithmetic below is, which is right but not constant in time: enough for a borrower
whose machine is not shared with an attacker who can measure it.
"""
from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import hmac
import http.client
import itertools
import json
import os
import queue
import re
import secrets
import ssl
import sys
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

# ---- Ed25519 (RFC 8032) and X25519 (RFC 7748)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # extended coordinates: x = X/Z, y = Y/Z, T = XY/Z
NEUTRAL: Point = (0, 1, 1, 0)


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def _multiply(n: int, point: Point) -> Point:
    result = NEUTRAL
    while n:
        if n & 1:
            result = _add(result, point)
        point = _add(point, point)
        n >>= 1
    return result


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


_base_y = 4 * pow(5, P - 2, P) % P
_base_x = _x_of(_base_y, 0) or 0
BASE: Point = (_base_x, _base_y, 1, _base_x * _base_y % P)


def _compress(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decompress(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = _x_of(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def _secret(seed: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(seed).digest()
    return int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254, digest[32:]


def _sha512_number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % L


def pure_public_of(seed: bytes) -> bytes:
    return _compress(_multiply(_secret(seed)[0], BASE))


def pure_sign(seed: bytes, message: bytes) -> bytes:
    scalar, prefix = _secret(seed)
    public = _compress(_multiply(scalar, BASE))
    r = _sha512_number(prefix, message)
    commitment = _compress(_multiply(r, BASE))
    return commitment + ((r + _sha512_number(commitment, public, message) * scalar) % L).to_bytes(32, "little")


def pure_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment, s = _decompress(public), _decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= L:
        return False
    left = _multiply(s, BASE)
    right = _add(commitment, _multiply(_sha512_number(signature[:32], public, message), key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def pure_x25519(scalar: bytes, point: bytes) -> bytes:
    k = int.from_bytes(scalar, "little") & (1 << 254) - 8 | 1 << 254
    u = int.from_bytes(point, "little") & (1 << 255) - 1
    a, b, c, d = 1, 0, u, 1  # the ladder: (a : b) and (c : d)
    for bit in range(254, -1, -1):
        if k >> bit & 1:
            a, b, c, d = c, d, a, b
        plus, minus = a + b, a - b
        cross, other = (c - d) * plus % P, (c + d) * minus % P
        square, less = plus * plus % P, minus * minus % P
        e = square - less
        a, b, c, d = square * less % P, e * (square + 121665 * e) % P, (cross + other) ** 2 % P, u * (cross - other) ** 2 % P
        if k >> bit & 1:
            a, b, c, d = c, d, a, b
    return (a * pow(b, P - 2, P) % P).to_bytes(32, "little")


public_of, sign, verify, x25519 = pure_public_of, pure_sign, pure_verify, pure_x25519
try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519 as _ed25519

    def public_of(seed: bytes) -> bytes:
        return _ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()

    def sign(seed: bytes, message: bytes) -> bytes:
        return _ed25519.Ed25519PrivateKey.from_private_bytes(seed).sign(message)

    def verify(public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            _ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            return False

    public_of(bytes(32))  # older releases lack a part of this
except (ImportError, AttributeError):
    public_of, sign, verify = pure_public_of, pure_sign, pure_verify

# ---- Keys


def encode64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode64(text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("expected base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def thumbprint(public: bytes) -> str:
    """The name of a key: RFC 7638 with SHA-256, 43 characters."""
    return encode64(hashlib.sha256(b'{"crv":"Ed25519","kty":"OKP","x":"%s"}' % encode64(public).encode()).digest())


class Key:
    """An Ed25519 key with its private part."""

    def __init__(self, seed: bytes | None = None):
        self.seed = secrets.token_bytes(32) if seed is None else seed
        self.public = public_of(self.seed)
        self.name = thumbprint(self.public)

    @classmethod
    def of(cls, source: Any) -> Key:
        """A Key, a JWK (a dictionary), or the path of a file with one."""
        if isinstance(source, Key):
            return source
        if not isinstance(source, dict):
            with open(source, encoding="utf-8") as file:
                source = json.load(file)
        if source.get("kty") != "OKP" or source.get("crv") != "Ed25519" or not isinstance(source.get("d"), str):
            raise ValueError("expected a private Ed25519 key as JWK, without a passphrase (members kty, crv, x, d)")
        key = cls(decode64(source["d"]))
        if source.get("x") not in (None, encode64(key.public)):
            raise ValueError("the public and the private part of this key do not belong together")
        return key

    def save(self, path: str) -> None:
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": encode64(self.public), "d": encode64(self.seed)}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(jwk) + "\n")


# ---- Signatures over HTTP messages (RFC 9421), their fields (RFC 8941)


class FieldReader:
    """Dictionaries of byte sequences and inner lists, as Signature and Signature-Input have them."""
    _items = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"|:([A-Za-z0-9+/=]*):|\?([01])|(-?[0-9]{1,15})(?![.0-9])|([A-Za-z*][!#$%&\'*+.^_`|~:/\w-]*)')
    _key = re.compile(r"[a-z*][a-z0-9_.*-]*")

    def __init__(self, text: str):
        self.text, self.at = text.strip(" "), 0

    def _take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        found = re.compile(pattern).match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def _need(self, pattern: str | re.Pattern[str]) -> re.Match[str]:
        found = self._take(pattern)
        if not found:
            raise ValueError(f"malformed field at character {self.at}")
        return found

    def dictionary(self) -> dict[str, tuple[Any, dict[str, Any]]]:
        members: dict[str, tuple[Any, dict[str, Any]]] = {}
        while self.at < len(self.text):
            name = self._need(self._key).group()
            members[name] = self.member() if self._take("=") else (True, self.parameters())
            if self.at < len(self.text):
                self._need(r"[ \t]*,[ \t]*(?=.)")
        return members

    def member(self) -> tuple[Any, dict[str, Any]]:
        if not self._take(r"\( *"):
            return self.item(), self.parameters()
        items = []
        while not self._take(r"\)"):
            items.append((self.item(), self.parameters()))
            self._need(r" +|(?=\))")
        return items, self.parameters()

    def item(self) -> Any:
        found = self._need(self._items)
        text, data, truth, number, token = found.groups()
        if text is not None:
            return re.sub(r"\\(.)", r"\1", text)
        if data is not None:
            return base64.b64decode(data, validate=True)
        return truth == "1" if truth is not None else int(number) if number is not None else token

    def parameters(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._take("; *"):
            name = self._need(self._key).group()
            found[name] = self.item() if self._take("=") else True
        return found


def write_item(value: Any) -> str:
    if value is True or value is False:
        return "?1" if value else "?0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return ":" + base64.b64encode(value).decode() + ":"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_parameters(parameters: dict[str, Any]) -> str:
    return "".join(f";{name}" if value is True else f";{name}={write_item(value)}" for name, value in parameters.items())


def write_input(components: list[tuple[str, dict[str, Any]]], parameters: dict[str, Any]) -> str:
    return "(" + " ".join(write_item(name) + write_parameters(marks) for name, marks in components) + ")" + write_parameters(parameters)


def signature_base(components: list[tuple[str, dict[str, Any]]], values: Callable[[str, dict[str, Any]], str], parameters: str) -> bytes:
    """RFC 9421 section 2.5. `values` answers the value of a component."""
    lines = [f"{write_item(name)}{write_parameters(marks)}: {values(name, marks)}" for name, marks in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def content_digest(body: bytes) -> str:
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


class Request:
    """A request with its signature. Sent a second time it is the same request, which the lender's node refuses to do twice."""

    def __init__(self, signer: Signer, node: str, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None):
        self.method, self.target, self.body, self.headers = method, target, body, dict(headers or {})
        path, _, query = target.partition("?")
        values = {"@method": method, "@path": path}
        if query:
            values["@query"] = "?" + query
        if body:
            self.headers["content-digest"] = values["content-digest"] = content_digest(body)
            values["content-type"] = self.headers["content-type"]
        components = [(name, {}) for name in values]
        parameters = write_input(components, {"created": int(time.time()), "nonce": signer.nonce(), "keyid": signer.name,
                                              "alg": signer.algorithm, "tag": "hanse:" + node})
        self.signature = signer.sign(signature_base(components, lambda name, _: values[name], parameters))
        self.headers["signature-input"] = "sig1=" + parameters
        self.headers["signature"] = "sig1=" + write_item(self.signature)


class Signer:
    """What signs requests and verifies their answers: a pair of keys, or a session."""
    algorithm = "ed25519"

    def __init__(self, key: Key, node: bytes):
        self.key, self.node, self.name, self.answerer = key, node, key.name, thumbprint(node)

    def nonce(self) -> str:
        return encode64(secrets.token_bytes(16))

    def sign(self, base: bytes) -> bytes:
        return sign(self.key.seed, base)

    def verify(self, base: bytes, signature: bytes) -> bool:
        return verify(self.node, base, signature)


class Session(Signer):
    algorithm = "hmac-sha256"

    def __init__(self, name: str, secret: bytes, expires: float):
        self.name = self.answerer = name
        self.secret, self.expires, self._numbers = secret, expires, itertools.count(1)

    def nonce(self) -> str:
        return str(next(self._numbers))

    def sign(self, base: bytes) -> bytes:
        return hmac.digest(self.secret, base, "sha256")

    def verify(self, base: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(base), signature)


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, 32 bytes."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\x01", "sha256")


def is_signed(signer: Signer, request: Request, status: int, headers: dict[str, str], body: bytes | None) -> bool:
    """Is this the lender's answer to this very request? `body` None: a stream, whose content no digest can cover."""
    try:
        inputs, signatures = FieldReader(headers["signature-input"]).dictionary(), FieldReader(headers["signature"]).dictionary()
        for label, (components, parameters) in inputs.items():
            if not isinstance(components, list) or parameters.get("keyid") != signer.answerer or parameters.get("tag") != "hanse":
                continue
            covered = [write_item(name) + write_parameters(dict(sorted(marks.items()))) for name, marks in components]
            wanted = ['"@status"', '"signature";key="sig1";req', *(['"content-digest"'] if body else [])]
            if not all(name in covered for name in wanted):
                continue

            def value(name: str, marks: dict[str, Any]) -> str:
                if marks.get("req"):
                    if name != "signature":
                        raise ValueError("unknown component of the request")
                    return write_item(request.signature)
                return str(status) if name == "@status" else headers[name]
            base = signature_base(components, value, write_input(components, parameters))
            if signer.verify(base, signatures[label][0]):
                return body is None or '"content-digest"' not in covered or headers["content-digest"] == content_digest(body)
    except (KeyError, ValueError, TypeError, AttributeError):
        pass
    return False


# ---- The lender, as a borrower sees it


class Refused(Exception):
    """The lender's node refused, or the function failed: a problem document (RFC 9457). verified: it is signed; anybody on the way can
    make up others, as anybody on the way can keep a request from arriving."""

    def __init__(self, status: int, problem: dict[str, Any], retry_after: str | None, verified: bool):
        self.status, self.problem, self.retry_after, self.verified = status, problem, retry_after, verified
        self.kind = str(problem.get("type", "")).rpartition(":")[2]
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")


class Forged(Exception):
    """An answer that the lender's node did not sign."""


class Pid:
    """Something that Erlang can send to. As an argument of a call it stands for itself."""

    def __init__(self, lender: Lender, callback: Callable[[Any], None], gone: Callable[[str], None] | None):
        self.lender, self.callback, self.gone, self.name = lender, callback, gone, secrets.token_hex(8)

    def close(self) -> None:
        """This process has ended: monitors on the lender's side say so."""
        if self.lender._pids.pop(self.name, None):
            self.lender.request("DELETE", f"/events/{self.lender.client}/{self.name}")


class Lender:
    """A node that lends functions. `node` is the thumbprint of its key; without it the key that the node shows first is believed.
    The path of the URL, if it has one, is that of a relay: it is not part of what is signed. Any number of threads may use a Lender."""

    def __init__(self, url: str, key: Any, node: str | None = None, timeout: float = 60, sessions: bool = True):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected a URL with http or https")
        self.secure, self.host, self.port, self.prefix = parts.scheme == "https", parts.hostname, parts.port, parts.path.rstrip("/")
        self.key, self.timeout, self.sessions, self.client = Key.of(key), timeout, sessions, encode64(secrets.token_bytes(16))
        self.node = node or parts.fragment or None
        self.node_key: bytes | None = None
        self._signer: Signer | None = None
        self._session: Session | None = None
        self._calls, self._idle, self._lock, self._session_lock = 0, [], threading.Lock(), threading.Lock()
        self._pids: dict[str, Pid] = {}
        self._events: threading.Thread | None = None
        self._stream: Any = None  # its socket
        self._casts: queue.Queue[Any] | None = None
        self._closed = False

    # Calls

    def call(self, function: str, *arguments: Any, accept: str = "application/json") -> Any:
        """`function` is "module:name" as the lender calls it. Other types than JSON answer bytes."""
        module, _, name = function.partition(":")
        if not module or not name:
            raise ValueError("expected module:function")
        target = "/apply/" + urllib.parse.quote(module, safe="") + "/" + urllib.parse.quote(name, safe="")
        body = json.dumps([self._outgoing(a) for a in arguments]).encode() if arguments else b""
        headers = {"accept": accept, **({"content-type": "application/json"} if body else {})}
        answer = self.request("PUT", target, body, headers)
        return json.loads(answer) if accept == "application/json" else answer

    def cast(self, function: str, *arguments: Any) -> None:
        with self._lock:
            if self._casts is None:
                self._casts = queue.Queue()
                threading.Thread(target=self._cast_all, args=(self._casts,), daemon=True).start()
        self._casts.put((function, arguments))

    def flush(self) -> None:
        """Waits until all casts have been answered."""
        if self._casts is not None:
            self._casts.join()

    def functions(self) -> dict[str, Any]:
        """The OpenAPI document of what this key may call."""
        return json.loads(self.request("GET", "/", headers={"accept": "application/json"}))

    def pid(self, callback: Callable[[Any], None], gone: Callable[[str], None] | None = None) -> Pid:
        """A pid for arguments. `callback` gets what is sent to it, `gone` the reason when the lender ends it; both on a thread of the Lender."""
        pid = Pid(self, callback, gone)
        with self._lock:
            self._pids[pid.name] = pid
            if self._events is None:
                opened = threading.Event()
                self._events = threading.Thread(target=self._listen, args=(opened,), daemon=True)
                self._events.start()
            else:
                opened = None
        if opened:
            opened.wait(self.timeout)
        return pid

    def close(self) -> None:
        self._closed = True
        with self._lock:
            connections, self._idle = self._idle, []
        for connection in connections:
            connection.close()
        stream = self._stream
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.shutdown(2)

    def __enter__(self) -> Lender:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    # Requests

    def request(self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        """One signed request; the verified body of its answer."""
        for attempt in range(2):
            signer = self._choose_signer()
            try:
                return self._exchange(signer, Request(signer, self._node(), method, target, body, headers))
            except Refused as refused:
                if refused.kind != "session" or attempt or not isinstance(signer, Session):
                    raise
                self._session = None  # it expired, or the node has started anew
        raise AssertionError

    def _choose_signer(self) -> Signer:
        self._node()
        self._calls += 1
        if not self.sessions or self._calls < 2:  # a session is worth its making from the second request on
            return self._signer
        with self._session_lock:
            if self._session is None or time.time() > self._session.expires - 30:
                self._session = self._new_session()
            return self._session

    def _new_session(self) -> Session:
        secret = secrets.token_bytes(32)
        public = x25519(secret, (9).to_bytes(32, "little"))
        request = Request(self._signer, self.node, "POST", "/session", json.dumps({"x25519": encode64(public)}).encode(),
                          {"content-type": "application/json"})
        answer = json.loads(self._exchange(self._signer, request))
        theirs = decode64(answer["x25519"])
        shared = x25519(secret, theirs)
        if shared == bytes(32):
            raise Forged("the node's part of the session is no key")
        info = f"hanse session {self.key.name} {self.node}".encode()
        return Session(answer["session"], hkdf(shared, hashlib.sha256(public + theirs).digest(), info), answer["expires"])

    def _node(self) -> str:
        """The thumbprint of the node's key; asks for the key itself first."""
        if self._signer is None:
            status, _, body = self._send("GET", "/", b"", {})
            public = decode64(json.loads(body)["key"]["x"]) if status == 200 else b""
            if len(public) != 32 or self.node not in (None, thumbprint(public)):
                raise Forged(f"expected the node {self.node}, another one answered")
            self.node, self.node_key, self._signer = thumbprint(public), public, Signer(self.key, public)
        return self.node

    def _exchange(self, signer: Signer, request: Request) -> bytes:
        status, headers, body = self._send(request.method, request.target, request.body, request.headers)
        verified = is_signed(signer, request, status, headers, body)
        if status >= 400:  # before it knows the caller a node cannot sign: see Refused.verified
            problem = json.loads(body) if headers.get("content-type", "").startswith("application/problem+json") else {}
            raise Refused(status, problem, headers.get("retry-after"), verified)
        if not verified:
            raise Forged(f"an answer with status {status} is not signed by {signer.answerer}")
        return body

    def _send(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None:
            try:
                return self._send_on(connection, method, target, body, headers)
            except (http.client.RemoteDisconnected, ConnectionError):
                connection.close()  # it had been closed. The very same request again can do no harm: its nonce works once
        return self._send_on(self._connect(self.timeout), method, target, body, headers)

    def _send_on(self, connection: http.client.HTTPConnection, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        connection.request(method, self.prefix + target, body or None, headers)
        response = connection.getresponse()
        data = response.read()
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)
        return response.status, _fields(response), data

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if not self.secure:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)
        try:
            connection.connect()
        except ssl.SSLCertVerificationError:  # a certificate that nobody vouches for will do if its key is that of the node
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)
            connection.connect()
            public = key_of_certificate(connection.sock.getpeercert(True))
            if public is None or self.node not in (None, thumbprint(public)):
                connection.close()
                raise
        return connection

    def _outgoing(self, value: Any) -> Any:
        if isinstance(value, Pid):
            return {"$pid": f"{value.lender.client}/{value.name}"}
        if isinstance(value, (list, tuple)):
            return [self._outgoing(v) for v in value]
        return {k: self._outgoing(v) for k, v in value.items()} if isinstance(value, dict) else value

    def _cast_all(self, casts: queue.Queue[Any]) -> None:
        while True:
            function, arguments = casts.get()
            try:
                self.call(function, *arguments)
            except (Refused, Forged, OSError, http.client.HTTPException, ValueError):
                pass  # a cast does not tell
            finally:
                casts.task_done()

    # Events

    def _listen(self, opened: threading.Event) -> None:
        last, wait = "", 0.2
        while not self._closed:
            try:
                for last in self._read_events(last, opened):
                    wait = 0.2
            except (OSError, http.client.HTTPException, Forged, ValueError, AttributeError):
                pass
            except Refused as refused:
                if refused.status in (403, 404, 410):
                    break
            if not self._closed:
                time.sleep(wait)
                wait = min(wait * 2, 15)
        opened.set()

    def _read_events(self, last: str, opened: threading.Event):
        node = self._node()
        request = Request(self._signer, node, "GET", f"/events/{self.client}",
                          headers={"accept": "text/event-stream", **({"last-event-id": last} if last else {})})
        connection = self._connect(45)  # the lender ticks every 15 s
        try:
            connection.request("GET", self.prefix + request.target, headers=request.headers)
            self._stream = connection.sock  # which getresponse takes away
            response = connection.getresponse()
            headers = _fields(response)
            verified = is_signed(self._signer, request, response.status, headers, None)
            if response.status != 200:
                raise Refused(response.status, {}, None, verified)
            if not verified:
                raise Forged("the stream of events is not the lender's")
            opened.set()
            event: dict[str, str] = {}
            while line := response.readline(1 << 24):
                name, _, value = line.decode().rstrip("\r\n").partition(":")
                if name:
                    event[name] = value[1:] if value.startswith(" ") else value
                elif event:
                    self._deliver(event.get("event", ""), event.get("data", ""))
                    last, event = event.get("id", last), {}
                    yield last
        finally:
            connection.close()

    def _deliver(self, kind: str, data: str) -> None:
        if kind not in ("message", "gone"):
            return
        content = json.loads(data)
        pid = self._pids.get(content["to"])
        if pid is None:
            return
        if kind == "gone":
            del self._pids[pid.name]
        receiver = pid.callback if kind == "message" else pid.gone
        try:
            if receiver:
                receiver(content["message"] if kind == "message" else content["reason"])
        except Exception as problem:  # a mistake in one callback takes nothing from the others
            print(f"hanse_borrow: {receiver} raised {problem!r}", file=sys.stderr)


def _fields(response: http.client.HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in response.getheaders():
        name = name.lower()
        found[name] = f"{found[name]}, {value.strip()}" if name in found else value.strip()
    return found


def key_of_certificate(der: bytes) -> bytes | None:
    """The Ed25519 key of an X.509 certificate (RFC 5280 section 4.1, RFC 8410), if that is what it has."""
    def element(at: int) -> tuple[int, int, int]:  # tag, where the content begins and ends
        size, start = der[at + 1], at + 2
        if size & 128:
            start += size & 127
            size = int.from_bytes(der[at + 2:start], "big")
        return der[at], start, start + size
    try:
        at = element(element(0)[1])[1]  # Certificate, TBSCertificate
        if der[at] == 0xA0:             # version
            at = element(at)[2]
        for _ in range(5):              # serialNumber, signature, issuer, validity, subject
            at = element(at)[2]
        key = der[at:element(at)[2]]
    except IndexError:
        return None
    prefix = bytes.fromhex("302a300506032b6570032100")
    return key[len(prefix):] if key.startswith(prefix) and len(key) == len(prefix) + 32 else None


def multicall(lenders: list[Lender], function: str, *arguments: Any) -> list[Any]:
    """The same call of several lenders at once. What is raised stands in the place of the answer."""
    def one(lender: Lender) -> Any:
        try:
            return lender.call(function, *arguments)
        except Exception as problem:
            return problem
    with ThreadPoolExecutor(max_workers=max(1, min(32, len(lenders)))) as pool:
        return list(pool.map(one, lenders))


def main() -> int:
    parser = argparse.ArgumentParser(description="Calls a function that a Hanse node lends.")
    parser.add_argument("url", nargs="?", help="of the lender's node; what follows # is the thumbprint of its key")
    parser.add_argument("function", nargs="?", help="module:function; without it: what this key may call")
    parser.add_argument("arguments", nargs="?", default="[]", help="a JSON array")
    parser.add_argument("--key", help="the file with your private key (JWK)")
    parser.add_argument("--node", help="the thumbprint of the lender's key; without it the first answer is believed")
    parser.add_argument("--text", action="store_true", help="the answer as Erlang writes it")
    parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--new-key", metavar="FILE", help="make a key, print its thumbprint and its public part, and end")
    options = parser.parse_args()
    if options.new_key:
        key = Key()
        key.save(options.new_key)
        print(key.name, json.dumps({"kty": "OKP", "crv": "Ed25519", "x": encode64(key.public)}))
        return 0
    if not options.url or not options.key:
        parser.error("expected a URL and --key FILE")
    try:
        arguments = json.loads(options.arguments)
        if not isinstance(arguments, list):
            raise ValueError("expected a JSON array of arguments")
        with Lender(options.url, options.key, options.node, options.timeout, sessions=False) as lender:
            if not options.function:
                print(json.dumps(lender.functions(), indent=2))
            elif options.text:
                print(lender.call(options.function, *arguments, accept="text/plain").decode())
            else:
                print(json.dumps(lender.call(options.function, *arguments), ensure_ascii=False))
        return 0
    except (Refused, Forged, OSError, ValueError, http.client.HTTPException) as problem:
        print(f"hanse_borrow: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
