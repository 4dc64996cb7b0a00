"""hanse_borrow: the vectors of the standards that it implements, and everything it does against a small lender."""
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import hanse_borrow as borrow  # noqa: E402
from tests import stand_in  # noqa: E402

PROGRAM = str(pathlib.Path(borrow.__file__))


class Vectors(unittest.TestCase):
    def test_ed25519(self):
        """RFC 8032 section 7.1, tests 1 to 3"""
        for seed, public, message, signature in (
            ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
            ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
            ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
             "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
        ):
            seed, public, message, signature = map(bytes.fromhex, (seed, public, message, signature))
            self.assertEqual(borrow.pure_public_of(seed), public)
            self.assertEqual(borrow.public_of(seed), public)
            self.assertEqual(borrow.pure_sign(seed, message), signature)
            self.assertEqual(borrow.sign(seed, message), signature)
            for verify in (borrow.pure_verify, borrow.verify):
                self.assertTrue(verify(public, message, signature))
                self.assertFalse(verify(public, message + b"!", signature))
                self.assertFalse(verify(public, message, signature[:32] + bytes([signature[32] ^ 1]) + signature[33:]))
                self.assertFalse(verify(public, message, signature[:63]))
                self.assertFalse(verify(bytes([2]) + bytes(31), message, signature))

    def test_a_second_form_of_a_signature_is_refused(self):
        """s + L would be valid as well, if anybody took it (RFC 8032 section 5.1.7)"""
        signature = borrow.pure_sign(bytes(32), b"x")
        larger = int.from_bytes(signature[32:], "little") + borrow.L
        self.assertFalse(borrow.pure_verify(borrow.pure_public_of(bytes(32)), b"x", signature[:32] + larger.to_bytes(32, "little")))

    def test_x25519(self):
        """RFC 7748 section 5.2, the first of its two and the first of its iterations"""
        self.assertEqual(borrow.x25519(bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                                       bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")).hex(),
                         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
        nine = (9).to_bytes(32, "little")
        self.assertEqual(borrow.x25519(nine, nine).hex(), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")
        alice, bob = bytes(range(1, 33)), bytes(range(32))
        self.assertEqual(borrow.x25519(alice, borrow.x25519(bob, nine)), borrow.x25519(bob, borrow.x25519(alice, nine)))

    def test_hkdf(self):
        """RFC 5869, test case 1, the first 32 bytes"""
        self.assertEqual(borrow.hkdf(b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA))).hex(),
                         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")

    def test_thumbprint(self):
        """RFC 8037 appendix A.3"""
        self.assertEqual(borrow.thumbprint(borrow.decode64("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
                         "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")

    def test_content_digest(self):
        """RFC 9530 appendix A"""
        self.assertEqual(borrow.content_digest(b'{"hello": "world"}\n'), "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:")

    VALUES = {"date": "Tue, 20 Apr 2021 02:07:55 GMT", "@method": "POST", "@path": "/foo", "@authority": "example.com",
              "content-type": "application/json", "content-length": "18"}

    def vector(self, text):
        components, parameters = borrow.FieldReader(text).dictionary()[text.partition("=")[0]]
        written = borrow.write_input(components, parameters)
        self.assertEqual(written, text.partition("=")[2])
        return borrow.signature_base(components, lambda name, _: self.VALUES[name], written)

    def test_rfc_9421_b_2_6(self):
        base = self.vector('sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"')
        key = borrow.Key.of({"kty": "OKP", "crv": "Ed25519", "d": "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU",
                             "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"})
        self.assertEqual(borrow.write_item(borrow.pure_sign(key.seed, base)),
                         ":wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:")

    def test_rfc_9421_b_2_5(self):
        base = self.vector('sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"')
        secret = borrow.base64.b64decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
        session = borrow.Session("test-shared-secret", secret, 0)
        self.assertEqual(borrow.write_item(session.sign(base)), ":pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:")

    def test_fields(self):
        """RFC 8941 section 3"""
        read = lambda text: borrow.FieldReader(text).dictionary()  # noqa: E731
        self.assertEqual(read('a=("x";req;key="b" "y"), b=:aGVsbG8=:;c=-5,d'),
                         {"a": ([("x", {"req": True, "key": "b"}), ("y", {})], {}), "b": (b"hello", {"c": -5}), "d": (True, {})})
        self.assertEqual(read('a="q\\"\\\\", a=?0'), {"a": (False, {})})
        self.assertEqual(read(""), {})
        for wrong in ("a=", "a=(", 'a=("x"', 'a=("x""y")', 'a="x', "a=:%:", "A=1", "a=1,", "a=1 b=2", "a=1.5", "a=?2", 'a="\x7f"', "a=;b", "a=1234567890123456"):
            with self.assertRaises(ValueError, msg=wrong):
                read(wrong)

    def test_key_of_a_certificate(self):
        public = bytes(range(32))
        element = lambda tag, *parts: bytes([tag, len(b"".join(parts))]) + b"".join(parts)  # noqa: E731
        spki = bytes.fromhex("302a300506032b6570032100") + public
        other = element(0x30, b"\x02\x01\x05")
        certificate = element(0x30, element(0x30, element(0xA0, b"\x02\x01\x02"), b"\x02\x01\x07", *[other] * 4, spki), other)
        self.assertEqual(borrow.key_of_certificate(certificate), public)
        self.assertIsNone(borrow.key_of_certificate(certificate.replace(b"\x2b\x65\x70", b"\x2b\x65\x71")))
        for size in range(len(certificate)):
            borrow.key_of_certificate(certificate[:size])  # raises nothing


class WithLender(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "borrower.jwk")
        self.key = borrow.Key()
        self.key.save(self.path)
        self.server = stand_in.Lender(self.key.public)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.lender = borrow.Lender(self.server.url, self.path, node=self.server.key.name)
        self.addCleanup(self.lender.close)


class Calls(WithLender):
    def test_calls_and_sessions(self):
        self.assertEqual([self.lender.call("math:add", i, 1) for i in range(4)], [1, 2, 3, 4])
        self.assertEqual([algorithm for _, _, algorithm in self.server.calls], ["ed25519"] + ["hmac-sha256"] * 3)
        self.assertEqual(self.lender.call("echo:all"), [])
        self.assertEqual(self.lender.call("echo:all", "Übung", None, {"a": [1.5, True]}), ["Übung", None, {"a": [1.5, True]}])
        self.assertEqual(self.lender.call("echo:all", 1, accept="text/plain"), b"[1]")
        self.assertEqual(self.lender.functions()["openapi"], "3.1.0")

    def test_a_session_that_is_lost_is_made_anew(self):
        for i in range(2):
            self.lender.call("math:add", i, i)
        self.server.sessions.clear()
        self.assertEqual(self.lender.call("math:add", 2, 2), 4)
        self.assertEqual(len(self.server.sessions), 1)

    def test_a_key_with_another_name(self):
        with self.assertRaises(borrow.Forged):
            borrow.Lender(self.server.url, self.key, node=borrow.Key().name).call("math:add", 1, 1)
        self.assertEqual(self.server.calls, [])

    def test_forged_answers(self):
        for function in ("bad:body", "bad:status", "bad:unsigned", "bad:other"):
            for _ in range(2):  # with the key, and in a session
                with self.assertRaises(borrow.Forged, msg=function):
                    self.lender.call(function)

    def test_refusals(self):
        with self.assertRaises(borrow.Refused) as caught:
            self.lender.call("os:cmd", "id")
        self.assertEqual((caught.exception.status, caught.exception.kind, caught.exception.verified), (403, "not-granted", True))
        with self.assertRaises(borrow.Refused) as caught:
            self.lender.call("bad:function")
        self.assertEqual((caught.exception.status, caught.exception.kind), (500, "exception"))
        with self.assertRaises(borrow.Refused) as caught:
            borrow.Lender(self.server.url, borrow.Key()).call("math:add", 1, 1)
        self.assertEqual((caught.exception.status, caught.exception.verified), (401, False))

    def test_the_same_request_twice(self):
        self.lender._node()
        request = borrow.Request(self.lender._signer, self.lender.node, "PUT", "/apply/math/add", b"[1,2]", {"content-type": "application/json"})
        self.assertEqual(self.lender._exchange(self.lender._signer, request), b"3")
        with self.assertRaises(borrow.Refused) as caught:
            self.lender._exchange(self.lender._signer, request)
        self.assertEqual(caught.exception.status, 409)

    def test_a_connection_that_was_closed_meanwhile(self):
        self.lender.call("math:add", 1, 1)
        self.lender._idle[0].sock.shutdown(2)
        self.assertEqual(self.lender.call("math:add", 1, 2), 3)

    def test_wrong_clocks(self):
        self.lender._node()
        now = time.time()
        for difference in (3600, -3600):
            with mock.patch.object(borrow.time, "time", lambda: now + difference):
                request = borrow.Request(self.lender._signer, self.lender.node, "PUT", "/apply/echo/all")
            with self.assertRaises(borrow.Refused) as caught:
                self.lender._exchange(self.lender._signer, request)
            self.assertEqual(caught.exception.kind, "clock")

    def test_casts_and_multicalls(self):
        for i in range(10):
            self.lender.cast("echo:all", i)
        self.lender.cast("os:cmd", "id")
        self.lender.flush()
        self.assertEqual([arguments for _, arguments, _ in self.server.calls[:10]], [[i] for i in range(10)])
        stranger = borrow.Lender(self.server.url, borrow.Key())
        good, bad = borrow.multicall([self.lender, stranger], "math:add", 2, 3)
        self.assertEqual(good, 5)
        self.assertEqual(bad.status, 401)


class Pids(WithLender):
    def test_messages(self):
        got, gone = queue.Queue(), queue.Queue()
        first, second = self.lender.pid(got.put), self.lender.pid(lambda m: got.put(("second", m)), gone.put)
        self.lender.call("chat:tell", first, {"text": "hi"})
        self.assertEqual(got.get(timeout=30), {"text": "hi"})
        self.lender.call("chat:tell", second, 1)
        self.assertEqual(got.get(timeout=30), ("second", 1))
        self.lender.call("chat:end", second)
        self.assertEqual(gone.get(timeout=30), "revoked")
        first.close()
        first.close()
        self.assertEqual(self.server.ended, [[self.lender.client, first.name]])

    def test_a_stream_that_breaks_is_resumed(self):
        got = queue.Queue()
        pid = self.lender.pid(got.put)
        self.lender.call("chat:tell", pid, 1)
        self.assertEqual(got.get(timeout=30), 1)
        self.server.stream(self.lender.client).put(("close", None))
        self.lender.call("chat:tell", pid, 2)
        self.assertEqual(got.get(timeout=30), 2)
        self.assertEqual(self.server.stream_requests, [None, "1"])

    def test_a_callback_that_raises(self):
        got = queue.Queue()
        bad, good = self.lender.pid(lambda message: 1 // message), self.lender.pid(got.put)
        with mock.patch("builtins.print"):
            self.lender.call("chat:tell", bad, 0)
            self.lender.call("chat:tell", good, 0)
            self.assertEqual(got.get(timeout=30), 0)


class CommandLine(WithLender):
    def run_program(self, *words):
        return subprocess.run([sys.executable, PROGRAM, *words], capture_output=True, text=True, timeout=60)

    def test_calls(self):
        ran = self.run_program(self.server.url, "math:add", "[1, 2]", "--key", self.path, "--node", self.server.key.name)
        self.assertEqual((ran.returncode, ran.stdout), (0, "3\n"), ran.stderr)
        ran = self.run_program(self.server.url + "#" + self.server.key.name, "echo:all", '["ä"]', "--key", self.path, "--text")
        self.assertEqual((ran.returncode, ran.stdout), (0, "['ä']\n"), ran.stderr)
        ran = self.run_program(self.server.url, "--key", self.path)
        self.assertEqual(json.loads(ran.stdout)["openapi"], "3.1.0")

    def test_mistakes(self):
        for words in (["os:cmd", '["id"]'], ["math:add", "{}"], ["math:add", "["], ["bad:body"]):
            ran = self.run_program(self.server.url, *words, "--key", self.path)
            self.assertEqual((ran.returncode, ran.stdout), (1, ""), words)
            self.assertTrue(ran.stderr.startswith("hanse_borrow: "), ran.stderr)
        self.assertEqual(self.run_program().returncode, 2)

    def test_new_keys(self):
        path = os.path.join(self.folder.name, "new.jwk")
        ran = self.run_program("--new-key", path)
        self.assertEqual(ran.stdout.split()[0], borrow.Key.of(path).name)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertNotEqual(self.run_program("--new-key", path).returncode, 0)


if __name__ == "__main__":
    unittest.main()
