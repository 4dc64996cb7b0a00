"""The oracle: each tests/oracle/NAME.erl exports main/0, which prints what it finds out. Stock erl's output is right; it is
asked again whenever a program changes (the answers are kept under build/oracle, never in the repository)."""
import difflib
import hashlib
import json
import pathlib
import subprocess
import tempfile

from . import process


def command(vm, beams, module):
    return [str(vm), "-noshell", "-pa", str(beams), "-run", module, "main", "-s", "init", "stop"]


# Programs that run once more with every module translated to machine code as soon as it is loaded (suite `eager`); with
# --long all do.
EAGER = ("arity", "bits", "code", "deep_recursion", "error_reasons", "exit_in", "float", "funs", "guard", "let_it", "list_op", "map_pat",
         "number", "operators", "process_hib", "receive", "select", "stack", "tail", "trace", "try", "tuple")


def tasks(root, options, names, suite="oracle"):
    sources = sorted((root / "tests" / "oracle").glob("*.erl"))
    if suite == "eager" and not names and not options.long:
        sources = [s for s in sources if s.stem.startswith(EAGER)]
    sources = [s for s in sources if not names or s.stem in names]
    if not sources:
        return []
    beams = root / "build" / "oracle"
    beams.mkdir(parents=True, exist_ok=True)
    broken = compile_changed(sources, beams)
    chosen = []
    for source in sources:
        if source.stem in broken:
            result = process.Result(f"{suite}/{source.stem}", False, broken[source.stem])
            chosen.append((source.stem, lambda result=result: result))
        else:
            chosen.append((source.stem, lambda s=source: compare(s, beams, options, suite)))
    return chosen


def compile_changed(sources, beams):
    """With stock erlc. Returns the names that do not compile, and why."""
    broken = {}
    changed = []
    for source in sources:
        beam = beams / (source.stem + ".beam")
        if not beam.exists() or beam.stat().st_mtime < source.stat().st_mtime:
            changed.append(source)
    for start in range(0, len(changed), 20):
        batch = changed[start:start + 20]
        ran = subprocess.run(["erlc", "-o", str(beams), *map(str, batch)], capture_output=True, text=True)
        if ran.returncode == 0:
            continue
        for source in batch:
            one = subprocess.run(["erlc", "-o", str(beams), str(source)], capture_output=True, text=True)
            if one.returncode != 0:
                broken[source.stem] = one.stdout + one.stderr
    return broken


def run_program(words, limit, environment=None):
    """In an empty folder of its own: programs may leave files where they run."""
    with tempfile.TemporaryDirectory(prefix="hanse-oracle-") as folder:
        return process.run(words, limit, environment, cwd=folder)


def expected(source, beams, limit, fresh=False):
    key = hashlib.sha256((beams / (source.stem + ".beam")).read_bytes()).hexdigest()
    cache = beams / (source.stem + ".answer")
    if cache.exists() and not fresh:
        kept = json.loads(cache.read_text())
        if kept["key"] == key:
            return kept["status"], kept["output"]
    ran = run_program(command("erl", beams, source.stem), limit)
    if ran.status not in (124, 125):
        cache.write_text(json.dumps({"key": key, "status": ran.status, "output": ran.output}))
    return ran.status, ran.output


def compare(source, beams, options, suite):
    """Programs wait for what they expect, but a machine that is busy enough disturbs either side: a difference counts if it is
    there a second time, with stock asked again. It is told in any case. A crash or a hang counts at once: no load excuses it."""
    first, is_fault = attempt(source, beams, options, suite, fresh=False)
    if first.passed or is_fault:
        return first
    second, _ = attempt(source, beams, options, suite, fresh=True)
    if second.passed:
        second.detail = "equal at the second try; the first:\n" + first.detail
    return second


def attempt(source, beams, options, suite, fresh):
    """The result, and whether the program crashed or hung on Hanse."""
    name = f"{suite}/{source.stem}"
    limit = 300 if options.long else 150
    status, output = expected(source, beams, limit, fresh)
    if status != 0:
        return process.Result(name, False, f"stock erl ends with status {status}: mend the program\n{process.tail(output)}"), False
    ran = run_program(command(options.vm, beams, source.stem), limit, {"HANSE_JIT": "eager"} if suite == "eager" else None)
    if (ran.status, ran.output) == (status, output):
        return process.Result(name, True), False
    lines = difflib.unified_diff(output.splitlines(), ran.output.splitlines(), "stock", "hanse", lineterm="", n=1)
    difference = "\n".join(line[:400] for line in list(lines)[:40])
    detail = f"status {ran.status}, expected {status}\n{difference}\n{process.tail(ran.errors, 15)}"
    return process.Result(name, False, detail), ran.status < 0 or ran.status == 125
