"""Programs that the kernel would refuse, each with what sbpc must say: `bad_programs.py FOLDER` writes them, `--run SBPC COMMAND FOLDER` holds
sbpc's answer against each: exit 1, the one error, nothing on standard output but a listing."""
import pathlib
import struct
import subprocess
import sys


def insns(*rows, order="<"):
    return b"".join(struct.pack(order + "HBBI", *row) for row in rows)


LD, JEQ, JA, RET, LD_MEM, MOD, DIV, LSH, LD_BYTE = 0x20, 0x15, 0x05, 0x06, 0x60, 0x94, 0x34, 0x64, 0x30
ALLOW = (RET, 0, 0, 0x7FFF0000)
PROGRAMS = {
    "empty": (b"", "the program is empty"),
    "odd": (insns(ALLOW)[:-3], "the program has 5 bytes, which is not a multiple of 8"),
    "truncated": (insns((LD, 0, 0, 0), (JEQ, 1, 0, 5), ALLOW, (RET, 0, 0, 0))[:-8], "instruction 1: a jump over 1 instructions leaves the program"),
    "long": (insns(ALLOW) * 4097, "it is longer than 4096 instructions, the most that the kernel takes"),
    "jump": (insns((JA, 0, 0, 9), ALLOW), "instruction 0: a jump over 9 instructions leaves the program"),
    "backwards": (insns((LD, 0, 0, 0), (JA, 0, 0, 0xFFFFFFFE), ALLOW), "instruction 1: a jump over 4294967294 instructions leaves the program"),
    "branch": (insns((JEQ, 0, 255, 1), ALLOW), "instruction 0: a jump over 255 instructions leaves the program"),
    "no_ret": (insns((LD, 0, 0, 0)), "instruction 0: the last instruction is not a ret"),
    "opcode": (insns((0xFFFF, 0, 0, 0), ALLOW), "instruction 0: opcode 0xffff is not allowed in a seccomp filter"),
    "modulo": (insns((MOD, 0, 0, 3), ALLOW), "instruction 0: opcode 0x0094 is not allowed in a seccomp filter"),
    "byte": (insns((LD_BYTE, 0, 0, 0), ALLOW), "instruction 0: opcode 0x0030 is not allowed in a seccomp filter"),
    "unaligned": (insns((LD, 0, 0, 2), ALLOW), "instruction 0: a load from offset 2, which is not a multiple of 4"),
    "outside": (insns((LD, 0, 0, 64), ALLOW), "instruction 0: a load from offset 64, past the end of seccomp_data"),
    "memory": (insns((LD_MEM, 0, 0, 3), ALLOW), "instruction 0: scratch cell 3 is read but not written on every way here"),
    "cell": (insns((LD_MEM, 0, 0, 16), ALLOW), "instruction 0: scratch cell 16 does not exist: there are 16"),
    "zero": (insns((DIV, 0, 0, 0), ALLOW), "instruction 0: a division by 0"),
    "shift": (insns((LSH, 0, 0, 32), ALLOW), "instruction 0: a shift by 32: the register has 32 bits"),
    "foreign": (insns((LD, 0, 0, 4), ALLOW, order=">"), "its byte order is not x86_64's"),
    "text": (b"policy p on x86_64 { default errno(EPERM); allow read; }", "it is text"),
}


def main():
    if sys.argv[1] != "--run":
        for name, (content, _) in PROGRAMS.items():
            (pathlib.Path(sys.argv[1]) / f"{name}.bpf").write_bytes(content)
        return 0
    sbpc, command, folder = sys.argv[2:5]
    wrong = []
    for name, (_, words) in PROGRAMS.items():
        call = ["read"] if command == "emu" else []
        done = subprocess.run([sbpc, command, f"{folder}/{name}.bpf", "--target", "x86_64", *call], capture_output=True, text=True, check=False)
        errors = [line for line in done.stderr.splitlines() if line.startswith("error[")]
        quiet = command == "disasm" or not done.stdout
        if done.returncode != 1 or len(errors) != 1 or words not in errors[0] or not quiet:
            wrong.append(f"{command} {name}.bpf: exit {done.returncode}, {done.stderr.strip()!r}, {done.stdout[:80]!r}; wanted {words!r}")
    print("\n".join(wrong) or f"{len(PROGRAMS)} programs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
