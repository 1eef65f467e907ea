#!/usr/bin/env python3
"""Another libc makes other calls for the same function: the examples hold under each that was measured, and lints name what does not.

    libcs.py --sbpc BINARY examples     what an example lets glibc 2.36 do, it lets glibc 2.31, glibc 2.43 and musl 1.2.3 do
    libcs.py --sbpc BINARY lints        a policy of exactly the calls that an older glibc makes for a function is warned of a newer one's

The calls are those of compiler/target/data/libc_calls.tsv, for x86_64. `-` there is a function that makes no call, or is not there.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import gen_stdlib_docs  # noqa: E402

LIBCS = ["glibc-2.31", "glibc-2.36", "glibc-2.43", "musl-1.2.3"]
HERE = "glibc-2.36"
# What differs on purpose: function -> why.
KNOWN = {
    "pthread_create": "a policy without threads answers clone3 with ENOSYS, which 2.36 alone is listed with",
    "tmpfile": "musl makes a file and removes its name: a policy that reads only refuses it by death or by an error",
    "fstatat": "media_parser asks about open descriptors only", "lstat": "the same", "stat": "the same",
    "fchmodat_nofollow": "of no use to programs that may not change permissions",
}
BASE = {"exit_group", "rt_sigreturn", "futex", "write", "read", "close"}


def rows():
    """function -> libc -> calls."""
    found = {}
    for line in (ROOT / "compiler/target/data/libc_calls.tsv").read_text(encoding="utf-8").splitlines():
        parts = line.split("\t")
        if len(parts) == 3 and parts[0].endswith("-x86_64"):
            calls = parts[2].split(",")
            if calls != ["-"]:
                found.setdefault(parts[1], {})[parts[0].removesuffix("-x86_64")] = calls
    return found


def examples(sbpc):
    """Functions that work under an example with this libc and die with another; and how many were looked at."""
    wrong, looked_at = [], 0
    for path in sorted((ROOT / "examples").glob("*.sb")):
        for policy in re.findall(r"^policy (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            printed = subprocess.run([sbpc, "--emit", "policy", "--policy", policy, "--target", "x86_64", str(path)], capture_output=True, text=True,
                                     check=True).stdout
            if "default kill" not in printed:
                continue
            alive = {call for answer, calls in gen_stdlib_docs.read_answers(printed).items() for call in calls if not answer.startswith("kill")}
            for function, libcs in rows().items():
                if function in KNOWN or not set(libcs.get(HERE, ["?"])) <= alive:
                    continue
                looked_at += 1
                wrong += [f"{path.name}: {function} under {libc}: {', '.join(sorted(set(calls) - alive))}" for libc, calls in libcs.items()
                          if set(calls) - alive]
    return wrong, looked_at


def lints(sbpc):
    """Calls of a newer glibc that no warning names."""
    wrong, looked_at = [], 0
    table = rows()
    with tempfile.TemporaryDirectory(prefix="sbpc-libcs-") as folder:
        path = pathlib.Path(folder) / "p.sb"
        for old, new in (("glibc-2.31", "glibc-2.36"), ("glibc-2.31", "glibc-2.43"), ("glibc-2.36", "glibc-2.43")):
            for function, libcs in table.items():
                have = BASE | set(table["(start)"][old]) | set(libcs.get(old, []))
                missing = set(libcs.get(new, [])) - have
                if not missing or old not in libcs or function == "fchmodat_nofollow":  # lchmod, which 2.36 makes of an open
                    continue
                path.write_text(f"policy p on x86_64 {{ kernel 6.12; default kill_process; allow {', '.join(sorted(have))}; }}\n", encoding="utf-8")
                said = subprocess.run([sbpc, "check", str(path)], capture_output=True, text=True, check=True).stderr.split("\n\n")
                looked_at += len(missing)
                wrong += [f"{function}: {call}, new in {new}, is not warned of" for call in sorted(missing)
                          if not any("glibc" in warning and (f"`{call}`" in warning or function == "(start)" and "before main" in warning)
                                     for warning in said)]
    return wrong, looked_at


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("what", choices=("examples", "lints"))
    arguments = parser.parse_args()
    wrong, looked_at = {"examples": examples, "lints": lints}[arguments.what](arguments.sbpc)
    print("\n".join(wrong[:40]))
    print(f"{looked_at} {arguments.what}, {len(wrong)} wrong")
    return 1 if wrong or looked_at < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
