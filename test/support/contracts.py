#!/usr/bin/env python3
"""Each pass of compiler/opt/passes.def begins with its contract, a line for each point: contracts.py ROOT"""
import pathlib
import re
import sys

POINTS = ("Does:  ", "Before:", "After: ", "Needs: ", "Cost:  ", "Tested by")
root = pathlib.Path(sys.argv[1])
names = re.findall(r"^PASS\((\w+),", (root / "compiler/opt/passes.def").read_text(encoding="utf-8"), re.MULTILINE)
problems = 0
for name in names:
    lines = (root / f"compiler/opt/{name}.cpp").read_text(encoding="utf-8").split("\n")
    head = lines[2:next(i for i, line in enumerate(lines) if line.startswith("#include"))]
    points = [line[3:] for line in head if not line.startswith("//         ")]  # the rest are set in below their point
    good = lines[:2] == [f"// {name}.cpp", "//"] and len(points) == len(POINTS) and all(map(str.startswith, points, POINTS))
    if not good or any(len(line) > 120 for line in head):
        print(f"compiler/opt/{name}.cpp: its contract is not of one line for each of {', '.join(point.strip() for point in POINTS)}")
        problems += 1
print(f"{len(names)} contracts, {problems} problems")
sys.exit(problems > 0 or not names)
