"""Reads what `sbpc export --to seccompiler` writes as Firecracker's own compiler does, with libseccomp, and proves its filter equal to the policy.

    firecracker.py SBPC COUNT FILE...     the policies `p` of FILEs, and COUNT random ones

The loop over rules is that of firecracker-microvm/firecracker src/seccompiler/src/lib.rs and types.rs. A policy that is exported with SB7106, which says
that Firecracker reads the file in another way, must really be read so, or be refused. Prints what happened; the last line counts.
"""
import ctypes
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import random_policy

OPS = {"ne": 1, "lt": 2, "le": 3, "eq": 4, "ge": 5, "gt": 6}
MASKED_EQ = 7
ACTIONS = {"allow": 0x7FFF0000, "kill_thread": 0, "kill_process": 0x80000000, "log": 0x7FFC0000, "trap": 0x30000}
WITH_DATA = {"errno": 0x50000, "trace": 0x7FF00000}


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("datum_a", ctypes.c_uint64), ("datum_b", ctypes.c_uint64)]


def library():
    found = ctypes.CDLL("libseccomp.so.2")
    found.seccomp_init.restype = ctypes.c_void_p
    found.seccomp_init.argtypes = [ctypes.c_uint32]
    found.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
    found.seccomp_export_bpf.argtypes = [ctypes.c_void_p, ctypes.c_int]
    found.seccomp_release.argtypes = [ctypes.c_void_p]
    return found


def action(value):
    if isinstance(value, dict):
        ((name, data),) = value.items()
        return WITH_DATA[name] | data
    return ACTIONS[value]


def compare(one):
    if isinstance(one["op"], dict):
        return Compare(one["index"], MASKED_EQ, one["op"]["masked_eq"], one["val"])
    if one["op"] == "eq" and one["type"] == "dword":
        return Compare(one["index"], MASKED_EQ, 0xFFFFFFFF, one["val"])
    return Compare(one["index"], OPS[one["op"]], one["val"], 0)


def compile_filter(seccomp, filter_, out):
    """False: libseccomp refuses a rule."""
    context = seccomp.seccomp_init(action(filter_["default_action"]))
    for rule in filter_["filter"]:
        number = seccomp.seccomp_syscall_resolve_name(rule["syscall"].encode())
        compares = [compare(one) for one in rule.get("args", [])]
        array = (Compare * len(compares))(*compares)
        if seccomp.seccomp_rule_add_array(context, action(filter_["filter_action"]), number, len(compares), array):
            seccomp.seccomp_release(context)
            return False
    with open(out, "wb") as file:
        seccomp.seccomp_export_bpf(context, file.fileno())
    seccomp.seccomp_release(context)
    return True


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=120)


def check(seccomp, sbpc, policy, folder):
    """Why it is wrong; empty: it is equal; None: not exported, or told to be read in another way, and it is."""
    out, filter_, theirs = folder / "made.json", folder / "made.bpf", folder / "theirs.sb"
    out.unlink(missing_ok=True)
    done = run(sbpc, "export", policy, "--to", "seccompiler", "-o", out)
    if done.returncode == 1 and re.search(r"SB710[123]", done.stderr):
        return None
    if done.returncode:
        return done.stderr
    text = policy.read_text(encoding="utf-8")
    # To what is no call of x86_64's own, libseccomp answers as to another ABI.
    theirs.write_text(re.sub(r"foreign [^;]* for [^;]*;", "", text).replace("foreign kill_process;", "foreign kill_thread;"), encoding="utf-8")
    is_told = "SB7106" in done.stderr
    is_read = compile_filter(seccomp, json.loads(out.read_text(encoding="utf-8"))["p"], filter_)
    if is_read and filter_.stat().st_size > 4096 * 8:
        return None  # libseccomp's program is longer than the kernel takes
    proof = run(sbpc, "prove", "--equal", theirs, filter_) if is_read else None
    if is_told:
        return f"told in vain: {done.stderr}" if proof and proof.returncode == 0 else None
    if not is_read:
        return "libseccomp refuses a rule"
    return "" if proof.returncode == 0 else proof.stdout + proof.stderr


def main():
    sbpc, count, files = sys.argv[1], int(sys.argv[2]), [pathlib.Path(name) for name in sys.argv[3:]]
    seccomp = library()
    equal, wrong = 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for seed in range(count):
            policy = folder / f"random{seed}.sb"
            text = random_policy.text(random.Random(seed), "x86_64", "kill_thread", "kill_process")
            text = re.sub(r"foreign [^;]* for legacy;", "", text)
            text = text.replace("foreign kill_process;", "foreign kill_process;\n  foreign kill_thread for x32;\n  foreign kill_thread for legacy;")
            policy.write_text(re.sub(r"^  (log|errno|kill|trap).*$| else [^;]*", "", text, flags=re.M).replace("log ", "allow "), encoding="utf-8")
            files.append(policy)
        for policy in files:
            why = check(seccomp, sbpc, policy, folder)
            equal += why == ""
            if why:
                wrong += 1
                print(f"WRONG {policy.name}: {why[:800]}\n{policy.read_text(encoding='utf-8')}")
    print(f"{equal} filters of libseccomp proved equal, {len(files) - equal - wrong} not exported or told; {wrong} wrong")
    return 1 if wrong or not equal else 0


if __name__ == "__main__":
    sys.exit(main())
