"""Seccomp filters as Python sees them: read, run, ask what the kernel's cache would answer, estimate a run's time.

Written apart from the compiler's own C++ (compiler/bpf/): what bench/ says of a program does not rest on the code that made it. The time
model's constants are read from compiler/bpf/time_model.h, so that there is one list of them. Tested by test/bench/bpf.test.
"""
import pathlib
import re
import struct

ROOT = pathlib.Path(__file__).resolve().parents[1]
X86_64 = 0xC000003E   # AUDIT_ARCH_X86_64, include/uapi/linux/audit.h
I386 = 0x40000003
ALLOW = 0x7FFF0000    # SECCOMP_RET_ALLOW
NR, ARCH = 0, 4       # offsets in struct seccomp_data
LD, AND, JA, JEQ, JGT, JGE, JSET, RET = 0x20, 0x54, 0x05, 0x15, 0x25, 0x35, 0x45, 0x06
TESTS = {JEQ: lambda a, k: a == k, JGT: lambda a, k: a > k, JGE: lambda a, k: a >= k, JSET: lambda a, k: a & k != 0}
ACTIONS = {0x80000000: "kill_process", 0x00000000: "kill_thread", 0x00030000: "trap", 0x00050000: "errno", 0x7FC00000: "notify",
           0x7FF00000: "trace", 0x7FFC0000: "log", ALLOW: "allow"}


def read(data):
    """Bytes of struct sock_filter[] -> [(code, jt, jf, k)]."""
    if not data or len(data) % 8:
        raise ValueError(f"{len(data)} bytes are no program")
    return [struct.unpack_from("<HBBI", data, at) for at in range(0, len(data), 8)]


def event(nr, args=(), arch=X86_64, ip=0):
    """The words of seccomp_data by offset."""
    packed = struct.pack("<iIQ6Q", nr - (1 << 32) if nr >= 1 << 31 else nr, arch, ip, *(list(args) + [0] * (6 - len(args))))
    return struct.unpack("<16I", packed)


def run(program, words, path=None):
    """(returned word, executed instructions). `path` receives (pc, whether the program went on elsewhere than behind it)."""
    a = x = pc = count = 0
    memory = [0] * 16
    while True:
        code, jt, jf, k = program[pc]
        count += 1
        at = pc
        pc += 1
        if code == LD: a = words[k // 4]
        elif code == RET: break
        elif code == JA: pc += k
        elif code in TESTS: pc += jt if TESTS[code](a, k) else jf
        elif code == AND: a &= k
        elif code == 0x00: a = k            # ld imm
        elif code == 0x01: x = k            # ldx imm
        elif code == 0x80: a = 64           # ld len
        elif code == 0x60: a = memory[k]    # ld mem
        elif code == 0x61: x = memory[k]    # ldx mem
        elif code == 0x02: memory[k] = a    # st
        elif code == 0x03: memory[k] = x    # stx
        elif code == 0x07: x = a            # tax
        elif code == 0x87: a = x            # txa
        elif code == 0x44: a |= k
        elif code == 0x1D: pc += jt if a == x else jf
        elif code == 0x16:                  # ret a
            k = a
            break
        else: raise ValueError(f"instruction {at}: code {code:#x} is not read here")
        if path is not None: path.append((at, pc != at + 1))
    if path is not None: path.append((at, False))
    return k, count


def is_cached(program, nr, arch=X86_64):
    """kernel/seccomp.c seccomp_is_const_allow: whether the kernel (5.11 and later) answers without running the program."""
    words = event(nr, arch=arch)
    a = pc = 0
    while True:
        code, jt, jf, k = program[pc]
        pc += 1
        if code == LD and k in (NR, ARCH): a = words[k // 4]
        elif code == RET: return k == ALLOW
        elif code == JA: pc += k
        elif code in TESTS: pc += jt if TESTS[code](a, k) else jf
        elif code == AND: a &= k
        else: return False


def time_model():
    """{"CachedCall": ps, ...} of compiler/bpf/time_model.h."""
    text = (ROOT / "compiler/bpf/time_model.h").read_text(encoding="utf-8")
    return {name: int(value.replace("'", "")) for name, value in re.findall(r"uint64_t kPs(\w+) = ([\d']+);", text)}


def estimate_ns(program, events, foreseen):
    """The mean over a sequence of calls, over no filter. Without `foreseen` each test that goes its rarer way costs a misprediction,
    as often as it does."""
    model = time_model()
    total = 0
    taken = {}
    for words in events:
        nr = words[0] if words[0] < 1 << 31 else -1
        if nr >= 0 and is_cached(program, nr, words[1]):
            total += model["CachedCall"]
            continue
        path = []
        run(program, words, path)
        total += model["Run"]
        for pc, jumped in path:
            code = program[pc][0]
            if code in TESTS:
                total += model["Taken" if jumped else "NotTaken"]
                seen = taken.setdefault(pc, [0, 0])
                seen[jumped] += 1
            elif code == JA: total += model["Taken"] if jumped else 0
            elif code != RET: total += model["Load"]
    if not foreseen: total += model["Mispredicted"] * sum(min(ways) for ways in taken.values())
    return total / len(events) / 1000


def verdict(word):
    action = ACTIONS.get(word & 0xFFFF0000, "kill_process")
    return f"{action}({word & 0xFFFF})" if action in ("errno", "trap", "trace") else action
