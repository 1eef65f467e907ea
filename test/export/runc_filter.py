"""The filter that libseccomp makes of an exported `linux.seccomp` or Docker profile for its first machine, rule by rule as runc adds them.

    runc_filter.py PROFILE.json OUT.bpf
"""
import ctypes
import json
import os
import sys

COMPARES = {"SCMP_CMP_NE": 1, "SCMP_CMP_LT": 2, "SCMP_CMP_LE": 3, "SCMP_CMP_EQ": 4, "SCMP_CMP_GE": 5, "SCMP_CMP_GT": 6, "SCMP_CMP_MASKED_EQ": 7}
ACTIONS = {"SCMP_ACT_ALLOW": 0x7FFF0000, "SCMP_ACT_LOG": 0x7FFC0000, "SCMP_ACT_TRAP": 0x00030000, "SCMP_ACT_KILL_PROCESS": 0x80000000,
           "SCMP_ACT_KILL_THREAD": 0, "SCMP_ACT_ERRNO": 0x00050000, "SCMP_ACT_TRACE": 0x7FF00000}


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def must(code, what):
    if code:
        sys.exit(f"{what}: {os.strerror(abs(code))}")


def main():
    lib = ctypes.CDLL("libseccomp.so.2")
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_arch_resolve_name.restype = ctypes.c_uint32
    lib.seccomp_arch_native.restype = ctypes.c_uint32
    with open(sys.argv[1], encoding="utf-8") as file:
        profile = json.load(file)
    arches = profile.get("architectures")
    if arches is None:
        machine = profile["archMap"][0]
        arches = [machine["architecture"]] + machine["subArchitectures"]
    default = ACTIONS[profile["defaultAction"]] | profile.get("defaultErrnoRet", 0)
    context = ctypes.c_void_p(lib.seccomp_init(ctypes.c_uint32(default)))
    tokens = [lib.seccomp_arch_resolve_name(arch.removeprefix("SCMP_ARCH_").lower().encode()) for arch in arches]
    for token in tokens:
        if token != lib.seccomp_arch_native():
            must(lib.seccomp_arch_add(context, ctypes.c_uint32(token)), "seccomp_arch_add")
    if lib.seccomp_arch_native() not in tokens:
        must(lib.seccomp_arch_remove(context, ctypes.c_uint32(lib.seccomp_arch_native())), "seccomp_arch_remove")
    for rule in profile["syscalls"]:
        action = ACTIONS[rule["action"]] | rule.get("errnoRet", 0)
        args = [Compare(arg["index"], COMPARES[arg["op"]], arg["value"], arg.get("valueTwo", 0)) for arg in rule.get("args", [])]
        for call in rule["names"]:
            number = lib.seccomp_syscall_resolve_name(call.encode())
            if action != default and number != -1:
                must(lib.seccomp_rule_add_array(context, ctypes.c_uint32(action), number, len(args), (Compare * 6)(*args)), call)
    file = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    must(lib.seccomp_export_bpf(context, file), "seccomp_export_bpf")


if __name__ == "__main__":
    main()
