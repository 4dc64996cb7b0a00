"""What tests/oracle covers: every built-in function that Hanse has is called by some program, and every instruction is in the code
of one. Exceptions have a reason each, in tests/ledger/not_compared.txt and tests/ledger/not_emitted.txt: lists that may only shrink."""
import concurrent.futures
import hashlib
import re
import subprocess
import tempfile

from . import ledger as ledger_of_functions
from . import process


def reasons(path):
    """Lines `name  reason`; lines that begin with # are remarks."""
    rows = (line.split(None, 1) for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


def of_program(root, beams, name):
    """The lines that oracle_coverage.erl says of a program, kept until the program changes."""
    beam, kept = beams / f"{name}.beam", beams / f"{name}.coverage"
    tool = beams / "harness" / "oracle_coverage.beam"
    key = "key " + hashlib.sha256(beam.read_bytes() + tool.read_bytes()).hexdigest()
    if kept.exists() and kept.read_text().startswith(key):
        return kept.read_text().splitlines()
    result = beams / f"{name}.coverage.new"
    result.unlink(missing_ok=True)
    for _ in range(2):  # counting calls of everything is hard on programs that wait for something
        with tempfile.TemporaryDirectory(prefix="hanse-coverage-") as folder:  # programs may leave files where they run
            process.run(["erl", "-noshell", "-pa", str(tool.parent), "-pa", str(beams), "-run", "oracle_coverage", "main",
                         name, str(beam), str(root / "tests" / "ledger" / "bifs.tsv"), str(result)], limit=150, cwd=folder)
        if result.exists():
            break
    if not result.exists():
        return [f"{name} did not end"]
    kept.write_text(key + "\n" + result.read_text())
    result.unlink()
    return kept.read_text().splitlines()


def measure(root, jobs):
    """Built-in functions and instructions that the compiled programs use, and remarks about programs that do not end."""
    beams = root / "build" / "oracle"
    (beams / "harness").mkdir(parents=True, exist_ok=True)
    subprocess.run(["erlc", "-o", str(beams / "harness"), str(root / "tests" / "harness" / "oracle_coverage.erl")], check=True)
    names = sorted(source.stem for source in (root / "tests" / "oracle").glob("*.erl"))
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        answers = pool.map(lambda name: of_program(root, beams, name), names)
    bifs, instructions, remarks = set(), set(), []
    for answer in answers:
        for line in answer:
            if line.startswith("bif "):
                bifs.add(line[4:])
            elif line.startswith("instruction "):
                instructions.add(line[12:])
            elif not line.startswith("key "):
                remarks.append(line)
    return bifs, instructions, remarks


def check(root, options):
    bifs, instructions, problems = measure(root, options.jobs)
    ran = process.run([str(options.vm), "--bif-list"], limit=60)
    present = {bif for bif in ran.output.split() if not bif.startswith(ledger_of_functions.OWN)}
    opcodes = set(re.findall(r"^OPCODE\(\d+, (\w+),", (root / "src" / "code" / "opcodes.def").read_text(), re.M))
    ledger = root / "tests" / "ledger"
    counted = []
    for what, all_of_them, used, exceptions in [("built-in function", present, bifs, ledger / "not_compared.txt"),
                                                ("instruction", opcodes, instructions, ledger / "not_emitted.txt")]:
        excused = reasons(exceptions)
        problems += [f"{name}: a {what} that no program of tests/oracle uses" for name in sorted(all_of_them - used - excused.keys())]
        problems += [f"{name} is used: take it out of {exceptions.name}" for name in sorted(excused.keys() & used)]
        problems += [f"{name} in {exceptions.name} has no reason" for name, reason in sorted(excused.items()) if not reason]
        counted.append(f"{len(all_of_them & used)} of {len(all_of_them)} {what}s")
    return process.Result("coverage", not problems, "\n".join(problems) or "used by tests/oracle: " + ", ".join(counted))
