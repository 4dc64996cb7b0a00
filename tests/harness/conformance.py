"""OTP's own test suites: the cases of tests/conformance/passed.txt (area, suite, case: a list that may only grow) must pass.
Neither the suites nor their runner are part of this repository; docs/conformance.md says how to provide them."""
import os
import pathlib

from . import process

RUNNER, SUITES = "HANSE_CONFORMANCE", "HANSE_CONFORMANCE_SUITES"


def listed(root):
    lines = (root / "tests" / "conformance" / "passed.txt").read_text().splitlines()
    return [tuple(line.split(" ", 2)) for line in lines if line and not line.startswith("#")]


def check(root, options, names):
    """One result for all: the run takes an hour, and its own runner says what became of each case."""
    for variable in (RUNNER, SUITES):
        if not pathlib.Path(os.environ.get(variable, "/nonexistent")).is_dir():
            return process.Result("conformance", None, f"{variable} names no folder; see docs/conformance.md")
    cases = [c for c in listed(root) if not names or c[1] in names]
    folder = pathlib.Path(os.environ[RUNNER])
    found = pathlib.Path(options.scratch) / "conformance.tsv"
    suites = " ".join(sorted({f"{area}/{suite}" for area, suite, _ in cases}))
    # -r: what fails is run once more.
    command = [str(folder / "run.sh"), "-d", os.environ[SUITES], "-o", str(found), "-s", suites, "-t", "150", "-T", "3000", "-r", str(options.vm)]
    ran = process.run(command, limit=4 * 3600)
    if not found.exists():
        return process.Result("conformance", False, ran.describe())
    outcomes = {}
    for line in found.read_text(errors="replace").splitlines():
        fields = line.split("\t")
        if len(fields) >= 4:
            outcomes[tuple(fields[:3])] = (fields[3], fields[5] if len(fields) > 5 else "")
    failed = [(case, outcomes.get(case, ("absent", ""))) for case in cases]
    failed = [(case, outcome) for case, outcome in failed if outcome[0] != "ok"]
    if failed:
        text = "\n".join(f"{' '.join(case)}: {result} {reason[:200]}" for case, (result, reason) in failed)
        return process.Result("conformance", False, f"{len(failed)} of {len(cases)} cases that passed before do not:\n{text}")
    more = sum(1 for case, (result, _) in outcomes.items() if result == "ok" and case not in set(cases))
    return process.Result("conformance", True, f"{len(cases)} cases" + (f"; {more} pass that are not listed" if more else ""))
