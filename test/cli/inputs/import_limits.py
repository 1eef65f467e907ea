"""Writes foreign files that are each beyond one limit of import: import_limits.py DIR."""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
HEAD = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"]}


def write(name, text):
    (folder / name).write_text(text, encoding="utf-8")


def profile(**fields):
    return json.dumps({**HEAD, **fields})


rule = {"names": ["read"], "action": "SCMP_ACT_ALLOW"}
write("values.json", profile(syscalls=[0] * 262_200))
write("rules.json", profile(syscalls=[rule] * 32_769))
thread = {"mismatch_action": "trap", "match_action": "allow", "filter": []}
write("policies.json", json.dumps({f"t{number}": thread for number in range(257)}))
write("alternatives.json", profile(syscalls=[{**rule, "args": [{"index": 0, "value": number, "op": "SCMP_CMP_EQ"} for number in range(4_097)]}]))
write("bytes.json", profile() + " " * (8 << 20))
write("late.json", "{" + " " * (8 << 20) + profile()[1:])
write("deep.json", '{"defaultAction":' + "[" * 100_000)
write("nul.json", '{ "defaultAction":"SCMP_ACT_ERRNO \0"}')
write("nul_behind.json", '{"defaultAction":"SCMP_ACT_ERRNO"}\0, "syscalls":[]}')

# Every choice of eight capabilities is a block of its own, and the comment stands in each.
CAPS = ["CHOWN", "KILL", "SETUID", "SETGID", "SYSLOG", "BPF", "PERFMON", "MKNOD"]
asked = [
    {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": number + 2, "includes": {"caps": [f"CAP_{cap}"]},
     "args": [{"index": 0, "value": number, "op": "SCMP_CMP_EQ"}], "comment": "x" * 80_000 if number == 0 else ""}
    for number, cap in enumerate(CAPS)
]
write("grows.json", profile(syscalls=asked))

# Within the limits: one call, two answers in turn, no two rules for one event.
write("many.json", profile(syscalls=[
    {"names": ["kill"], "action": ("SCMP_ACT_ALLOW", "SCMP_ACT_TRAP")[number % 2],
     "args": [{"index": 1, "value": 0xffffffff, "valueTwo": number, "op": "SCMP_CMP_MASKED_EQ"}]} for number in range(4_000)
]))

# Rules of one call, each with a comment of its own, so that none is joined with another; and lines of a policy as a list.
write("noted.policy", "POLICY p {\n ALLOW {\n" + "".join(f"  read {{ fd == {number} }}, // {number}\n" for number in range(1_500)) + "  write\n }\n}\nUSE p DEFAULT KILL\n")
lines = [f"// {number}" for number in range(60_000)] + ["POLICY p { ALLOW { read } } USE p DEFAULT KILL"]
write("lines.cfg", "seccomp_string: [" + ",\n".join(f'"{line}"' for line in lines) + "]\n")
