"""The uapi headers of a source tree, as one ABI sees them: preprocessed, and the values of their constants.

    headers = Headers(tree, "aarch64")
    headers.preprocess("#include <asm/unistd.h>\\n")     text of gcc -E -dD
    headers.constants(list of headers, select)          name -> Constant(value, header): macros and enumerators

The host's gcc (x86-64) preprocesses and translates to assembly; nothing is linked or run. -undef removes the host's
macros, a row of TARGETS gives those of the ABI, and one of four layouts stands for all ABIs: sizes of structs need only
the size of long and how a 64-bit member is aligned. Tested by tools/test_kernel_tree.py.
"""
import collections
import functools
import pathlib
import re
import subprocess
import tempfile

Constant = collections.namedtuple("Constant", "value header")
Target = collections.namedtuple("Target", "arch layout macros")

# -mx32: 32-bit long, 64-bit members aligned to 8; -m32: to 4 (i386, sh); m68k aligns nothing to more than 2.
LAYOUTS = {"lp64": ["-m64"], "ilp32": ["-mx32"], "ilp32 align 4": ["-m32"], "ilp32 align 2": ["-m32",
"-fpack-struct=2"]}
LITTLE = "__LITTLE_ENDIAN__ __BYTE_ORDER__=1234"
BIG = "__BIG_ENDIAN__ __BYTE_ORDER__=4321"
TARGETS = {
    "x86_64": Target("x86", "lp64", f"__x86_64__ {LITTLE}"),
    "i386": Target("x86", "ilp32 align 4", f"__i386__ {LITTLE}"),
    "x32": Target("x86", "ilp32", f"__x86_64__ __ILP32__ {LITTLE}"),
    "aarch64": Target("arm64", "lp64", f"__aarch64__ __AARCH64EL__ {LITTLE}"),
    "arm": Target("arm", "ilp32", f"__arm__ __ARM_EABI__ __ARMEL__ {LITTLE}"),
    "riscv64": Target("riscv", "lp64", f"__riscv __riscv_xlen=64 {LITTLE}"),
    "riscv32": Target("riscv", "ilp32", f"__riscv __riscv_xlen=32 {LITTLE}"),
    "loongarch64": Target("loongarch", "lp64", f"__loongarch__ __loongarch_grlen=64 __loongarch_lp64 {LITTLE}"),
    "s390x": Target("s390", "lp64", f"__s390__ __s390x__ {BIG}"),
    "s390": Target("s390", "ilp32", f"__s390__ {BIG}"),
    "ppc64le": Target("powerpc", "lp64", f"__powerpc__ __powerpc64__ _CALL_ELF=2 {LITTLE}"),
    "ppc64": Target("powerpc", "lp64", f"__powerpc__ __powerpc64__ _CALL_ELF=1 {BIG}"),
    "ppc": Target("powerpc", "ilp32", f"__powerpc__ {BIG}"),
    "mips_o32": Target("mips", "ilp32", f"__mips__ __mips=32 _MIPS_SIM=1 _ABIO32=1 _MIPS_SZLONG=32 __MIPSEB__ {BIG}"),
    "mips_n64": Target("mips", "lp64", f"__mips__ __mips64 __mips=64 _MIPS_SIM=3 _ABI64=3 "
                       f"_MIPS_SZLONG=64 __MIPSEB__ {BIG}"),
    "mips_n32": Target("mips", "ilp32", f"__mips__ __mips64 __mips=64 _MIPS_SIM=2 _ABIN32=2 "
                       f"_MIPS_SZLONG=32 __MIPSEB__ {BIG}"),
    "parisc": Target("parisc", "ilp32", f"__hppa__ {BIG}"),
    "parisc64": Target("parisc", "lp64", f"__hppa__ __hppa64__ {BIG}"),
    "sh": Target("sh", "ilp32 align 4", f"__sh__ {LITTLE}"),
    "m68k": Target("m68k", "ilp32 align 2", f"__m68k__ __mc68000__ {BIG}"),
    "sparc": Target("sparc", "ilp32", f"__sparc__ {BIG}"),
    "sparc64": Target("sparc", "lp64", f"__sparc__ __sparc64__ __arch64__ {BIG}"),
}
# What gcc knows without being told, what headers_install (scripts/headers_install.sh) strips, and the byte order's
# other names.
COMMON_MACROS = ("__linux__ __GNUC__=12 __CHAR_BIT__=8 __SIZEOF_INT__=4 __user= __force= __iomem= __attribute_const__= "
                 "__packed=__attribute__((packed)) __ORDER_LITTLE_ENDIAN__=1234 __ORDER_BIG_ENDIAN__=4321 "
                 "EXPORT_SYMBOL(x)=").split()
# Headers that belong to libc or to the kernel's inside; uapi headers include them outside __KERNEL__ too.
SOCKADDR = ("#include <linux/socket.h>\ntypedef __kernel_sa_family_t sa_family_t;\n"
            "struct sockaddr { sa_family_t sa_family; char sa_data[14]; };\n"
            "#define sockaddr_storage __kernel_sockaddr_storage\n")
STUBS = {
    "linux/compiler.h": "", "linux/compiler_types.h": "", "linux/kvm_types.h": "", "linux/build_bug.h": "",
    "stddef.h": "typedef unsigned long size_t;\n#define NULL ((void *)0)\n"
                "#define offsetof(t, m) __builtin_offsetof(t, m)\n",
    "stdint.h": "".join(f"typedef signed {kind} {name}_t;\ntypedef unsigned {kind} u{name}_t;\n" for kind, name in (
        ("char", "int8"), ("short", "int16"), ("int", "int32"), ("long long", "int64"))) +
                "typedef unsigned long uintptr_t;\n",
    "sys/types.h": "#include <stddef.h>\ntypedef int pid_t;\ntypedef unsigned u_int32_t;\ntypedef char *caddr_t;\n"
                   "typedef long long loff_t;\n",
    "sys/socket.h": SOCKADDR, "sys/time.h": "#include <linux/time.h>\n", "sys/ioctl.h": "#include <asm/ioctl.h>\n",
    "limits.h": "#define INT_MAX 2147483647\n#define INT_MIN (-INT_MAX - 1)\n",
    "time.h": "#include <linux/time.h>\ntypedef __kernel_old_time_t time_t;\n",
    "string.h": "", "stdlib.h": "", "unistd.h": "", "endian.h": "", "sys/ioccom.h": "",
    "netinet/in.h": "", "netinet/if_ether.h": "", "Types.h": "",
}
STUBS = {name: f"#pragma once\n{text}" for name, text in STUBS.items()}
# What some headers use without including it.
PRELUDE = "".join(f"#include <{header}>\n" for header in (
    "linux/types.h", "sys/types.h", "sys/socket.h", "asm/fcntl.h", "kernel-internal", "linux/if.h", "linux/serial.h",
    "linux/atmdev.h"))
# Numbers that user space passes but that only the kernel's own headers give; (header, pattern of the names).
INTERNAL = (
    ("include/linux/fs.h", r"MNT_|UMOUNT_"), ("include/linux/key.h", r"KEY_(?:POS|USR|GRP|OTH)_"),
    ("include/linux/net.h", r"SOCK_(?!WQ)"), ("include/linux/socket.h", r"AF_|PF_|SOL_|MSG_|SCM_|SOMAXCONN|IPX_TYPE"),
    ("include/linux/splice.h", r"SPLICE_F_"), ("include/linux/swap.h", r"SWAP_FLAG_"), ("include/linux/syslog.h",
    r"SYSLOG_"),
    ("include/net/bluetooth/bluetooth.h", r"BT"), ("include/net/bluetooth/hci_sock.h", r"HCI"), ("include/scsi/sg.h",
    r"SG_"),
)
# include/uapi/linux/Kbuild leaves these out where the architecture has no header of that name under asm/.
NEEDS_ASM = {"linux/a.out.h": "asm/a.out.h", "linux/kvm.h": "asm/kvm.h", "linux/kvm_para.h": "asm/kvm_para.h"}
MARKER = '# 1 "constants"\n'
PASSES = 4  # each one drops what the compiler refused; more would mean a fault of ours
POINTER_CLASS = 5
NUMBER_CLASSES = {1, 2, 3, 4, 5}  # of __builtin_classify_type: integer, char, enum, bool, pointer (SIG_IGN)


class Headers:
    """The headers of one table. The generated part (wrappers of asm-generic, stubs) lies in a scratch folder."""

    def __init__(self, tree, table):
        self.root = tree.root
        self.target = TARGETS[table]
        self.scratch = tempfile.TemporaryDirectory(prefix="sbpc-headers-")
        self.stubs = pathlib.Path(self.scratch.name)
        self.own = self.root / f"arch/{self.target.arch}/include/uapi"
        self.write_stubs()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.scratch.cleanup()

    def write_stubs(self):
        for name, text in STUBS.items():
            write(self.stubs / name, text)
        write(self.stubs / "kernel-internal", self.internal_defines())
        for name in self.kbuild(self.own, "generated-y") | self.kbuild(self.own, "syscall-y"):
            write(self.stubs / "asm" / name, "")
        generic = self.kbuild(self.own, "generic-y") | self.kbuild(self.root / "include/uapi", "mandatory-y")
        for name in generic:
            if not (self.own / "asm" / name).exists():
                write(self.stubs / "asm" / name, f"#include <asm-generic/{name}>\n")

    def internal_defines(self):
        """Those of the architecture come first: mips has socket types, parisc a SOCK_NONBLOCK of its own."""
        lines = []
        own = (f"arch/{self.target.arch}/include/asm/socket.h", r"SOCK_")
        for path, pattern in (own, *INTERNAL):
            text = (self.root / path).read_text() if (self.root / path).exists() else ""
            plain = strip_comments(text)
            found = re.findall(rf"^[ \t]*#[ \t]*define[ \t]+((?:{pattern})\w*)[ \t]+([^\n]*)", plain, re.M)
            found += re.findall(rf"^\t((?:{pattern})\w+)[ \t]*=[ \t]*(\d+)", text, re.M)
            lines += [f"#ifndef {name}\n#define {name} {value}\n#endif\n" for name, value in found]
        return "".join(lines)

    @staticmethod
    def kbuild(folder, variable):
        files = [folder / "asm/Kbuild", folder / "asm-generic/Kbuild"]
        text = "".join(path.read_text() for path in files if path.exists())
        return set(re.findall(rf"^{variable}\s*\+=\s*(\S+)", text, re.M))

    def has(self, header):
        needed = NEEDS_ASM.get(header)
        return any((folder / header).exists() for folder in self.folders()) and (not needed or self.has(needed))

    def folders(self):
        return [self.stubs, self.own, self.root / "include/uapi"]

    def flags(self):
        macros = [*COMMON_MACROS, *self.target.macros.split()]
        if self.target.layout == "lp64":
            macros += ["__LP64__", "_LP64", "__SIZEOF_LONG__=8", "__SIZEOF_POINTER__=8", "__SIZEOF_INT128__=16"]
        else:
            macros += ["__SIZEOF_LONG__=4", "__SIZEOF_POINTER__=4"]
        includes = [f"-I{folder}" for folder in self.folders()]
        return [*LAYOUTS[self.target.layout], "-undef", "-nostdinc", "-w", *includes, *(f"-D{name}" for name in macros)]

    def gcc(self, mode, text, language="c"):
        command = ["gcc", *self.flags(), *mode, "-x", language, "-o", "-", "-"]
        plain = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
        return subprocess.run(command, input=text, capture_output=True, text=True, env=plain)

    def preprocess(self, text, mode=("-dD",)):
        result = self.gcc(["-E", *mode, "-D__SYSCALL(nr,entry)=@nr@ entry"], text)
        if result.returncode != 0:
            raise RuntimeError(f"the headers cannot be read: {result.stderr[:500]}")
        return result.stdout

    def constants(self, wanted, select):
        """name -> Constant of the macros and enumerators that these headers and what they include define.

        select is given name -> header of all of them and returns those to evaluate.
        """
        # asm-generic headers come in through the architecture's own; both together would clash.
        files = sorted({header.replace("asm-generic/", "asm/") for header in wanted})
        includes = PRELUDE + "".join(f"#include <{header}>\n" for header in files if self.has(header))
        places, literals = names_of(self.preprocess(includes), self.folders())
        places = select(places)
        names = sorted(name for name in places if name not in literals)
        # Macros are expanded first: the compiler would else blame the header for what a constant's line got wrong.
        text = self.preprocess(includes + MARKER + "".join(map(value_line, names)), mode=())
        head, _, tail = text.partition(MARKER)
        lines = [line for line in tail.splitlines() if line.startswith("const ")]
        for _ in range(PASSES):
            result = self.gcc(["-S", "-fmax-errors=0"], head + MARKER + "\n".join(lines) + "\n", "cpp-output")
            errors = [line for line in result.stderr.splitlines() if " error: " in line]
            # A name that nothing declares is reported only where it is seen first.
            undeclared = re.findall(r"'(\w+)' undeclared", "\n".join(errors)) or ["$"]
            unknown = re.compile(r"\b(?:%s)\b" % "|".join(undeclared))
            refused = {int(number) for number in re.findall(r"^constants:(\d+):", "\n".join(errors), re.M)}
            if any(not line.startswith("constants:") for line in errors):
                raise RuntimeError(f"the headers do not compile: {errors[0]}")
            if not refused:
                values = dict(read_values(result.stdout, 64 if self.target.layout == "lp64" else 32))
                values |= {name: value for name, value in literals.items() if name in places}
                return {name: Constant(value, places[name]) for name, value in values.items()}
            lines = [line for number, line in enumerate(lines, 1) if number not in refused and not unknown.search(line)]
        raise RuntimeError("the compiler refuses constants again and again")


DEFINE = re.compile(r"#define (\w+) (.+)")
LITERAL = re.compile(r"\(?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)[uU]?[lL]{0,2}\)?")


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text.replace("\\\n", " "), flags=re.S)


def names_of(text, folders):
    """Of preprocessed text with #defines: name -> header of the object-like macros with a body and the enumerators, and
    name -> value of the macros that are a plain number, which need no compiler."""
    prefixes = sorted((f"{folder}/" for folder in folders), key=len, reverse=True)
    places, literals, chunk, header, path = {}, {}, [], "", ""

    def close():
        for body in re.findall(r"\benum\b[^{};()=]*\{([^{}]*)\}", "\n".join(chunk)):
            for name in re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"\([^()]*\)", "", body)):
                places.setdefault(name, header)
        chunk.clear()

    for line in text.splitlines():
        if not line.startswith("#"):
            chunk.append(line)
        elif line.startswith("# "):
            if line.split('"')[1] != path:
                close()
                path = line.split('"')[1]
                header = next((path.removeprefix(prefix) for prefix in prefixes if path.startswith(prefix)), "")
        elif line.startswith("#undef "):
            places.pop(line.split()[1], None)
            literals.pop(line.split()[1], None)
        elif define := DEFINE.match(line):
            places[define.group(1)] = header
            literals.pop(define.group(1), None)
            if number := LITERAL.fullmatch(define.group(2)):
                literals[define.group(1)] = int(number.group(1), 0 if number.group(1).startswith(("0x", "0X")) else 8 if
                                                number.group(1).startswith("0") else 10)
    close()
    return {name: place for name, place in places.items() if place and not name.isdigit()}, literals


def value_line(name):
    return (f"const unsigned long long value_of_{name}[3] = "
            f"{{(unsigned long long)({name}), ({name}) < 0, __builtin_classify_type({name})}};\n")


def read_values(assembly, pointer_bits):
    """(name, value) of the arrays that value_line made; those that are no numbers are left out."""
    for name, body in re.findall(r"^value_of_(\w+):\n((?:\t.*\n)*)", assembly, re.M):
        data = b""
        for kind, text in re.findall(r"^\t\.(quad|long|zero)\t(\S+)", body, re.M):
            if not re.fullmatch(r"-?\d+", text):
                break
            number = int(text)
            size = {"quad": 8, "long": 4}.get(kind)
            data += bytes(number) if size is None else (number % (1 << 8 * size)).to_bytes(size, "little")
        value, negative, kind = (int.from_bytes(data[start:start + 8], "little") for start in (0, 8, 16))
        if len(data) != 24 or kind not in NUMBER_CLASSES:
            continue
        if kind == POINTER_CLASS:
            yield name, value % (1 << pointer_bits)
        else:
            yield name, value - (1 << 64) if negative else value


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
