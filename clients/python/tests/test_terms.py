"""Erlang's external term format."""
import math
import random
import unittest
import zlib

import hanse
from hanse import Atom, Bits, Chars, DecodeError, EncodeError, ImproperList, Opaque, decode, encode

VALUES = [0, 255, 256, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**64, -2**2100, 1.5, -0.25, b"", b"text", b"\xff" * 70000, Atom("atom"),
          Atom("ä"), True, False, None, [], [1, [2]], [1, 2, 3], (), (1, (2,)), tuple(range(300)), {}, {Atom("a"): 1, 2: [b"x"]},
          ImproperList([1], 2), Bits(b"\xe0", 3)]


class TermsTest(unittest.TestCase):

    def test_round_trip(self):
        for value in VALUES:
            decoded = decode(encode(value))
            self.assertEqual(value, decoded)
            self.assertIs(type(value), type(decoded))

    def test_texts_become_binaries(self):
        self.assertEqual("hé".encode(), decode(encode("hé")))
        self.assertEqual(b"ab", decode(encode(bytearray(b"ab"))))

    def test_known_bytes(self):
        for data, value in {
                b"\x83a\x05": 5, b"\x83b\xff\xff\xff\xfe": -2, b"\x83d\x00\x02ok": Atom("ok"), b"\x83k\x00\x02AB": [65, 66],
                b"\x83h\x01j": ([],), b"\x83c1.50000000000000000000e+00\0\0\0\0\0": 1.5, b"\x83m\0\0\0\1x": b"x",
                b"\x83n\x01\x01\x07": -7, b"\x83s\x02ok": Atom("ok"), b"\x83d\x00\x01\xe4": Atom("ä"), b"\x83v\x00\x02\xc3\xa4": Atom("ä"),
        }.items():
            self.assertEqual(value, decode(data), data)

    def test_texts_of_erlang(self):
        chars = decode(b"\x83k\x00\x05a.png")
        self.assertIsInstance(chars, Chars)
        self.assertEqual("a.png", str(chars))
        self.assertEqual(b"\x83l\0\0\0\5aaa.apanagj", encode(chars))

    def test_opaque(self):
        for data in (b"\x83Xw\1n\0\0\0\1\0\0\0\2\0\0\0\3", b"\x83Z\0\2w\1n\0\0\0\1\0\0\0\2\0\0\0\3", b"\x83xw\1n\0\0\0\1\0\0\0\2\0\0\0\3",
                     b"\x83qw\1mw\1fa\2", b"\x83p\0\0\0\5x"):
            value = decode(data)
            self.assertIsInstance(value, Opaque)
            self.assertEqual(data, encode(value))

    def test_keys_of_all_kinds(self):
        for key in (b"\x6a", b"l\0\0\0\1a\1j", b"t\0\0\0\0", b"h\1j"):
            self.assertEqual([1], list(decode(b"\x83t\0\0\0\1" + key + b"a\1").values()))

    def test_compressed(self):
        term = encode(b"a" * 1000)[1:]
        self.assertEqual(b"a" * 1000, decode(b"\x83P" + len(term).to_bytes(4, "big") + zlib.compress(term)))
        with self.assertRaises(DecodeError):
            decode(b"\x83P" + (10).to_bytes(4, "big") + zlib.compress(b"x" * 1000000))
        with self.assertRaises(DecodeError):
            decode(b"\x83P\xff\xff\xff\xff" + zlib.compress(term))

    def test_every_cut_is_an_error(self):
        for value in VALUES:
            data = encode(value)
            for size in range(min(len(data), 300)):
                with self.assertRaises(DecodeError):
                    decode(data[:size])
            with self.assertRaises(DecodeError):
                decode(data + b"x")

    def test_sizes_are_checked(self):
        for data in (b"\x83l\xff\xff\xff\xff", b"\x83i\xff\xff\xff\xff", b"\x83m\xff\xff\xff\xff", b"\x83t\xff\xff\xff\xff",
                     b"\x83o\xff\xff\xff\xff\0", b"\x83" + b"l\0\0\0\1" * 100000, b"\x83\xff", b"\x82a\1", b""):
            with self.assertRaises(DecodeError):
                decode(data)

    def test_random_bytes(self):
        chance = random.Random(1)
        for _ in range(20000):
            data = b"\x83" + chance.randbytes(chance.randrange(40))
            try:
                decode(data)
            except DecodeError:
                pass

    def test_changed_bytes(self):
        chance = random.Random(2)
        data = bytearray(encode([(Atom("x"), {1: b"abc"}, [1.5, 2**70]), None] * 3))
        for _ in range(20000):
            changed = bytearray(data)
            changed[chance.randrange(len(changed))] = chance.randrange(256)
            try:
                decode(bytes(changed))
            except DecodeError:
                pass

    def test_values_that_erlang_does_not_have(self):
        nested = []
        for _ in range(100000):
            nested = [nested]
        for value in (math.nan, math.inf, object(), {1, 2}, 1j, Atom("a" * 256), nested):
            with self.assertRaises(EncodeError):
                encode(value)

    def test_subclasses(self):
        class Number(int):
            pass
        self.assertEqual(5, hanse.decode(hanse.encode(Number(5))))


if __name__ == "__main__":
    unittest.main()
