"""Erlang's external term format (the chapter of that name in the documentation of erts).

    Erlang            Python
    integer, float    int, float
    true, false       True, False
    undefined         None
    other atoms       Atom, a str
    binary            bytes (a str is encoded as one, in UTF-8)
    bitstring         Bits
    list              list; Chars if Erlang sent it as text
    improper list     ImproperList
    tuple, map        tuple, dict
    pid, port, reference, fun    Opaque: can be sent back, nothing else

Decoding builds these values and nothing else. Whatever the bytes are, it either answers or raises DecodeError; sizes are checked before
memory is taken for them.
"""
from __future__ import annotations

import struct
import zlib
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

MAX_DEPTH = 200
MAX_INFLATED_BYTES = 256 << 20


class DecodeError(ValueError):
    """These bytes are no external term."""


class EncodeError(TypeError):
    """Erlang has no such value."""


class Atom(str):
    """A name; at most 255 characters."""
    __slots__ = ()

    def __repr__(self) -> str:
        return f"Atom({str.__repr__(self)})"


class Chars(list):
    """A list of small numbers that may be meant as text, as "abc" in Erlang. It is a list; str() makes it text, and functions that
    take a path take it."""

    def __str__(self) -> str:
        return bytes(self).decode("latin-1")

    def __fspath__(self) -> str:
        return str(self)


class ImproperList(NamedTuple):
    """[a, b | tail]"""
    elements: List[Any]
    tail: Any


class Bits(NamedTuple):
    """A binary whose last byte has only `last` bits, the high ones."""
    data: bytes
    last: int


class Opaque(NamedTuple):
    """A pid, port, reference or fun as it came."""
    data: bytes


_SINGULAR = {"true": True, "false": False, "undefined": None}
_u16 = struct.Struct(">H").unpack_from
_u32 = struct.Struct(">I").unpack_from
_i32 = struct.Struct(">i").unpack_from
_f64 = struct.Struct(">d").unpack_from
_pack_u16 = struct.Struct(">H").pack
_pack_u32 = struct.Struct(">I").pack
_pack_small_list = struct.Struct(">BI").pack
_pack_i32 = struct.Struct(">Bi").pack
_pack_f64 = struct.Struct(">Bd").pack

# Names that come again and again are made once. Bounded: the other side chooses the names.
_atoms: Dict[bytes, Any] = {}


def _atom(name: bytes, encoding: str) -> Any:
    found = _atoms.get(name, _atoms)
    if found is not _atoms:
        return found
    text = name.decode(encoding)
    value = _SINGULAR.get(text, _atoms)
    if value is _atoms:
        value = Atom(text)
    if encoding == "utf-8" or name.isascii():
        if len(_atoms) > 4096:
            _atoms.clear()
        _atoms[name] = value
    return value


# A decoder takes the bytes, the position behind the tag and the depth; it answers the value and the position behind it.
_Decoded = Tuple[Any, int]


def _small_integer(data: bytes, at: int, depth: int) -> _Decoded:
    return data[at], at + 1


def _integer(data: bytes, at: int, depth: int) -> _Decoded:
    return _i32(data, at)[0], at + 4


def _new_float(data: bytes, at: int, depth: int) -> _Decoded:
    return _f64(data, at)[0], at + 8


def _old_float(data: bytes, at: int, depth: int) -> _Decoded:
    return float(_take(data, at, 31).rstrip(b"\0")), at + 31


def _take(data: bytes, at: int, size: int) -> bytes:
    taken = bytes(data[at:at + size])  # what is decoded keeps no part of a view; bytes are not copied again
    if len(taken) != size:
        raise DecodeError(f"expected {size} bytes, there are {len(taken)}")
    return taken


def _atom_utf8_small(data: bytes, at: int, depth: int) -> _Decoded:
    end = at + 1 + data[at]
    return _atom(_take(data, at + 1, data[at]), "utf-8"), end


def _atom_utf8(data: bytes, at: int, depth: int) -> _Decoded:
    size = _u16(data, at)[0]
    return _atom(_take(data, at + 2, size), "utf-8"), at + 2 + size


def _atom_latin1_small(data: bytes, at: int, depth: int) -> _Decoded:
    return _atom(_take(data, at + 1, data[at]), "latin-1"), at + 1 + data[at]


def _atom_latin1(data: bytes, at: int, depth: int) -> _Decoded:
    size = _u16(data, at)[0]
    return _atom(_take(data, at + 2, size), "latin-1"), at + 2 + size


def _binary(data: bytes, at: int, depth: int) -> _Decoded:
    size = _u32(data, at)[0]
    return _take(data, at + 4, size), at + 4 + size


def _bits(data: bytes, at: int, depth: int) -> _Decoded:
    size, last = _u32(data, at)[0], data[at + 4]
    return Bits(_take(data, at + 5, size), last), at + 5 + size


def _string(data: bytes, at: int, depth: int) -> _Decoded:
    size = _u16(data, at)[0]
    return Chars(_take(data, at + 2, size)), at + 2 + size


def _nil(data: bytes, at: int, depth: int) -> _Decoded:
    return [], at


def _elements(data: bytes, at: int, count: int, depth: int) -> Tuple[List[Any], int]:
    if count > len(data) - at:
        raise DecodeError(f"{count} elements in {len(data) - at} bytes")
    if depth > MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH}")
    elements = []
    add = elements.append
    decoders = _DECODERS
    for _ in range(count):
        value, at = decoders[data[at]](data, at + 1, depth + 1)
        add(value)
    return elements, at


def _list(data: bytes, at: int, depth: int) -> _Decoded:
    elements, at = _elements(data, at + 4, _u32(data, at)[0], depth)
    if data[at] == 106:
        return elements, at + 1
    tail, at = _DECODERS[data[at]](data, at + 1, depth + 1)
    return ImproperList(elements, tail), at


def _small_tuple(data: bytes, at: int, depth: int) -> _Decoded:
    elements, at = _elements(data, at + 1, data[at], depth)
    return tuple(elements), at


def _large_tuple(data: bytes, at: int, depth: int) -> _Decoded:
    elements, at = _elements(data, at + 4, _u32(data, at)[0], depth)
    return tuple(elements), at


def _map(data: bytes, at: int, depth: int) -> _Decoded:
    elements, at = _elements(data, at + 4, 2 * _u32(data, at)[0], depth)
    return {_hashable(key): value for key, value in zip(elements[::2], elements[1::2])}, at


def _hashable(value: Any) -> Any:
    """Lists and maps may be keys in Erlang."""
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    if isinstance(value, dict):
        return tuple((key, _hashable(content)) for key, content in value.items())
    if isinstance(value, ImproperList):
        return (tuple(map(_hashable, value.elements)), _hashable(value.tail))
    if type(value) is tuple:
        return tuple(map(_hashable, value))
    return value


def _small_big(data: bytes, at: int, depth: int) -> _Decoded:
    return _big(data, at + 2, data[at], data[at + 1])


def _large_big(data: bytes, at: int, depth: int) -> _Decoded:
    return _big(data, at + 5, _u32(data, at)[0], data[at + 4])


def _big(data: bytes, at: int, size: int, sign: int) -> _Decoded:
    number = int.from_bytes(_take(data, at, size), "little")
    return -number if sign else number, at + size


def _opaque(after_atom: int) -> Callable[[bytes, int, int], _Decoded]:
    """An atom, then so many bytes."""
    def decoder(data: bytes, at: int, depth: int) -> _Decoded:
        _, end = _DECODERS[data[at]](data, at + 1, depth + 1)
        return Opaque(_take(data, at - 1, end + after_atom - at + 1)), end + after_atom
    return decoder


def _reference(creation: int) -> Callable[[bytes, int, int], _Decoded]:
    def decoder(data: bytes, at: int, depth: int) -> _Decoded:
        _, end = _DECODERS[data[at + 2]](data, at + 3, depth + 1)
        end += creation + 4 * _u16(data, at)[0]
        return Opaque(_take(data, at - 1, end - at + 1)), end
    return decoder


def _new_fun(data: bytes, at: int, depth: int) -> _Decoded:
    end = at + _u32(data, at)[0]
    return Opaque(_take(data, at - 1, end - at + 1)), end


def _export(data: bytes, at: int, depth: int) -> _Decoded:
    end = at
    for _ in range(3):
        _, end = _DECODERS[data[end]](data, end + 1, depth + 1)
    return Opaque(_take(data, at - 1, end - at + 1)), end


def _unknown(data: bytes, at: int, depth: int) -> _Decoded:
    raise DecodeError(f"unknown tag {data[at - 1]} at {at - 1}")


_DECODERS: List[Callable[[bytes, int, int], _Decoded]] = [_unknown] * 256
for _tag, _decoder in {
        70: _new_float, 77: _bits, 88: _opaque(12), 89: _opaque(8), 90: _reference(4), 97: _small_integer, 98: _integer,
        99: _old_float, 100: _atom_latin1, 102: _opaque(5), 103: _opaque(9), 104: _small_tuple, 105: _large_tuple, 106: _nil,
        107: _string, 108: _list, 109: _binary, 110: _small_big, 111: _large_big, 112: _new_fun, 113: _export,
        114: _reference(1), 115: _atom_latin1_small, 116: _map, 118: _atom_utf8, 119: _atom_utf8_small, 120: _opaque(12),
}.items():
    _DECODERS[_tag] = _decoder


def decode_at(data: bytes, at: int) -> _Decoded:
    """The term that begins at a position, without the version byte, and the position behind it."""
    try:
        return _DECODERS[data[at]](data, at + 1, 0)
    except DecodeError:
        raise
    except (IndexError, struct.error) as error:
        raise DecodeError("the term ends too early") from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise DecodeError(str(error)) from error


def decode(data: bytes) -> Any:
    """The value of a whole external term, with its version byte (131)."""
    if data[:1] != b"\x83":
        raise DecodeError("an external term starts with 131")
    at = 1
    if data[1:2] == b"P":
        data, at = _inflate(data), 0
    value, end = decode_at(data, at)
    if end != len(data):
        raise DecodeError(f"{len(data) - end} bytes behind the term")
    return value


def _inflate(data: bytes) -> bytes:
    if len(data) < 6:
        raise DecodeError("the term ends too early")
    size = _u32(data, 2)[0]
    if size > MAX_INFLATED_BYTES:
        raise DecodeError(f"a compressed term of {size} bytes; the limit is {MAX_INFLATED_BYTES}")
    try:
        inflated = zlib.decompressobj().decompress(data[6:], size + 1)
    except zlib.error as error:
        raise DecodeError(str(error)) from error
    if len(inflated) != size:
        raise DecodeError("a compressed term of another size than it says")
    return inflated


# An encoder takes a value and a function that takes bytes.
_Add = Callable[[bytes], Any]


def _encode_int(value: int, add: _Add) -> None:
    if 0 <= value < 256:
        add(_SMALL[value])
    elif -0x80000000 <= value < 0x80000000:
        add(_pack_i32(98, value))
    else:
        size = (value.bit_length() + 7) // 8
        sign = b"\1" if value < 0 else b"\0"
        add((b"n" + bytes((size,)) if size < 256 else b"o" + _pack_u32(size)) + sign + abs(value).to_bytes(size, "little"))


def _encode_str(value: str, add: _Add) -> None:
    _encode_bytes(value.encode("utf-8", "surrogateescape"), add)


def _encode_bytes(value: Any, add: _Add) -> None:
    add(_pack_small_list(109, len(value)))
    add(value)


def _encode_atom(value: str, add: _Add) -> None:
    name = value.encode("utf-8")
    if len(value) > 255:
        raise EncodeError(f"an atom of {len(value)} characters; 255 are the limit")
    add(b"w" + bytes((len(name),)) + name if len(name) < 256 else b"v" + _pack_u16(len(name)) + name)


def _encode_float(value: float, add: _Add) -> None:
    if value - value != 0.0:
        raise EncodeError(f"Erlang has no {value}")
    add(_pack_f64(70, value))


def _encode_list(value: Any, add: _Add) -> None:
    if value:
        add(_pack_small_list(108, len(value)))
        for element in value:
            _encode(element, add)
    add(b"j")


def _encode_tuple(value: Tuple[Any, ...], add: _Add) -> None:
    add(bytes((104, len(value))) if len(value) < 256 else _pack_small_list(105, len(value)))
    for element in value:
        _encode(element, add)


def _encode_dict(value: Dict[Any, Any], add: _Add) -> None:
    add(_pack_small_list(116, len(value)))
    for key, content in value.items():
        _encode(key, add)
        _encode(content, add)


def _encode_improper(value: ImproperList, add: _Add) -> None:
    add(_pack_small_list(108, len(value.elements)))
    for element in value.elements:
        _encode(element, add)
    _encode(value.tail, add)


def _encode_bits(value: Bits, add: _Add) -> None:
    add(b"M" + _pack_u32(len(value.data)) + bytes((value.last,)) + value.data)


_SMALL = [bytes((97, number)) for number in range(256)]
_ENCODERS: Dict[type, Callable[[Any, _Add], Any]] = {
    int: _encode_int, str: _encode_str, bytes: _encode_bytes, bytearray: _encode_bytes, float: _encode_float, list: _encode_list,
    Chars: _encode_list, tuple: _encode_tuple, dict: _encode_dict, Atom: _encode_atom, ImproperList: _encode_improper,
    Bits: _encode_bits, Opaque: lambda value, add: add(value.data), memoryview: lambda value, add: _encode_bytes(bytes(value), add),
    type(None): lambda value, add: add(b"w\x09undefined"), bool: lambda value, add: add(b"w\4true" if value else b"w\5false"),
}


def _encode(value: Any, add: _Add) -> None:
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        for base in (Atom, str, int, float, bytes, dict, list, tuple):
            if isinstance(value, base):
                encoder = _ENCODERS[base]
                break
        else:
            raise EncodeError(f"a value of type {type(value).__name__} has no counterpart in Erlang")
    encoder(value, add)


def encode_into(value: Any, add: _Add) -> None:
    """The term without the version byte, in pieces."""
    try:
        _encode(value, add)
    except RecursionError as error:
        raise EncodeError("nested too deeply") from error


def encode(value: Any) -> bytes:
    """A whole external term, with its version byte."""
    pieces: List[bytes] = [b"\x83"]
    encode_into(value, pieces.append)
    return b"".join(pieces)
