#!/usr/bin/env python3
"""What `sbpc -E` promises, on every policy below the folders that compiles: the expanded text compiles to the same bytes without the file's
imports and parameters, for each policy and each family of ABIs, by the default optimiser and by none.

    expand_property.py --sbpc BINARY [--every N] FOLDER...

With --every it takes one of N files.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import golden


def run(sbpc, *arguments, cwd):
    return subprocess.run([sbpc, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


class Checker:
    def __init__(self, sbpc, scratch):
        self.sbpc, self.scratch, self.count, self.problems = sbpc, scratch, 0, []

    def split(self, path, folder, *options):
        """{NAME.ABI: (text, program)} of a policy file; empty if it does not compile."""
        folder.mkdir(parents=True, exist_ok=True)
        done = run(self.sbpc, "--split-output", "--no-prove", "--emit", "expanded,bpf", path.name, "-o", str(folder), *options, cwd=path.parent)
        if done.returncode != 0:
            return {}
        return {text.stem: (text.read_text(encoding="utf-8"), text.with_suffix(".bpf").read_bytes()) for text in folder.glob("*.expanded")}

    def check(self, path, index):
        for level in ("-O2", "-O0"):
            self.check_at(level, path, f"{index}{level}")

    def check_at(self, level, path, index):
        words = golden.directives(path).get("ARGS", "").split()
        options = [word for word in words if word.startswith(("-D", "-I", "--kernel=", "--min-kernel="))]
        versions = [word for word in options if word.startswith("--min-kernel")]
        for name, (text, program) in self.split(path, self.scratch / index, level, *options).items():
            self.count += 1
            again = self.scratch / f"{index}-{name}"
            again.mkdir()
            copy = again / "expanded.sb"
            copy.write_text(text, encoding="utf-8")
            target = name.split(".")[1]
            done = run(self.sbpc, "--no-prove", level, "expanded.sb", "--target", target, "-o", "out.bpf", *versions, cwd=again)
            if done.returncode != 0:
                self.problems.append(f"{path} {name} {level}: the expanded text does not compile:\n{done.stderr[:1500]}")
            elif (again / "out.bpf").read_bytes() != program:
                self.problems.append(f"{path} {name} {level}: other bytes: {len((again / 'out.bpf').read_bytes())} for {len(program)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True, type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sbpc-expand-") as scratch:
        checker = Checker(arguments.sbpc, pathlib.Path(scratch))
        paths = sorted(path for folder in arguments.folders for path in (folder.rglob("*.sb") if folder.is_dir() else [folder]))
        for index, path in enumerate(paths[::arguments.every]):
            checker.check(path.resolve(), index)
    print("\n".join(checker.problems))
    print(f"{checker.count} programs, {len(checker.problems)} wrong")
    return 1 if checker.problems or not checker.count else 0


if __name__ == "__main__":
    sys.exit(main())
