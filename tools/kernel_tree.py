"""Read a Linux source tree as text: syscall tables and prototypes. Nothing of the tree is run.

    tree = Tree(path)          the folder with the top Makefile (linux-source-6.1/ of Debian's linux-source-6.1.tar.xz)
    tree.version               (6, 1, 192)
    tree.numbers()             table -> call -> Entry(nr, native, compat): the tables of compiler/target/arches.def
    tree.prototypes()          "sys_openat", "compat_sys_ioctl" -> [Prototype]: one entry may be defined more than once

A table that the tree lacks (s390 since 7.2) is absent from numbers(). Tested by tools/test_kernel_tree.py.
"""
import collections
import re

import kernel_headers

Entry = collections.namedtuple("Entry", "nr native compat")
Prototype = collections.namedtuple("Prototype", "args path")  # args: [(C type, name)]

X32_BIT = 0x40000000  # __X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h
ARM_PRIVATE = 0x0f0000  # __ARM_NR_BASE, arch/arm/include/uapi/asm/unistd.h

TableSource = collections.namedtuple("TableSource", "path abis base")
TABLES = {
    "x86_64": TableSource("arch/x86/entry/syscalls/syscall_64.tbl", "common 64", 0),
    "i386": TableSource("arch/x86/entry/syscalls/syscall_32.tbl", "i386", 0),
    "x32": TableSource("arch/x86/entry/syscalls/syscall_64.tbl", "common x32", X32_BIT),
    "arm": TableSource("arch/arm/tools/syscall.tbl", "common eabi", 0),
    "s390x": TableSource("arch/s390/kernel/syscalls/syscall.tbl", "common 64", 0),
    "s390": TableSource("arch/s390/kernel/syscalls/syscall.tbl", "common 32", 0),
    "ppc64le": TableSource("arch/powerpc/kernel/syscalls/syscall.tbl", "common nospu 64", 0),
    "ppc64": TableSource("arch/powerpc/kernel/syscalls/syscall.tbl", "common nospu 64", 0),
    "ppc": TableSource("arch/powerpc/kernel/syscalls/syscall.tbl", "common nospu 32", 0),
    "mips_o32": TableSource("arch/mips/kernel/syscalls/syscall_o32.tbl", "o32", 4000),
    "mips_n64": TableSource("arch/mips/kernel/syscalls/syscall_n64.tbl", "n64 common", 5000),
    "mips_n32": TableSource("arch/mips/kernel/syscalls/syscall_n32.tbl", "n32", 6000),
    "parisc": TableSource("arch/parisc/kernel/syscalls/syscall.tbl", "common 32", 0),
    "parisc64": TableSource("arch/parisc/kernel/syscalls/syscall.tbl", "common 64", 0),
    "sh": TableSource("arch/sh/kernel/syscalls/syscall.tbl", "common", 0),
    "m68k": TableSource("arch/m68k/kernel/syscalls/syscall.tbl", "common", 0),
    "sparc": TableSource("arch/sparc/kernel/syscalls/syscall.tbl", "common 32", 0),
    "sparc64": TableSource("arch/sparc/kernel/syscalls/syscall.tbl", "common 64", 0),
}
# mips ignores the ABI column (arch/mips/kernel/syscalls/Makefile passes no --abis), and one row of n64 says "common".
# Architectures of the shared table: scripts/syscall.tbl since 6.11, include/uapi/asm-generic/unistd.h before. (arch,
# bits)
GENERIC = {"aarch64": ("arm64", 64), "riscv64": ("riscv", 64), "riscv32": ("riscv", 32), "loongarch64": ("loongarch",
64)}

SOURCE_FOLDERS = ("arch", "block", "fs", "init", "io_uring", "ipc", "kernel", "mm", "net", "security")
SOURCE_FILES = ("drivers/char/random.c", "drivers/pci/syscall.c")

DEFINE = re.compile(r"^[ \t]*(COMPAT_|PPC32_|)SYSCALL(32|)_DEFINE([0-6])\(", re.M)
# PPC32_SYSCALL_DEFINE (arch/powerpc/kernel/sys_ppc32.c) and SYSCALL32_DEFINE (include/linux/syscalls.h) are
# SYSCALL_DEFINE on a 32-bit kernel and COMPAT_SYSCALL_DEFINE on a 64-bit one.
PREFIXES = {"": ["sys_"], "COMPAT_": ["compat_sys_"], "PPC32_": ["sys_", "compat_sys_"], "32": ["sys_", "compat_sys_"]}
FUNCTION = re.compile(r"^asmlinkage\s+(?:notrace\s+|unsigned\s+)?(?:long|int|ssize_t)\s+(\w+)\(([^()]*)\)\s*\{", re.M)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


class Tree:
    def __init__(self, root):
        self.root = root
        self.version = read_version((root / "Makefile").read_text())

    def numbers(self):
        tables = {}
        for table, source in TABLES.items():
            if table == "s390" and not self.has_31_bit_s390():
                continue
            tables[table] = read_table(self.text(source.path), set(source.abis.split()), source.base)
        if "s390" in tables:  # 31 bits exist under a 64-bit kernel only: the handlers are those of the compat column
            tables["s390"] = {call: entry._replace(native=entry.compat) for call, entry in tables["s390"].items()}
        for table, (arch, bits) in GENERIC.items():
            tables[table] = self.generic_numbers(table, arch, bits)
        tables["arm"].update(arm_private_calls(self.text("arch/arm/include/uapi/asm/unistd.h")))
        return tables

    def text(self, path):
        return (self.root / path).read_text()

    def has_31_bit_s390(self):
        """7.2 dropped it: its table then has a single ABI, "common"."""
        return any(line.split()[1:2] == ["32"] for line in self.text(TABLES["s390"].path).splitlines())

    def generic_numbers(self, table, arch, bits):
        if not (self.root / "scripts/syscall.tbl").exists():
            with kernel_headers.Headers(self, table) as headers:
                return read_unistd(headers.preprocess("#include <asm/unistd.h>\n"))
        added = re.findall(rf"^syscall_abis_{bits}\s*\+=(.*)", self.text(f"arch/{arch}/kernel/Makefile.syscalls"), re.M)
        abis = {"common", str(bits), *" ".join(added).split()}
        return read_table(self.text("scripts/syscall.tbl"), abis, 0)

    def prototypes(self):
        found = collections.defaultdict(list)
        for path in self.source_files():
            text = path.read_text(errors="replace")
            if "SYSCALL" in text or "asmlinkage" in text:
                for name, args in read_prototypes(COMMENT.sub(" ", text)):
                    found[name].append(Prototype(args, str(path.relative_to(self.root))))
        return dict(found)

    def source_files(self):
        for folder in SOURCE_FOLDERS:
            yield from sorted((self.root / folder).rglob("*.c"))
        yield from (self.root / name for name in SOURCE_FILES)


def find_tree(folder):
    """The source tree in the folder of the extracted packages: the one folder with Makefile, arch and include/uapi."""
    places = [folder, *sorted(folder.iterdir()), *sorted(folder.glob("usr/src/*"))]
    trees = [place for place in places if (place / "include/uapi").is_dir() and (place / "Makefile").is_file()]
    if folder in trees:
        return Tree(folder)  # its tools/ looks like one, too
    return Tree(trees[0]) if len(trees) == 1 else None


def read_version(makefile):
    parts = dict(re.findall(r"^(VERSION|PATCHLEVEL|SUBLEVEL) *= *(\d+)", makefile, re.M))
    return tuple(int(parts[name]) for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL"))


def read_table(text, abis, base):
    """<number> <abi> <name> [<native entry> [<compat entry>]]; "-" is none."""
    calls = {}
    for line in text.splitlines():
        cells = line.partition("#")[0].split()
        if len(cells) < 3 or cells[1] not in abis:
            continue
        native, compat = ([cell if cell != "-" else "" for cell in cells[3:5]] + ["", ""])[:2]
        calls[cells[2]] = Entry(int(cells[0]) + base, native, compat)
    return calls


def read_unistd(text):
    """Numbers and entries of a preprocessed unistd.h: #defines kept, __SYSCALL(nr, entry) as "@nr entry"."""
    macros = dict(re.findall(r"^#define (__NR\w+) (.+)$", text, re.M))
    entries = {number_of(nr, macros): entry for nr, entry in re.findall(r"^@([^@]+)@ (\w+)", text, re.M)}
    calls = {}
    for macro in macros:
        nr = number_of(macro, macros)
        name = macro.removeprefix("__NR_")
        if nr in entries and macro.startswith("__NR_") and not name.startswith("arch_specific"):
            calls[name] = Entry(nr, entries[nr], "")
    return calls


def number_of(text, macros):
    total = 0
    for part in text.strip("() ").split("+"):
        part = part.strip("() ")
        total += int(part) if part.isdigit() else number_of(macros[part], macros) if part in macros else 1 << 40
    return total


def arm_private_calls(text):
    return {name: Entry(ARM_PRIVATE + int(offset), "", "")
            for name, offset in re.findall(r"#define __ARM_NR_(\w+)\s+\(__ARM_NR_BASE\+(\d+)\)", text)}


def read_prototypes(text):
    """(entry, arguments) of SYSCALL_DEFINEn(name, type, argument ...) and its relatives, and of plain functions."""
    for match in DEFINE.finditer(text):
        cells = split_arguments(text, match.end())
        if len(cells) != 1 + 2 * int(match.group(3)):
            continue
        pairs = [(clean_type(cells[i]), cells[i + 1]) for i in range(1, len(cells), 2)]
        for prefix in PREFIXES[match.group(2) or match.group(1)]:
            yield prefix + cells[0], pairs
    for match in FUNCTION.finditer(text):
        yield match.group(1), split_parameters(match.group(2))


def split_arguments(text, start):
    """The cells between an opened parenthesis and its closing one."""
    depth, cells, begin = 1, [], start
    for at in range(start, min(start + 2000, len(text))):
        char = text[at]
        depth += (char == "(") - (char == ")")
        if depth == 0 or (depth == 1 and char == ","):
            cells.append(" ".join(text[begin:at].split()))
            begin = at + 1
        if depth == 0:
            break
    return cells


def split_parameters(text):
    pairs = []
    for part in text.split(","):
        match = re.match(r"(.*?)(\w+)$", " ".join(part.split()))
        if match and match.group(1):
            pairs.append((clean_type(match.group(1)), match.group(2)))
    return pairs


def clean_type(text):
    return re.sub(r"\s*\*", " *", " ".join(text.split())).replace("* *", "**").strip()
