#!/usr/bin/env python3
"""A new pass of the optimiser: its row in passes.def, its file with the contract to fill in, and a first test.

    new_pass.py NAME [--root DIR]

The pass does nothing yet: it builds, and test/opt/NAME/ passes. Write the test that fails first.
"""
import argparse
import pathlib
import re
import sys

ROW = 'PASS({name},{pad}0, 0, 0, 0, "TODO: what holds afterwards")\n'
SOURCE = """// {name}.cpp
//
// Does:   TODO
// Before: TODO: a line of IR
// After:  TODO
// Needs:  TODO: what of the program, or nothing. Keeps: TODO
// Cost:   TODO
// Tested by test/opt/{name}/ and test/unit/opt/pipeline_test.cpp
#include "opt/pass.h"

namespace sbpc::opt {{

bool {name}(ir::Program&, const PassContext&) {{ return false; }}

}}  // namespace sbpc::opt
"""
TEST = """# TODO: one idea in a sentence; the file is named after it.
# RUN: %sbpc ir-opt %s --passes={name} | FileCheck %s
program p little
foreign kill_process
function f0: allow
function f1: errno(1)
section 0xc000003e x86_64:
  0..2: f0
  3..0xffffffff: f1
# CHECK: 0..2: f0
# CHECK-NEXT: 3..0xffffffff: f1
"""
WIDTH = 27  # of `PASS(name,` in passes.def


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[1])
    options = parser.parse_args()
    name, root = options.name, options.root
    if not re.fullmatch(r"[a-z][a-z_]*[a-z]", name):
        sys.exit("new_pass: a pass is called by a verb and what it works on, as in merge_ranges")
    table = root / "compiler/opt/passes.def"
    rows = table.read_text(encoding="utf-8")
    if re.search(rf"^PASS\({name},", rows, re.MULTILINE) or (root / f"compiler/opt/{name}.cpp").exists():
        sys.exit(f"new_pass: there is a {name} already")
    row = ROW.format(name=name, pad=" " * max(1, WIDTH - len(f"PASS({name},")))
    table.write_text(rows.replace("#undef PASS", row + "#undef PASS"), encoding="utf-8")
    written = {f"compiler/opt/{name}.cpp": SOURCE, f"test/opt/{name}/keeps_numbers.ir": TEST}
    for path, text in written.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text.format(name=name), encoding="utf-8")
    print("wrote", *written, "and a row at the end of compiler/opt/passes.def: move it to its place")


if __name__ == "__main__":
    main()
