"""The ledger of built-in functions: tests/ledger/bifs.tsv lists all that OTP 25.2.3 has (the facts: module, name, arity, and
in which order they are needed). What is still missing is in tests/ledger/missing.txt, a list that may only shrink."""
from . import process

OWN = ("hanse", "prim_gateway:", "prim_machine:", "prim_sqlite:")  # modules of lib/hanse


def check(root, options):
    folder = root / "tests" / "ledger"
    known, tiers = set(), {}
    for line in (folder / "bifs.tsv").read_text().splitlines()[1:]:
        tier, module, name, arity = line.split("\t")
        known.add(f"{module}:{name}/{arity}")
        tiers[f"{module}:{name}/{arity}"] = tier
    allowed = {line for line in (folder / "missing.txt").read_text().splitlines() if line and not line.startswith("#")}
    ran = process.run([str(options.vm), "--bif-list"], limit=60)
    if ran.status != 0:
        return process.Result("ledger", False, ran.describe())
    present = set(ran.output.split())
    missing = known - present
    problems = [f"{f} is gone; it was there before (tier {tiers[f]})" for f in sorted(missing - allowed)]
    problems += [f"{f} is in tests/ledger/missing.txt, but no built-in function of OTP" for f in sorted(allowed - known)]
    own = sorted(f for f in present - known if not f.startswith(OWN))
    problems += [f"{f} is no built-in function of OTP 25" for f in own]
    if problems:
        return process.Result("ledger", False, "\n".join(problems))
    found = f"{len(known & present)} of {len(known)} built-in functions"
    outdated = sorted(allowed & present)
    if outdated:
        found += f"; take out of tests/ledger/missing.txt: {', '.join(outdated)}"
    return process.Result("ledger", True, found)
