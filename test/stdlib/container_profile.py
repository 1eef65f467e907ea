#!/usr/bin/env python3
"""Compares std.docker.profile or std.podman.profile with the JSON profile that it stands for.

    container_profile.py --sbpc BINARY docker|podman PROFILE.json

The JSON is resolved as the container engines do it (includes, excludes, capabilities, architecture, kernel) and answered as
libseccomp does: a rule without arguments beats those with, of equal ones the first counts. Compared for each capability alone, none,
all, and the engine's defaults; on every host family of the profile's archMap; for every number of the tables, the numbers between
them, and boundary values of each argument that a rule looks at. Nothing may differ but what is known:

    width    the profile compares 64 bits of an argument of which the kernel takes 32 (socket's family, personality's value)
    legacy   x86_64's numbers 512 to 547 are foreign to SB; they are left out
    mips     the profile's 38 for clone3 is ENOSYS on most ABIs, but not on MIPS, where the module says 89, MIPS's ENOSYS
"""
import argparse
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))
import bpf  # noqa: E402

# The host's ABIs, the Go-ish name that `arches` of an entry uses, the profile's default.
HOSTS = {"x86_64": (["x86_64", "i386", "x32"], "amd64"), "aarch64": (["aarch64", "arm"], "arm64"), "s390x": (["s390x", "s390"], "s390x"),
         "mips64": (["mips64", "mips", "mips64n32"], "mips64"), "riscv64": (["riscv64"], "riscv64"),
         "loongarch64": (["loongarch64"], "loong64"), "ppc64le": (["ppc64le"], "ppc64le")}
DEFAULT_ERRNO = {"docker": 1, "podman": 38}
KERNEL = (6, 12)
COLUMN = {"mips": "mips_o32", "mips64": "mips_n64", "mips64n32": "mips_n32"}
COMPARE = {"SCMP_CMP_EQ": lambda a, v, w: a == v, "SCMP_CMP_NE": lambda a, v, w: a != v, "SCMP_CMP_LT": lambda a, v, w: a < v,
           "SCMP_CMP_LE": lambda a, v, w: a <= v, "SCMP_CMP_GT": lambda a, v, w: a > v, "SCMP_CMP_GE": lambda a, v, w: a >= v,
           "SCMP_CMP_MASKED_EQ": lambda a, v, w: a & v == w}


def tables():
    """ABI -> name -> number, from the compiler's table."""
    lines = (ROOT / "compiler/target/data/syscalls.tsv").read_text(encoding="utf-8").splitlines()[1:]
    columns = lines[0].split("\t")
    rows = [dict(zip(columns, line.split("\t"))) for line in lines[1:]]
    abis = list(itertools.chain.from_iterable(abis for abis, _ in HOSTS.values()))
    return {abi: {row["call"]: int(row[COLUMN.get(abi, abi)]) for row in rows if row[COLUMN.get(abi, abi)] != "-"} for abi in abis}


def applies(entry, caps, arch):
    includes, excludes = entry.get("includes") or {}, entry.get("excludes") or {}
    version = lambda text: tuple(int(part) for part in text.split(".")[:2])
    if any(cap in caps for cap in excludes.get("caps") or []) or arch in (excludes.get("arches") or []):
        return False
    if includes.get("arches") and arch not in includes["arches"]:
        return False
    if includes.get("minKernel") and KERNEL < version(includes["minKernel"]):
        return False
    return all(cap in caps for cap in includes.get("caps") or [])


def resolve(profile, caps, arch):
    """call -> list of (arguments, return value), unconditional ones first, of equal ones the first."""
    rules = {}
    default = bpf.errno(profile.get("defaultErrnoRet", 1))
    for entry in profile["syscalls"]:
        if not applies(entry, caps, arch):
            continue
        action = bpf.ALLOW if entry["action"] == "SCMP_ACT_ALLOW" else bpf.errno(entry.get("errnoRet", 1))
        if action == default:
            continue
        for name in entry.get("names") or [entry["name"]]:
            rules.setdefault(name, []).append((entry.get("args") or [], action))
    for name, rows in rules.items():
        rows.sort(key=lambda row: bool(row[0]))
    return rules, default


def answer(rules, default, name, values):
    for arguments, action in rules.get(name, []):
        if all(COMPARE[a["op"]](values[a["index"]], a["value"], a.get("valueTwo", 0)) for a in arguments):
            return action
    return default


def events(rules, name):
    """Argument words at the boundaries of what the rules of a call look at; one row of zeros without rules."""
    looked_at = {}
    for arguments, _ in rules.get(name, []):
        for a in arguments:
            near = [a["value"] + step for step in (-1, 0, 1)] + [a["value"] | 1 << 32, 1 << 31, 0xFFFFFFFF]
            near += [1 << bit for bit in range(32)] if a["op"] == "SCMP_CMP_MASKED_EQ" else []
            looked_at.setdefault(a["index"], set()).update(v for v in near if v >= 0)
    if not looked_at:
        return [[0] * 6]
    indexes = sorted(looked_at)
    rows = itertools.product(*(sorted(looked_at[i] | {0}) for i in indexes))
    return [[dict(zip(indexes, row)).get(i, 0) for i in range(6)] for row in rows]


class Comparison:
    def __init__(self, arguments):
        self.sbpc, self.module = arguments.sbpc, arguments.module
        self.profile = json.loads(pathlib.Path(arguments.profile).read_text(encoding="utf-8"))
        self.numbers = tables()
        printed = subprocess.run([self.sbpc, "--print", "abis"], capture_output=True, text=True, check=True).stdout
        self.abis = {m[1]: (int(m[2], 16), m[3]) for m in re.finditer(r"^(\S+) +arch (\S+) .*?(big|little) endian", printed, re.MULTILINE)}
        self.events = self.width = self.mips = 0
        self.differences = []

    def capabilities(self):
        named = sorted({cap for entry in self.profile["syscalls"] for side in ("includes", "excludes")
                        for cap in (entry.get(side) or {}).get("caps") or []})
        text = (ROOT / f"stdlib/{self.module}.sb").read_text(encoding="utf-8")
        defaults = re.findall(r"CAP_\w+", re.search(r"const DEFAULT_CAPS = \{(.*?)\}", text, re.DOTALL)[1])
        return [[], named, defaults, *([cap] for cap in named)], defaults

    def compile(self, abis, caps, defaults, folder):
        given = "" if caps == defaults else f"(caps: {{ {', '.join(caps)} }})"
        number = DEFAULT_ERRNO[self.module]
        source = folder / "p.sb"
        source.write_text(f"import std.{self.module};\npolicy p on {', '.join(abis)} {{ kernel 6.12; default errno({number}); newer errno({number}); "
                          f"use {self.module}.profile{given}; }}\n", encoding="utf-8")
        done = subprocess.run([self.sbpc, str(source), "--target", ",".join(abis), "-o", str(folder / "p.bpf")], capture_output=True, text=True,
                              check=False)
        if done.returncode:
            sys.exit(done.stderr)
        return bpf.Program((folder / "p.bpf").read_bytes(), self.abis[abis[0]][1])

    def compare(self, program, abi, rules, default):
        names = {number: name for name, number in self.numbers[abi].items()}
        between = [] if abi == "x32" else [n for n in range(min(names), min(names) + 600) if n not in names and not (abi == "x86_64" and 512 <= n <= 547)]
        rows = {}
        for number in [*names, *between]:
            name = names.get(number, "")
            for values in rows.setdefault(name, events(rules, name)):
                wide = any(value >> 32 for value in values)
                kernel_sees = [value & 0xFFFFFFFF for value in values] if wide else values
                expected = answer(rules, default, name, values)
                got = program.run(self.abis[abi][0], number, values)
                self.events += 1
                if wide and got != expected and got == answer(rules, default, name, kernel_sees):
                    self.width += 1
                elif abi.startswith("mips") and name == "clone3" and (got, expected) == (bpf.errno(89), bpf.errno(38)):
                    self.mips += 1
                elif got != expected:
                    self.differences.append(f"{abi} {name or number}{values}: {got:#x}, the profile says {expected:#x}")

    def run(self):
        every, defaults = self.capabilities()
        with tempfile.TemporaryDirectory(prefix="sbpc-profile-") as folder:
            for abis, arch in HOSTS.values():
                for caps in every:
                    program = self.compile(abis, caps, defaults, pathlib.Path(folder))
                    rules, default = resolve(self.profile, caps, arch)
                    before = len(self.differences)
                    for abi in abis:
                        self.compare(program, abi, rules, default)
                    if len(self.differences) > before:
                        self.differences.append(f"    with {caps or 'no capability'}")
        print("\n".join(self.differences[:40]))
        print(f"{len(every)} sets of capabilities on {len(HOSTS)} hosts, {self.events} events: {len(self.differences)} differences, "
              f"{self.width} of width, {self.mips} of MIPS")
        return 1 if self.differences or self.events < 10000 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("module", choices=sorted(DEFAULT_ERRNO))
    parser.add_argument("profile")
    return Comparison(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
