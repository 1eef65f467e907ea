#!/usr/bin/env python3
"""Compares rule sets of the standard library with the sources of the sandboxes that they stand for.

    peers.py --sbpc BINARY --peers DIR [NAME...]     firejail, flatpak, openssh, qemu, chromium: those whose sources lie below DIR

By name: which calls are answered, how, and whether that depends on arguments. By samples, where the source can be made a program of its
own (openssh, qemu, flatpak, on x86_64): what both answer for each number of the table and for arguments near every constant that the
conditions name. Arguments stay below 2^32: those sandboxes compare 64 bits of arguments of which the kernel takes 32, on purpose we
don't. Differences that we mean are in KNOWN. docs/decisions/0042-sets-of-peers.md has what was compared, and when.
"""
import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))
sys.path.insert(0, str(ROOT / "test/stdlib"))
sys.path.insert(0, str(ROOT / "tools"))
import bpf  # noqa: E402
import gen_stdlib_docs  # noqa: E402
import peer_sources  # noqa: E402

HOSTS = ["x86_64, i386", "aarch64, arm", "s390x, s390", "ppc64le", "ppc64, ppc", "mips", "riscv64", "sparc64, sparc"]
SAMPLES = 3000
ERRNO = {1: "EPERM", 13: "EACCES", 22: "EINVAL", 38: "ENOSYS", 97: "EAFNOSUPPORT"}
USES = {"firejail": ("default allow; use firejail_default.application;", HOSTS),
        "flatpak": ("default allow; use flatpak.application;", HOSTS),
        "openssh": ("default kill_thread; use openssh.preauth;", HOSTS),
        "qemu": ("default allow; use qemu_sandbox.libvirt;", HOSTS),
        "chromium": ("default trap; use unsafe chromium_renderer.renderer(self: { 4711 });", ["x86_64"])}
MODULES = ("firejail_default", "flatpak", "openssh", "qemu_sandbox", "chromium_renderer")
THREAD_DIES = "QEMU's table names no action, and 0 kills the thread"
TWIN = "the 32-bit twin of a call that is denied"
# What differs on purpose, or cannot be the same: name -> call -> why.
KNOWN = {
    "firejail": {"llseek": "riscv32's only way to seek; denied there by the name of an old call"},
    "flatpak": {"open_tree_attr": "Linux 6.15: the same as open_tree", "socketcall": "what libseccomp makes of the rules for socket"},
    "openssh": {},
    "qemu": {"execveat": THREAD_DIES, "setns": THREAD_DIES, "unshare": THREAD_DIES,
             **{f"set{name}32": TWIN for name in ("uid", "gid", "reuid", "regid", "resuid", "resgid", "fsuid", "fsgid")}},
    "chromium": {"getcpu": "granted there on Arm", "openat2": "ENOSYS, so that libraries use openat", "tkill": "always a crash there",
                 "newfstatat": "a crash there, whose handler calls fstat"},
}


def ours(sbpc, folder, name):
    """call -> {answer: depends on arguments}, over all hosts: the first that has the call counts."""
    text, hosts = USES[name]
    found = {}
    for number, abis in enumerate(hosts):
        path = pathlib.Path(folder) / f"{name}-{number}.sb"
        path.write_text("".join(f"import std.{module};\n" for module in MODULES if f"{module}." in text)
                        + f"policy p on {abis} {{ kernel 7.2; {text} }}\n", encoding="utf-8")
        done = subprocess.run([sbpc, "--emit", "policy", str(path)], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        here = {}
        for answer, calls in gen_stdlib_docs.read_answers(done.stdout).items():
            for call, conditional in calls.items():
                here.setdefault(call, {})[spelled(answer)] = conditional or answer.startswith("otherwise")
        found = here | found
    return found


def spelled(answer):
    answer = answer.removeprefix("fallback ").removeprefix("otherwise ")
    number = re.fullmatch(r"errno\((\d+)\)", answer)
    return f"errno({ERRNO.get(int(number[1]), number[1])})" if number else answer


def shown(answers):
    return " and ".join(sorted(answer + (" under conditions" if conditional else "") for answer, conditional in answers.items())) or "nothing"


def by_name(mine, theirs, known, name):
    """Lines about calls that are answered otherwise."""
    for call in sorted(set(mine) | set(theirs)):
        a, b = mine.get(call, {}), theirs.get(call, {})
        if a != b and call not in known and not (peer_sources.SOME in b and any(a.values())):
            yield f"{name}: {call}: here {shown(a)}, there {shown(b)}"


def numbers():
    lines = (ROOT / "compiler/target/data/syscalls.tsv").read_text(encoding="utf-8").splitlines()[1:]
    columns = lines[0].split("\t")
    rows = [dict(zip(columns, line.split("\t"))) for line in lines[1:]]
    return {row["call"]: int(row["x86_64"]) for row in rows if row["x86_64"] != "-"}


def compiled(sbpc, folder, name):
    source, out = pathlib.Path(folder) / f"{name}-one.sb", pathlib.Path(folder) / f"{name}-one.bpf"
    text = USES[name][0]
    source.write_text("".join(f"import std.{module};\n" for module in MODULES if f"{module}." in text)
                      + f"policy p on x86_64 {{ kernel 7.2; {text} }}\n", encoding="utf-8")
    subprocess.run([sbpc, str(source), "-o", str(out)], check=True, capture_output=True, text=True)
    meaning = subprocess.run([sbpc, "--emit", "policy", str(source)], check=True, capture_output=True, text=True).stdout
    return bpf.Program(out.read_bytes(), "little"), meaning


def pool(meaning, call):
    """Words near every constant of a call's conditions."""
    constants = {0, 1, 2, 3, *(1 << bit for bit in range(32))}
    for line in meaning.splitlines():
        for condition in re.findall(rf"\b{call}/\d+ if (.*?)(?=, \w+/\d+| else |$)", line):
            constants.update(int(number, 0) for number in re.findall(r"(?<![$\w])(0x[0-9a-f]+|\d+)", condition))
    near = {(value + step) & 0xFFFFFFFF for value in constants for step in (-1, 0, 1)}
    return sorted(near), sorted(constants)


def sampled(sbpc, folder, name, program, known):
    mine, meaning = compiled(sbpc, folder, name)
    table, source = numbers(), random.Random(20260827)
    differing, events = {}, 0
    for call, number in sorted(table.items()):
        near, constants = pool(meaning, call)
        for _ in range(SAMPLES if f"{call}/{number} if" in meaning else 20):
            words = [source.choice(near) if source.random() < 0.5 else source.choice(constants) | source.choice(constants) for _ in range(6)]
            a, b = mine.run(0xC000003E, number, words), program.run(0xC000003E, number, words)
            events += 1
            if a != b and call not in known:
                differing.setdefault(call, f"{name}: {call}{words}: here {a:#x}, there {b:#x}")
    return list(differing.values()), events


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("--peers", required=True, type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    failed = seen = 0
    with tempfile.TemporaryDirectory(prefix="sbpc-peers-") as folder:
        for name in arguments.names or USES:
            if not peer_sources.there(arguments.peers, name):
                print(f"{name}: no source below {arguments.peers}")
                continue
            theirs = peer_sources.READERS[name](arguments.peers)
            table = {line.split()[0] for line in subprocess.run([arguments.sbpc, "--print", "syscalls"], capture_output=True, text=True,
                                                                check=True).stdout.splitlines() if line.strip()}
            lines = list(by_name(ours(arguments.sbpc, folder, name), {call: how for call, how in theirs.items() if call in table}, KNOWN[name], name))
            events = 0
            if program := peer_sources.program(arguments.peers, name, folder):
                more, events = sampled(arguments.sbpc, folder, name, bpf.Program(program, "little"), KNOWN[name])
                lines += more
            print("\n".join(lines), end="\n" if lines else "")
            print(f"{name}: {len(theirs)} calls, {events} events, {len(lines)} differences")
            failed += bool(lines) or len(theirs) < 20
            seen += 1
    return 1 if failed or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
