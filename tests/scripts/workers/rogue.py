"""A worker for bad days."""
import os
import signal
import subprocess
import sys
import threading
import time

import hanse


@hanse.function
def double(number):
    return 2 * number


@hanse.function
def echo(value):
    return value


@hanse.function
def pid():
    return os.getpid()


@hanse.function
def sleep(seconds):
    time.sleep(seconds)
    return hanse.Atom("slept")


@hanse.function
def never():
    while True:
        time.sleep(1000)


@hanse.function
def fail(text):
    raise ValueError(text.decode())


@hanse.function
def leave(status):
    print("the last words", file=sys.stderr)
    sys.stderr.flush()
    os._exit(status)


@hanse.function
def twice(number):
    """Answers once more, before and behind the pool's back."""
    worker = sys.modules["hanse.worker"]._worker
    frame = hanse.encode((hanse.Atom("r"), hanse.Opaque(b"b\x00\x00\x27\x0f"), number))
    worker._channel.write([frame])
    return number


@hanse.function
def rubbish():
    """To standard output, and to the channel."""
    print("rubbish on standard output", flush=True)
    os.system("echo rubbish of a child")
    return hanse.Atom("ok")


@hanse.function
def break_channel():
    os.write(4, b"this is no frame at all")
    time.sleep(1000)


@hanse.function
def close_channel():
    os.close(4)
    time.sleep(1000)


@hanse.function
def flood(megabytes):
    """To standard error."""
    line = b"x" * 1023 + b"\n"
    for _ in range(1024 * megabytes):
        os.write(2, line)
    return hanse.Atom("ok")


@hanse.function
def eat(megabytes):
    eaten = []
    for _ in range(megabytes):
        eaten.append(b"x" * (1 << 20))
    return len(eaten)


@hanse.function
def fork(daemons):
    """Children: in the group, and in sessions of their own."""
    children = [subprocess.Popen(["sleep", "1000"], start_new_session=daemon) for daemon in [False, True][:1 + daemons]]
    return [child.pid for child in children]


@hanse.function
def orphan():
    """A grandchild whose parent has ended, in a session of its own."""
    script = "setsid sleep 1000 >/dev/null 2>&1 & echo $!"
    return int(subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout)


@hanse.function
def ignore_term():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return os.getpid()


@hanse.function
def stay():
    """Does not end with its input."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os._exit = lambda status: time.sleep(1000)
    return os.getpid()


@hanse.function
def stop_reading():
    """A thread answers nothing any more, and nobody reads."""
    threading.Thread(target=lambda: time.sleep(1000)).start()
    time.sleep(1000)


@hanse.function
def environment():
    return {name: value for name, value in os.environ.items()}


@hanse.function
def descriptors():
    return sorted(int(name) for name in os.listdir("/proc/self/fd"))


@hanse.function
def session():
    return os.getpid() == os.getsid(0) == os.getpgid(0)


@hanse.function
def whoami():
    return [os.getuid(), os.getgid(), os.getgroups()]


@hanse.function
def where():
    return os.getcwd()


@hanse.function
def write(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("x")
    return hanse.Atom("ok")


@hanse.function
def write_much(path):
    with open(path, "wb") as file:
        file.write(b"x" * 100000)
    return os.path.getsize(path)


@hanse.function
def connect(port):
    import socket
    with socket.create_connection(("127.0.0.1", port), 5):
        return hanse.Atom("ok")


@hanse.function
def socket_of_child(family):
    import subprocess
    import sys
    program = f"import socket\ntry:\n  socket.socket(socket.{family.decode()}, socket.SOCK_DGRAM)\n  print('made')\nexcept OSError as e:\n  print(type(e).__name__)"
    return subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True).stdout.strip()


@hanse.function
def open_files(count):
    return len([open("/dev/null", "rb") for _ in range(count)])


@hanse.function
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return hanse.Atom("ok")


@hanse.function
def count(number):
    yield from range(number)


@hanse.function
def slow_count(number):
    for i in range(number):
        time.sleep(0.01)
        yield i


@hanse.function
def endless(path):
    try:
        number = 0
        while True:
            yield number
            number += 1
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(str(number))


@hanse.function
def back(module, name, *arguments):
    return hanse.call(module, name, *arguments)


@hanse.function
def say(text):
    print(text.decode(), flush=True)
    return hanse.Atom("ok")


@hanse.function
def atom(name):
    return hanse.Atom(name.decode())


if __name__ == "__main__":
    hanse.run()
