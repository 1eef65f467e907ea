#!/usr/bin/env python3
"""Walks the standard library: every rule set of every module, alone in a policy, on every ABI.

    walk.py --sbpc BINARY check      each set for all ABIs: no error, no warning (a rule that never decides is one), documented; each module tested
    walk.py --sbpc BINARY compile    each module, all safe sets in one policy, compiled and proved for each ABI
    walk.py --sbpc BINARY all        each set, for all ABIs, at each -O level but for -O3, and one in six at that: compiled and proved
    walk.py --sbpc BINARY gaps       each set for x86_64 and aarch64 at -O3: where numbers make 30 intervals or more, how near the search is to the best one

The sets are found in stdlib/*.sb, and used as `std.MODULE`: so the test also sees that the modules are embedded.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What stands for a parameter without a default, by its type.
VALUES = {"fd": "7", "denial": "errno(EPERM)", "bool": "true", "{socket.domain}": "{ AF_INET, AF_UNIX }",
          "{capability}": "{ CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_PERFMON }"}
LEVELS = ("0", "1", "2", "3", "s")
FAMILIES = 14  # of ABIs that share their machine's kernels: as many programs are written for all ABIs
# Lints about a rule set's own text. The others are about whole policies, which a single set is not.
OWN_LINTS = {"undecided", "never-decides", "no-effect", "always-true", "always-false", "repeats", "errno-zero", "useless-unsafe"}
RULES = re.compile(r"^(unsafe )?rules (\w+)(?:\((.*?)\))? \{", re.MULTILINE | re.DOTALL)


class RuleSet:
    def __init__(self, module, match, text):
        self.module, self.unsafe, self.name = module, bool(match[1]), match[2]
        self.formals = [part.split(": ", 1) for part in re.split(r",\s+(?=\w+: )", match[3] or "") if part]
        comment = re.search(r"(?:^///.*\n)*\Z", text[:match.start()], re.MULTILINE)[0]
        # Who uses it, and why it is safe, or that it is not; what it grants is the first sentence.
        self.documented = bool(re.search(r"\bWho:", comment)) and bool(re.search(r"\b[Ss]afe\b|\bUnsafe\b", comment))

    def use(self, widest=False):
        """`use` with what is needed, or with every bool on and other capabilities as well."""
        given = [f"{name}: {VALUES[kind.split(' = ')[0]]}" for name, kind in self.formals
                 if " = " not in kind or widest and kind.startswith(("bool", "{capability}"))]
        return f"use {'unsafe ' if self.unsafe else ''}{self.module}.{self.name}{'(' + ', '.join(given) + ')' if given else ''};"


def modules():
    for path in sorted((ROOT / "stdlib").glob("*.sb")):
        text = path.read_text(encoding="utf-8")
        sets = [RuleSet(path.stem, match, text) for match in RULES.finditer(text)]
        assert len(sets) == len(re.findall(r"^(?:unsafe )?rules ", text, re.MULTILINE)), f"{path}: a rule set that walk.py can't read"
        yield path.stem, sets


def policy(name, uses, abis):
    return f"policy {name} on {', '.join(abis)} {{ default kill_process; kernel 7.2; {' '.join(uses)} }}\n"


class Walk:
    def __init__(self, sbpc, scratch):
        self.sbpc, self.scratch = sbpc, pathlib.Path(scratch)
        printed = subprocess.run([sbpc, "--print", "abis"], capture_output=True, text=True, check=True).stdout
        self.abis = [line.split()[0] for line in printed.splitlines() if line.strip()]
        printed = subprocess.run([sbpc, "--print", "lints"], capture_output=True, text=True, check=True).stdout
        lints = {line.split()[0] for line in printed.splitlines() if " warning " in line}
        assert OWN_LINTS <= lints, OWN_LINTS - lints
        self.silent = [f"-Wno-{lint}" for lint in sorted(lints - OWN_LINTS)]
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1)
        self.failures, self.runs = [], 0

    def run(self, label, command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return label, done.returncode, done.stdout + done.stderr

    def collect(self, jobs):
        for job in concurrent.futures.as_completed(jobs):
            label, code, output = job.result()
            self.runs += 1
            if code != 0 or output.strip():
                self.failures.append(f"{label}: exit {code}\n{output}")

    def file(self, name, text):
        path = self.scratch / f"{name}.sb"
        path.write_text(text, encoding="utf-8")
        return path

    def check(self):
        jobs = []
        tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "test/stdlib").iterdir() if path.suffix in (".sb", ".py"))
        for module, sets in modules():
            if f"import std.{module};" not in tests:
                self.failures.append(f"std.{module}: no test in test/stdlib imports it")
            for entry in sets:
                if not entry.documented:
                    self.failures.append(f"std.{module}.{entry.name}: its /// comment must say `Who:` uses it, and why it is safe or unsafe")
                text = f"import std.{module};\n" + policy("least", [entry.use()], self.abis) + policy("widest", [entry.use(True)], self.abis)
                path = self.file(f"{module}-{entry.name}", text)
                jobs.append(self.pool.submit(self.run, f"std.{module}.{entry.name}", [self.sbpc, "check", *self.silent, "-Werror", str(path)]))
        self.collect(jobs)

    def compile_modules(self):
        jobs = []
        for module, sets in modules():
            uses = [entry.use() for entry in sets if not entry.unsafe] or [sets[0].use()] if sets else []
            path = self.file(module, f"import std.{module};\n" + "".join(policy(abi, uses, [abi]) for abi in self.abis))
            jobs += [self.pool.submit(self.run, f"std.{module} on {abi}",
                                      [self.sbpc, str(path), "--policy", abi, *self.silent, "-O1", "-o", str(path.with_suffix(f".{abi}.bpf"))])
                     for abi in self.abis]
        self.collect(jobs)

    def compile_sets(self):
        jobs = []
        every = [(module, entry) for module, sets in modules() for entry in sets]
        for index, (module, entry) in enumerate(every):
            path = self.file(f"{module}-{entry.name}", f"import std.{module};\n{policy('p', [entry.use(True)], self.abis)}")
            # -O3 takes ten times what the others take together, and `gaps` has all sets of it on two ABIs: one set in six here.
            levels = [level for level in LEVELS if level != "3" or index % 6 == 0]
            jobs += [self.pool.submit(self.compile_families, f"std.{module}.{entry.name} -O{level}", path, level) for level in levels]
        self.collect(jobs)

    def compile_families(self, label, path, level):
        """All ABIs in one run, a program for each family of them; what is not proved is not written."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            label, code, output = self.run(label, [self.sbpc, str(path), *self.silent, f"-O{level}", "--split-output", "-o", folder])
            written = sorted(os.listdir(folder))
            if len(written) != FAMILIES:
                output += f"{len(written)} programs are written instead of {FAMILIES}: {written}"
            return label, code, output

    def gaps(self):
        jobs = []
        for module, sets in modules():
            for entry in sets:
                for abi in ("x86_64", "aarch64"):
                    path = self.file(f"{module}-{entry.name}-{abi}", f"import std.{module};\n" + policy("p", [entry.use(True)], [abi]))
                    command = [sys.executable, str(ROOT / "bench/gap.py"), self.sbpc, "--intervals", "30", "--quiet", str(path)]
                    jobs.append(self.pool.submit(self.run, f"std.{module}.{entry.name} on {abi}", command))
        self.collect(jobs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("what", choices=("check", "compile", "all", "gaps"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sbpc-walk-") as scratch:
        walk = Walk(arguments.sbpc, scratch)
        {"check": walk.check, "compile": walk.compile_modules, "all": walk.compile_sets, "gaps": walk.gaps}[arguments.what]()
    print("\n".join(walk.failures[:40]), file=sys.stderr)
    count = sum(len(sets) for _, sets in modules())
    print(f"{count} rule sets, {len(walk.abis)} ABIs, {walk.runs} runs, {len(walk.failures)} failures")
    return 1 if walk.failures or walk.runs == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
