# A program that never looks at the number, and compares bits of one argument 15 places apart: a large decision.
import struct
import sys

LD, ST, LDX_MEM, LSH, JSET_X, JEQ, RET = 0x20, 0x02, 0x61, 0x64, 0x4D, 0x15, 0x06
ARCH, ARG3, X86_64 = 4, 40, 0xC000003E
ERRNO, TRAP, KILL = 0x50001, 0x30001, 0
insns = [
    (LD, 0, 0, ARCH),
    (JEQ, 1, 0, X86_64),
    (RET, 0, 0, ERRNO),
    (LD, 0, 0, ARG3),
    (ST, 0, 0, 0),
    (LDX_MEM, 0, 0, 0),
    (LSH, 0, 0, 15),
    (JSET_X, 0, 1, 0),
    (RET, 0, 0, TRAP),
    (RET, 0, 0, KILL),
]
sys.stdout.buffer.write(b"".join(struct.pack("<HBBI", *insn) for insn in insns))
