"""Functions that Erlang calls: a worker of one of Hanse's script pools.

    import hanse

    @hanse.function
    def double(number):
        return 2 * number

    hanse.run()
"""
from .terms import Atom, Bits, Chars, DecodeError, EncodeError, ImproperList, Opaque, decode, encode
from .worker import CallError, call, checkpoint, function, init, run, save, self_test

__all__ = ["Atom", "Bits", "CallError", "Chars", "DecodeError", "EncodeError", "ImproperList", "Opaque", "call", "checkpoint",
           "decode", "encode", "function", "init", "run", "save", "self_test"]
