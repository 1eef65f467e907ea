"""Bare programs for program_pairs.test, written into the current folder; `program_pairs.py --words SBPC` asks sbpc about programs that return
every kind of word there is: none may end in an internal error, and what is imported must be the program."""
import pathlib
import struct
import subprocess
import sys

LD, JEQ, MUL_X, DIV_X, TAX, RET = 0x20, 0x15, 0x2C, 0x3C, 0x07, 0x06
NR, ARCH, ARG0, ARG1 = 0, 4, 16, 24
ALLOW, KILL, EPERM = 0x7FFF0000, 0x80000000, 0x50001
X86_64, I386, ARM, AARCH64 = 0xC000003E, 0x40000003, 0x40000028, 0xC00000B7
# Errno's limit, unknown actions, data where none belongs, and words that the prover's diagrams use for themselves.
WORDS = [0, 5, 0x12340000, EPERM, 0x51000, 0x5FFFF, 0x30001, 0x7FC00005, 0x7FF00007, 0x7FFC0001, 0x7FFD0000, 0x7FFD0001, 0x7FFE0000,
         ALLOW, ALLOW + 1, KILL, KILL + 1, 0x20000001]


def program(*rows, order="<"):
    return b"".join(struct.pack(order + "HBBI", *row) for row in rows)


def ret(word):
    return (RET, 0, 0, word)


def product(value):
    """Is the product of two arguments this value?"""
    return program((LD, 0, 0, ARG0), (TAX, 0, 0, 0), (LD, 0, 0, ARG1), (MUL_X, 0, 0, 0), (JEQ, 0, 1, value), ret(ALLOW), ret(EPERM))


PROGRAMS = {
    "one": program((LD, 0, 0, ARCH), (JEQ, 0, 1, X86_64), ret(EPERM), ret(KILL)),
    "open": program((LD, 0, 0, ARCH), (JEQ, 0, 1, X86_64), ret(EPERM), (JEQ, 0, 1, AARCH64), ret(ALLOW), ret(KILL)),
    "two": program((LD, 0, 0, ARCH), (JEQ, 1, 0, I386), (JEQ, 0, 1, ARM), ret(EPERM), ret(KILL)),
    "allow": program(ret(ALLOW)),
    "errno": program(ret(EPERM)),
    "number": program((LD, 0, 0, NR), (JEQ, 0, 1, 7), ret(ALLOW), ret(KILL)),
    "s390x": program((LD, 0, 0, ARCH), (JEQ, 0, 1, 0x80000016), ret(EPERM), ret(KILL), order=">"),
    # Arguments before the number.
    "early": program((LD, 0, 0, ARG0), (JEQ, 0, 1, 7), ret(ALLOW), (LD, 0, 0, NR), (JEQ, 0, 1, 1), ret(ALLOW), ret(EPERM)),
    "product": product(123457),
    "product_too": product(123457) + program(ret(EPERM)),
    "product_other": product(123458),
    "dead_division": program((LD, 0, 0, ARG0), (TAX, 0, 0, 0), (LD, 0, 0, ARG1), (DIV_X, 0, 0, 0), ret(ALLOW)),
    "zero": program((LD, 0, 0, ARG0), (JEQ, 0, 1, 0), ret(0), ret(ALLOW)),
}


def words(sbpc):
    def ask(*arguments):
        return subprocess.run([sbpc, *arguments], capture_output=True, text=True)

    wrong = []
    for word in WORDS:
        pathlib.Path("word.bpf").write_bytes(program(ret(word)))
        pathlib.Path("call.bpf").write_bytes(program((LD, 0, 0, NR), (JEQ, 0, 1, 7), ret(word), ret(EPERM)))
        for name in ("word", "call"):
            asked = [ask("import", f"{name}.bpf", "-o", f"{name}.sb")]
            if name == "word":  # the other asks for no arch, which no policy can say
                asked.append(ask("prove", "--equal", f"{name}.bpf", f"{name}.sb"))
            asked.append(ask("explain", f"{name}.bpf"))
            wrong += [(hex(word), each.args, each.returncode, each.stderr) for each in asked if each.returncode != 0]
        for other in ("allow", "errno"):
            told = ask("diff", "call.bpf", f"{other}.bpf")
            if told.returncode not in (0, 1):
                wrong.append((hex(word), told.args, told.returncode, told.stderr))
    print(*wrong, sep="\n")
    sys.exit(1 if wrong else 0)


if sys.argv[1:2] == ["--words"]:
    words(sys.argv[2])
for name, content in PROGRAMS.items():
    pathlib.Path(f"{name}.bpf").write_bytes(content)
