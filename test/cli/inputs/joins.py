"""A program whose extra return has the value that the proof gives to what stands behind a join: joins.py IN OUT, an -O2 program of
large_policies.py's alike.sb."""
import struct
import sys

INSN = struct.Struct("<HBBI")
program = [INSN.unpack_from(data, at) for data in [open(sys.argv[1], "rb").read()] for at in range(0, len(data), 8)]
# Where the arguments are first looked at: the code of mmap.
at = next(pc for pc, insn in enumerate(program) if insn[0] == 0x20 and insn[3] >= 16)
program[at:at] = [(0x20, 0, 0, 56), (0x15, 0, 1, 0x1234), (0x06, 0, 0, 0x20000000)]
with open(sys.argv[2], "wb") as out:
    out.write(b"".join(INSN.pack(*insn) for insn in program))
