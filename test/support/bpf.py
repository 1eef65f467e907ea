"""A second reader of seccomp programs, for tests: decodes the bytes of a .bpf file and runs them on one event.

    program = bpf.Program(bytes, "little");  program.run(arch, nr, [args])  -> the 32-bit return value

It knows the instructions that the kernel's seccomp takes (net/core/filter.c, kernel/seccomp.c) and raises on any other; it shares no
code with the compiler.
"""
import struct

JUMPS = {0x05: None, 0x15: lambda a, k: a == k, 0x25: lambda a, k: a > k, 0x35: lambda a, k: a >= k, 0x45: lambda a, k: a & k != 0}
ALU = {0x04: lambda a, k: a + k, 0x14: lambda a, k: a - k, 0x44: lambda a, k: a | k, 0x54: lambda a, k: a & k,
       0x64: lambda a, k: a << k, 0x74: lambda a, k: a >> k, 0xA4: lambda a, k: a ^ k}
WORD = 0xFFFFFFFF


class Program:
    def __init__(self, data, endian):
        self.order = "<" if endian == "little" else ">"
        self.insns = list(struct.iter_unpack(self.order + "HBBI", data))

    def event(self, arch, nr, arguments):
        words = [value & (1 << 64) - 1 for value in (list(arguments) + [0] * 6)[:6]]
        return struct.pack(self.order + "IIQ6Q", nr & WORD, arch, 0, *words)

    def run(self, arch, nr, arguments=()):
        data, a, at, memory, x = self.event(arch, nr, arguments), 0, 0, {}, 0
        while True:
            code, jt, jf, k = self.insns[at]
            at += 1
            if code == 0x20:
                a = struct.unpack_from(self.order + "I", data, k)[0]
            elif code == 0x06:
                return k
            elif code == 0x05:
                at += k
            elif code in JUMPS:
                at += jt if JUMPS[code](a, k) else jf
            elif code in (0x1D, 0x2D, 0x3D, 0x4D):
                at += jt if JUMPS[code & ~0x08](a, x) else jf
            elif code in ALU:
                a = ALU[code](a, k) & WORD
            elif code in (0x02, 0x03):
                memory[k] = a if code == 0x02 else x
            elif code == 0x60:
                a = memory[k]
            elif code == 0x61:
                x = memory[k]
            elif code == 0x07:
                x = a
            elif code == 0x87:
                a = x
            else:
                raise ValueError(f"instruction {at - 1}: code {code:#x}")


KILL_PROCESS, KILL_THREAD, ALLOW = 0x80000000, 0, 0x7FFF0000


def errno(number):
    return 0x00050000 | number
