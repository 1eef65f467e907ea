"""Hold compiler/target/data against what a kernel's sources say, and say where they differ.

    differences(Tables(folder), Kernel(tree)) -> [Difference(kind, where, ours, theirs)]

Numbers, argument lists, widths, signs and constants. A row of our tables may be newer than the kernel, or a decision of
ours (an fd is signed): tools/syscall_rules.py and the versions say what is expected. OPEN lists the kinds that nothing
explains. Tested by tools/test_kernel_tree.py and test/unit/target/kernel_tree_test.cpp.
"""
import collections
import concurrent.futures
import re

import kernel_headers
from syscall_rules import CUT_BY_KERNEL, GROWS, LIBC_HEADER, SIGN_BY_US, VALUE_EXCEPTIONS

Difference = collections.namedtuple("Difference", "kind where ours theirs")
OPEN = {
    "number", "prototype", "count", "width", "sign", "type not understood", "prototype of an unknown signature",
    "constant", "constant that we lack", "constant that the kernel lacks",
}
Arg = collections.namedtuple("Arg", "name width signed kind c_type slots")

# (width, signed) of the C types of prototypes; None = a word. Pointers are words.
TYPES = {}
for names, shape in (
        ("int s32 __s32 utrap_entry_t pid_t key_t mqd_t timer_t clockid_t rwf_t key_serial_t compat_long_t "
         "compat_off_t compat_pid_t compat_ssize_t", (32, True)),
        ("unsigned|unsigned int|uint|u32|__u32|uint32_t|uid_t|gid_t|qid_t|compat_ulong_t|compat_size_t|compat_uptr_t|"
         "compat_mode_t|compat_aio_context_t|compat_old_sigset_t|enum landlock_rule_type", (32, False)),
        ("umode_t old_uid_t old_gid_t", (16, False)),
        ("loff_t s64 __s64", (64, True)), ("u64 __u64 uint64_t", (64, False)),
        ("long off_t old_time32_t ssize_t", (None, True)),
        ("unsigned long|size_t|uintptr_t|aio_context_t|old_sigset_t|__sighandler_t|cap_user_header_t|cap_user_data_t|"
         "utrap_handler_t", (None, False))):
    for name in names.split("|" if "|" in names else " "):
        TYPES[name] = shape


def shape_of(c_type, word_bits):
    """(width, signed) of a prototype's type, None if the type is not known."""
    plain = re.sub(r"\b(const|__user|volatile)\b", "", c_type).strip()
    plain = " ".join(plain.split())
    if plain.endswith("*") or "(" in plain:
        return word_bits, False
    if plain not in TYPES:
        return None
    width, signed = TYPES[plain]
    return width or word_bits, signed


def read_tsv(path):
    lines = path.read_text().splitlines()
    columns = lines[1].split("\t")
    return [dict(zip(columns, line.split("\t"))) for line in lines[2:]]


class Tables:
    """compiler/target/data as Python values."""

    def __init__(self, folder, abis):
        rows = {path.stem: read_tsv(path) for path in folder.glob("*.tsv")}
        head = (folder / "syscalls.tsv").read_text().split()
        self.version = tuple(int(part) for part in head[2].rstrip(";").split("."))
        self.word_bits = {row["table"]: row["word_bits"] for row in abis}
        self.tables = list(self.word_bits)
        self.numbers = {table: {row["call"]: int(row[table]) for row in rows["syscalls"] if row[table] != "-"}
                        for table in self.tables}
        self.since = {row["call"]: version_of(row["since"]) for row in rows["syscalls"]}
        self.later = {(row["table"], row["call"]): version_of(row["since"]) for row in rows["later"]}
        self.kinds = {row["type"]: row["kind"] for row in rows["types"]}
        self.signatures = collections.defaultdict(list)
        for row in rows["signatures"]:
            self.signatures[row["call"], row["variant"]] += [row] if row["index"] != "-" else []
        self.positions = {(row["table"], row["call"]): row for row in rows["positions"]}
        self.constants = {row["constant"]: (row["header"], int(row["value"]), exceptions_of(row["exceptions"]))
                          for row in rows["constants"]}

    def arguments(self, table, call):
        """In the order of their slots, those in no register left out; None if the signature is not known."""
        place = self.positions.get((table, call))
        rows = self.signatures.get((call, place["variant"] if place else "-"))
        if rows is None:
            return None
        slots = place["slots"].split() if place else [str(index) for index in range(len(rows))]
        args = [self.argument(row, slot, table) for row, slot in zip(rows, slots) if slot != "-"]
        return sorted(args, key=lambda arg: min(arg.slots))

    def hidden(self, table, call):
        """Arguments beyond the sixth slot."""
        place = self.positions.get((table, call))
        return place["slots"].split().count("-") if place and place["slots"] != "-" else 0

    def argument(self, row, slot, table):
        width = self.word_bits[table] if row["width"] == "word" else int(row["width"])
        slots = [int(part) for part in slot.partition("|")[0].split("/")]
        return Arg(row["name"], width, row["sign"] == "signed", self.kinds[row["type"]], row["c_type"], slots)

    def headers(self):
        return sorted({header for header, _, _ in self.constants.values() if "/" in header})

    def value(self, name, table):
        _, value, exceptions = self.constants[name]
        return exceptions.get(table, value)


def version_of(text):
    return tuple(int(part) for part in text.split(".")) if text != "-" else (0,)


def exceptions_of(text):
    found = {}
    for part in text.split(";") if text != "-" else []:
        value, _, tables = part.partition("=")
        found |= {table: None if value == "absent" else int(value) for table in tables.split(",")}
    return found


class Kernel:
    """What a source tree says, read once."""

    def __init__(self, tree):
        self.tree = tree
        self.version = tree.version
        self.numbers = tree.numbers()
        self.prototypes = tree.prototypes()

    def candidates(self, table, call):
        """The prototypes that may stand behind a call: the architecture's own if there are any."""
        entry = self.numbers[table][call].native
        if entry in ("sys_ni_syscall", "sys_nis_syscall"):
            return []
        own = f"arch/{kernel_headers.TARGETS[table].arch}/"
        for name in (entry, entry.removesuffix("_wrapper"), entry.removeprefix("__")):
            found = self.prototypes.get(name, [])
            found = [row for row in found if not any("pt_regs" in c_type for c_type, _ in row.args)]
            chosen = [row for row in found if row.path.startswith(own)]
            chosen = chosen or [row for row in found if not row.path.startswith("arch/")]
            if chosen:
                return chosen
        return []

    def constants(self, headers, select):
        """table -> name -> Constant."""
        def of_table(table):
            with kernel_headers.Headers(self.tree, table) as files:
                return files.constants(headers, select)

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return dict(zip(self.numbers, pool.map(of_table, self.numbers)))


# ---- numbers ----

def number_differences(tables, kernel):
    for table, theirs in kernel.numbers.items():
        ours = tables.numbers[table]
        for call in sorted(ours.keys() | theirs.keys()):
            nr = theirs[call].nr if call in theirs else None
            if ours.get(call) != nr:
                yield Difference(number_kind(tables, kernel, table, call, nr), f"{call} on {table}", ours.get(call), nr)


def number_kind(tables, kernel, table, call, nr):
    since = max(tables.since.get(call, (0,)), tables.later.get((table, call), (0,)))
    if nr is None and kernel.version < since:
        return "number newer than the kernel"
    return "number of a new call" if call not in tables.numbers[table] else "number"


# ---- arguments ----

def argument_differences(tables, kernel):
    for table, entries in kernel.numbers.items():
        for call in sorted(entries):
            args = tables.arguments(table, call) if call in tables.numbers[table] else None
            candidates = kernel.candidates(table, call)
            if not candidates:
                continue
            if args is None:
                yield Difference("prototype of an unknown signature", f"{call} on {table}", None, candidates[0].args)
                continue
            hidden = tables.hidden(table, call)
            found = [differences_from(args, row.args, tables.word_bits[table], hidden) for row in candidates]
            for kind, arg, ours, theirs in min(found, key=len):
                if kind == "count" and kernel.version < tables.version and ours > theirs:
                    continue  # prototype_differences says it once
                yield argument_difference(kind, (table, call, arg), ours, theirs)


def argument_difference(kind, key, ours, theirs):
    table, call, arg = key
    if arg is None:
        return Difference(kind, f"{call} on {table}", ours, theirs)
    name = f"{call}.{arg.name}"
    if kind == "width" and ours < theirs and (name in CUT_BY_KERNEL or arg.kind in ("fd", "pid")):
        kind = "width cut by the kernel"
    if kind == "sign" and name in SIGN_BY_US:
        kind = "sign of the usual handler"
    return Difference(kind, f"{name} on {table}", ours, theirs)


def differences_from(args, prototype, word_bits, hidden):
    """(kind, argument, ours, theirs) of one call against one prototype."""
    shapes = [shape_of(c_type, word_bits) for c_type, _ in prototype]
    if len(shapes) != len(args):
        ours, theirs = max((max(arg.slots) + 1 for arg in args), default=0), slots_of(shapes, word_bits)
        return [] if ours == theirs or len(args) + hidden == len(shapes) else [("count", None, len(args), len(shapes))]
    found = []
    for arg, shape, (c_type, _) in zip(args, shapes, prototype):
        if shape is None:
            found.append(("type not understood", arg, arg.c_type, c_type))
            continue
        width, signed = shape
        if arg.width != width:
            found.append(("width", arg, arg.width, width))
        if arg.signed != effective_sign(arg.kind, signed):
            found.append(("sign", arg, arg.signed, signed))
    return found


def slots_of(shapes, word_bits):
    """Registers that the arguments fill: two for 64 bits on a 32-bit ABI; handlers name the padding as arguments."""
    return sum(2 if shape and shape[0] > word_bits else 1 for shape in shapes)


def effective_sign(kind, signed):
    """How our tables decide: language rules on kinds first, then the prototype."""
    if kind in ("fd", "pid"):
        return True
    return signed and kind not in ("uid", "gid", "size")


# ---- prototypes ----

def prototype_differences(tables, kernel):
    """The usual signature's C types against every prototype that some table's entry has: one must agree."""
    for (call, variant), rows in sorted(tables.signatures.items()):
        having = [table for table in kernel.numbers if call in kernel.numbers[table]]
        seen = [row for table in having for row in kernel.candidates(table, call)]
        if variant != "-" or not seen:
            continue
        ours = [plain(row["c_type"]) for row in rows]
        theirs = [[plain(c_type) for c_type, _ in row.args] for row in seen]
        if ours not in theirs:
            longer = kernel.version < tables.version and any(ours[:len(row)] == row for row in theirs)
            kind = "prototype that grew after the kernel" if longer else "prototype"
            yield Difference(kind, call, ", ".join(ours), ", ".join(theirs[0]))


def plain(c_type):
    """What a pointer points at, and const, change between kernels and mean nothing to a filter."""
    text = " ".join(re.sub(r"\b(const|__user)\b", "", c_type).split())
    return "pointer" if text.endswith("*") else text.replace("unsigned int", "unsigned")


# ---- constants ----

def constant_differences(tables, kernel):
    found = kernel.constants(tables.headers(), lambda places: {name: header for name, header in places.items()
                                                               if name in tables.constants})
    for name in sorted(tables.constants):
        odd = {}
        for table, theirs in found.items():
            ours, value = tables.value(name, table), theirs[name].value if name in theirs else None
            if ours != value and (name, table) not in VALUE_EXCEPTIONS and (name, "*") not in VALUE_EXCEPTIONS:
                odd.setdefault((ours, value), []).append(table)
        for (ours, value), where in odd.items():
            kind = constant_kind(name, ours, value, tables, kernel)
            yield Difference(kind, f"{name} on {','.join(where)}", ours, value)


def constant_kind(name, ours, theirs, tables, kernel):
    older = kernel.version < tables.version
    if theirs is None and tables.constants[name][0] == LIBC_HEADER:
        return "constant of libc"
    if theirs is None:
        return "constant newer than the kernel" if older else "constant that the kernel lacks"
    if ours is None:
        return "constant that went after the kernel" if older else "constant that we lack"
    grew = older and (re.fullmatch(GROWS, name) or is_same_ioctl(ours, theirs))
    return "constant that grew after the kernel" if grew else "constant"


def is_same_ioctl(ours, theirs):
    """Only the size of the struct differs (include/uapi/asm-generic/ioctl.h; some architectures have 13 bits of it)."""
    return ours > 0xffff and theirs > 0xffff and (ours ^ theirs) & 0xe000ffff == 0


def print_differences(found, everything):
    """Counts by kind, then the open ones or all, one line for the same on several tables. True if some are open."""
    kinds = collections.Counter(difference.kind for difference in found)
    for kind, count in sorted(kinds.items()):
        print(f"{count:6} {'open: ' if kind in OPEN else ''}{kind}")
    lines = collections.defaultdict(list)
    for difference in found:
        if everything or difference.kind in OPEN:
            name, _, table = difference.where.partition(" on ")
            lines[difference.kind, name, str(difference.ours), str(difference.theirs)].append(table)
    for (kind, name, ours, theirs), where in lines.items():
        print(f"{kind}: {name}: ours {ours}, the kernel's {theirs} {' '.join(where)}".rstrip())
    return any(kind in OPEN for kind in kinds)


def differences(tables, kernel):
    for part in (number_differences, prototype_differences, argument_differences, constant_differences):
        yield from part(tables, kernel)
