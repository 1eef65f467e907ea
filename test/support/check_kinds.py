"""Every diagnostic has a test: a row of diag/kinds/ without test/diag/<Kind>*.sb, or a test without a row, is an error.

test/diag/untested.txt names the few that no policy can give, each with the reason: `Kind: reason`.
"""
import pathlib
import sys

import golden

FOLDER = golden.ROOT / "test/diag"
MOST_UNTESTED = 8


def main():
    kinds = set(golden.kinds())
    tested = {path.stem.split("-")[0] for path in FOLDER.glob("*.sb")}
    excused = {}
    for line in (FOLDER / "untested.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            kind, _, reason = line.partition(":")
            excused[kind.strip()] = reason.strip()
    problems = [f"{kind} has no test/diag/{kind}.sb" for kind in sorted(kinds - tested - set(excused))]
    problems += [f"test/diag/{kind}*.sb tests no diagnostic" for kind in sorted(tested - kinds)]
    problems += [f"untested.txt: {kind} is no diagnostic" for kind in sorted(set(excused) - kinds)]
    problems += [f"untested.txt: {kind} has a test" for kind in sorted(set(excused) & tested)]
    problems += [f"untested.txt: {kind} has no reason" for kind, reason in sorted(excused.items()) if not reason]
    if len(excused) > MOST_UNTESTED:
        problems.append(f"untested.txt excuses {len(excused)} diagnostics; {MOST_UNTESTED} is the limit")
    print("\n".join(problems) or f"{len(kinds)} diagnostics, {len(tested)} tested")
    return 1 if problems or not kinds else 0


if __name__ == "__main__":
    sys.exit(main())
