"""The worker of the benchmark; with the argument `port`, a loop as one writes it by hand for a port with {packet,4}."""
import sys

import hanse
from hanse import terms


@hanse.function
def double(number):
    return 2 * number


@hanse.function
def size(data):
    return len(data)


@hanse.function
def echo(data):
    return data


def by_hand():
    source, target = sys.stdin.buffer, sys.stdout.buffer
    functions = {"double": double, "size": size, "echo": echo}
    while True:
        head = source.read(4)
        if len(head) < 4:
            return
        number, name, argument = terms.decode(source.read(int.from_bytes(head, "big")))
        answer = terms.encode((number, functions[name](argument)))
        target.write(len(answer).to_bytes(4, "big") + answer)
        target.flush()


if sys.argv[1:] == ["port"]:
    by_hand()
else:
    hanse.run()
