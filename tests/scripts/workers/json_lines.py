"""A worker without any library: lines of JSON."""
import json
import os
import sys


def tell(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def fail(text):
    raise ValueError(text)


def count(number):
    for item in range(number):
        tell({"id": current, "item": item})


def back(name, *arguments):
    tell({"id": 1, "call": name, "args": arguments})
    answer = json.loads(sys.stdin.readline())
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer["result"]


FUNCTIONS = {"echo": lambda value: value, "fail": fail, "say": print, "leave": os._exit, "count": count, "back": back}

tell({"ready": True})
for line in sys.stdin:
    call = json.loads(line)
    if "function" not in call:
        continue
    current = call["id"]
    try:
        answer = {"id": current, "result": FUNCTIONS[call["function"]](*call["args"])}
    except Exception as error:
        answer = {"id": current, "error": f"{type(error).__name__}: {error}"}
    tell(answer)
