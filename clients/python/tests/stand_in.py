"""A small lender for tests of clients: the protocol of a Hanse node (docs/grants.md), a handful of functions, and misdeeds on request.

As a program: stand_in.py BORROWERS_KEY_FILE prints one line, {"url", "node"}, and serves until its standard input ends.
"""
import hashlib
import http.server
import json
import queue
import secrets
import sys
import threading
import time
import urllib.parse

import hanse_borrow as borrow


class Lender(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, borrower: bytes):
        super().__init__(("127.0.0.1", 0), Handler)
        self.key = borrow.Key()
        self.borrowers = {borrow.thumbprint(borrower): borrower}
        self.sessions, self.nonces, self.streams = {}, set(), {}
        self.calls, self.ended, self.stream_requests = [], [], []
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def stream(self, client):
        with self.lock:
            return self.streams.setdefault(client, queue.Queue())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Lender

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self):
        self.serve()

    do_PUT = do_POST = do_DELETE = do_GET

    def serve(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path, _, query = self.path.partition("?")
        if "signature" not in self.headers:
            if self.command == "GET" and path == "/":
                jwk = {"kty": "OKP", "crv": "Ed25519", "x": borrow.encode64(self.server.key.public)}
                return self.answer(200, json.dumps({"key": jwk, "node": self.server.key.name}).encode(), signed=False)
            return self.problem(401, "signature", "this request is not signed")
        refusal = self.check(path, query, body)
        if refusal:
            return self.problem(401 if refusal != "replay" else 409, refusal, "refused: " + refusal, signed=False)
        segments = [urllib.parse.unquote(part) for part in path.split("/")[1:]]
        if segments == ["session"]:
            return self.new_session(json.loads(body))
        if segments[0] == "events" and self.command == "GET":
            return self.serve_events(segments[1])
        if segments[0] == "events" and self.command == "DELETE":
            self.server.ended.append(segments[1:])
            return self.answer(200, b"true")
        if segments == [""]:
            return self.answer(200, json.dumps({"openapi": "3.1.0", "paths": {"/apply/math/add": {}}}).encode())
        if segments[0] == "apply" and self.command == "PUT":
            return self.apply(segments[1] + ":" + segments[2], json.loads(body) if body else [])
        return self.problem(404, "not-found", path)

    def check(self, path, query, body):
        """The kind of the problem with this request, or nothing."""
        try:
            (label, (components, parameters)), = borrow.FieldReader(self.headers["signature-input"]).dictionary().items()
            self.signature = borrow.FieldReader(self.headers["signature"]).dictionary()[label][0]
        except (ValueError, KeyError, TypeError):
            return "signature"
        self.parameters = parameters
        values = {"@method": self.command, "@path": path, **({"@query": "?" + query} if query else {})}
        needed = set(values) | ({"content-digest", "content-type"} if body else set())
        covered = {name for name, _ in components}
        base = borrow.signature_base(components, lambda name, _: values.get(name) or self.headers[name], borrow.write_input(components, parameters))
        session = self.server.sessions.get(parameters["keyid"])
        if parameters["alg"] == "hmac-sha256":
            if session is None:
                return "session"
            valid = session.verify(base, self.signature)
        else:
            public = self.server.borrowers.get(parameters["keyid"])
            valid = public is not None and borrow.pure_verify(public, base, self.signature)
        if not valid or not needed <= covered or parameters["tag"] != "hanse:" + self.server.key.name or len(parameters["nonce"]) < (1 if session else 16):
            return "signature"
        if abs(parameters["created"] - time.time()) > 60:
            return "clock"
        if body and self.headers["content-digest"] != borrow.content_digest(body):
            return "digest"
        with self.server.lock:
            nonce = (parameters["keyid"], parameters["nonce"])
            if nonce in self.server.nonces:
                return "replay"
            self.server.nonces.add(nonce)
        return None

    def new_session(self, body):
        secret, theirs = secrets.token_bytes(32), borrow.decode64(body["x25519"])
        ours = borrow.pure_x25519(secret, (9).to_bytes(32, "little"))
        info = f"hanse session {self.parameters['keyid']} {self.server.key.name}".encode()
        key = borrow.hkdf(borrow.pure_x25519(secret, theirs), hashlib.sha256(theirs + ours).digest(), info)
        name, expires = secrets.token_urlsafe(16), int(time.time()) + 3600
        self.server.sessions[name] = borrow.Session(name, key, expires)
        self.answer(200, json.dumps({"x25519": borrow.encode64(ours), "session": name, "expires": expires}).encode())

    def apply(self, function, arguments):
        self.server.calls.append((function, arguments, self.parameters["alg"]))
        if function == "math:add":
            return self.answer(200, json.dumps(arguments[0] + arguments[1]).encode())
        if function == "echo:all":
            if self.headers.get("accept") == "text/plain":
                return self.answer(200, repr(arguments).encode(), "text/plain")
            return self.answer(200, json.dumps(arguments).encode())
        if function == "chat:tell":
            client, name = arguments[0]["$pid"].split("/")
            self.server.stream(client).put(("message", {"to": name, "message": arguments[1]}))
            return self.answer(200, b"true")
        if function == "chat:end":
            client, name = arguments[0]["$pid"].split("/")
            self.server.stream(client).put(("gone", {"to": name, "reason": "revoked"}))
            return self.answer(200, b"true")
        if function == "bad:body":
            return self.answer(200, b'"yes"', send=b'"no!"')
        if function == "bad:status":
            return self.answer(200, b'"yes"', send_status=201)
        if function == "bad:unsigned":
            return self.answer(200, b'"yes"', signed=False)
        if function == "bad:other":  # the answer to an earlier request, which was signed well
            self.signature = bytes(64)
            return self.answer(200, b'"yes"')
        if function == "bad:function":
            return self.problem(500, "exception", "error badarith", signed=True)
        return self.problem(403, "not-granted", "this key may not call that", signed=True)

    def serve_events(self, client):
        self.server.stream_requests.append(self.headers.get("last-event-id"))
        events = self.server.stream(client)
        self.send_response(200)
        for name, value in self.signed_fields(200, None, "text/event-stream").items():
            self.send_header(name, value)
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(b": tick\n\n")
        self.close_connection = True
        number = int(self.headers.get("last-event-id") or 0)
        while True:
            kind, content = events.get()
            if kind == "close":
                return
            number += 1
            self.wfile.write(f"id: {number}\nevent: {kind}\ndata: {json.dumps(content)}\n\n".encode())

    def problem(self, status, kind, detail, signed=False):
        document = {"type": "urn:hanse:problem:" + kind, "title": kind, "status": status, "detail": detail}
        self.answer(status, json.dumps(document).encode(), "application/problem+json", signed)

    def signed_fields(self, status, body, content_type):
        fields = {"content-type": content_type, **({} if body is None else {"content-digest": borrow.content_digest(body)})}
        components = [("@status", {}), *[(name, {}) for name in sorted(fields, reverse=True)], ("signature", {"req": True, "key": "sig1"})]
        session = self.server.sessions.get(self.parameters["keyid"])
        parameters = borrow.write_input(components, {"created": int(time.time()), "keyid": session.name if session else self.server.key.name,
                                                     "alg": self.parameters["alg"], "tag": "hanse"})
        values = {**fields, "@status": str(status), "signature": borrow.write_item(self.signature)}
        base = borrow.signature_base(components, lambda name, _: values[name], parameters)
        signature = session.sign(base) if session else borrow.sign(self.server.key.seed, base)
        return {**fields, "signature-input": "sig1=" + parameters, "signature": "sig1=" + borrow.write_item(signature)}

    def answer(self, status, body, content_type="application/json", signed=True, send=None, send_status=None):
        fields = self.signed_fields(status, body, content_type) if signed else {"content-type": content_type}
        self.send_response(send_status or status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(send or body)


if __name__ == "__main__":
    lender = Lender(borrow.Key.of(sys.argv[1]).public)
    print(json.dumps({"url": lender.url, "node": lender.key.name}), flush=True)
    sys.stdin.read()
