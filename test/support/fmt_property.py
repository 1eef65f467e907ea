#!/usr/bin/env python3
"""What `sbpc fmt` promises, on every policy below the folders: formatting twice is formatting once, the tree and the
program stay the same, a file with a syntax error is refused and left as it was.

    fmt_property.py --sbpc BINARY [--every N] FOLDER...

With --every it takes one of N files.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile


def run(*command, stdin=None):
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


class Checker:
    def __init__(self, sbpc, scratch):
        self.sbpc, self.out = sbpc, scratch / "out.bpf"
        self.refused = self.formatted = self.compiled = 0
        self.problems = []

    def bytes_of(self, path):
        """The program of a policy, None if there is none."""
        done = run(self.sbpc, "--no-prove", "-O0", path, "-o", self.out)
        return self.out.read_bytes() if done.returncode == 0 else None

    def tree_of(self, path):
        """The policy as written; None if an import is missing."""
        done = run(self.sbpc, "--emit", "ast", path)
        return done.stdout if done.returncode == 0 else None

    def check(self, path):
        text = path.read_bytes()
        once = run(self.sbpc, "fmt", "-", stdin=text)
        if once.returncode != 0:
            self.refused += 1
            if once.returncode != 1 or once.stdout or b"SB" not in once.stderr:
                self.problems.append(f"{path}: exit {once.returncode} {once.stderr[:300]}")
            return
        self.formatted += 1
        twice = run(self.sbpc, "fmt", "-", stdin=once.stdout)
        if twice.stdout != once.stdout:
            self.problems.append(f"{path}: formatting again changes it")
        self.compare(path, text, once.stdout)

    def compare(self, path, text, formatted):
        program, tree = self.bytes_of(path), self.tree_of(path)
        self.compiled += program is not None
        copy = path.with_name(f".{path.stem}.formatted.sb")  # beside it, for its imports
        try:
            copy.write_bytes(formatted)
            if self.bytes_of(copy) != program:
                self.problems.append(f"{path}: other bytes after formatting")
            if self.tree_of(copy) != tree:
                self.problems.append(f"{path}: another tree after formatting")
        finally:
            copy.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sbpc-fmt-") as scratch:
        checker = Checker(arguments.sbpc, pathlib.Path(scratch))
        for index, folder in enumerate(arguments.folders):
            # A copy of the folder: formatted files lie beside the others, where other tests must not come upon them.
            copy = pathlib.Path(scratch) / str(index) / folder.name
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("node_modules", "Output"))
            for path in sorted(copy.rglob("*.sb"))[::arguments.every]:
                checker.check(path)
    print("\n".join(checker.problems))
    print(f"{checker.formatted} formatted, {checker.compiled} of them compiled, {checker.refused} refused, {len(checker.problems)} wrong")
    return 1 if checker.problems or not checker.compiled else 0


if __name__ == "__main__":
    sys.exit(main())
