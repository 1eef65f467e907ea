"""The rows of compiler/target/data from extracted facts: one JSON file per subject (tables, arguments ...).

    write_all(Facts(folder), out)

Reading (class Facts), deciding (the functions that return rows) and writing (write_table) are apart. The output is
sorted and has no dates: the same facts give the same bytes. Tested by test/unit/target/gen_test.cpp.
"""
import json
import pathlib
import re

from syscall_rules import (ABI_FIRST, CORRECTED_ARGUMENTS, DEPENDENT_BITS, EXTRA_CONSTANTS, EXTRA_FIELDS,
                           EXTRA_SIGNATURES, FILLED, FILLED_FROM, GUESS_NOTES, KERNEL_VALUES, LATER,
                           NARROW_IOCTL_TYPES, NEVER, TYPE_KINDS, VERSIONS)
from syscall_signatures import Signatures, arg_cells

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUMBERS_SOURCE = "Linux 7.2.13 syscall tables (arch/*/entry/syscalls/*.tbl and relatives, scripts/syscall.tbl)"
DEFINE_SOURCE = "Linux 7.2.13 SYSCALL_DEFINE prototypes, argument names of man-pages"
UAPI_SOURCE = "Linux 7.2 uapi headers, compiled per ABI (s390: 6.1)"


class Facts:
    """The JSON facts, cut to the tables that arches.def names."""

    def __init__(self, folder):
        def load(name):
            return json.loads((folder / f"{name}.json").read_text())

        self.abis = read_abis()
        self.tables = sorted({row["table"] for row in self.abis}, key=[row["table"] for row in self.abis].index)
        self.register_bits = {row["table"]: row["register_bits"] for row in self.abis}
        self.numbers = {table: load("tables")[table] for table in self.tables}
        self.calls = sorted({call for table in self.numbers.values() for call in table})
        self.arguments = load("arguments") | EXTRA_SIGNATURES
        for (call, name), changes in CORRECTED_ARGUMENTS.items():
            self.arguments[call] = [arg | changes if arg["name"] == name else arg for arg in self.arguments[call]]
        self.positions = load("arg_positions")
        self.types = load("types")
        self.dependent = load("dependent")
        self.constants = {name: values for name, values in load("constants").items()
                          if any(values.get(table, values["*"]) is not None for table in self.tables)}
        self.headers = {name: row["header"] for name, row in load("constants_meta").items()}
        self.traps = load("constants_traps")["measured"]
        self.versions = load("kver")
        self.siblings = load("siblings")
        self.libc = load("libc_calls")

    def is_never(self, call):
        """mips o32 calls some numbers unused that do answer (4059 is sys_olduname): those have a signature."""
        return call in NEVER or (re.match(r"(unused|reserved)\d+$", call) and call not in self.arguments)

    def value(self, constant, table):
        values = self.constants[constant]
        return values.get(table, values["*"])


def read_abis():
    rows = []
    for line in (ROOT / "compiler/target/arches.def").read_text().splitlines():
        match = re.match(r"ABI\(([^)]*)\)", line)
        if match:
            cells = [cell.strip() for cell in match.group(1).split(",")]
            rows.append({"name": cells[0], "table": cells[3], "word_bits": int(cells[4]),
                         "register_bits": int(cells[5])})
    return rows


def write_table(path, source, columns, rows):
    lines = [f"# {source}; written by tools/gen_syscalls.py, not by hand", "\t".join(columns)]
    for row in rows:
        cells = ["-" if cell in (None, "") else str(cell) for cell in row]
        assert len(cells) == len(columns) and not any("\t" in cell or "\n" in cell for cell in cells), row
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n")


# ---- calls ----

def call_rows(facts):
    """call, since, removed, sure, never, then one number per table."""
    for call in facts.calls:
        known = facts.versions.get(call, {})
        since, sure = known.get("since"), bool(known.get("since")) and known.get("note", "") not in GUESS_NOTES
        if call in VERSIONS:
            since, sure = VERSIONS[call], True
        numbers = [facts.numbers[table].get(call) for table in facts.tables]
        yield [call, since, known.get("removed"), int(sure), int(bool(facts.is_never(call)))] + numbers


def later_rows(facts):
    for since, tables, calls in LATER:
        for call in calls.split():
            for table in tables.split():
                assert table in facts.tables and call in facts.calls
                if call in facts.numbers[table]:
                    yield [table, call, since]


def abi_rows(facts):
    for table in facts.tables:
        yield [table, *ABI_FIRST.get(table, ("-", "before 3.5, the first kernel with seccomp filters"))]


# ---- types ----

def mask_text(mask, constants):
    if isinstance(mask, int):
        named = {15: "SOCK_TYPE_MASK"}.get(mask)
        return named if named in constants else hex(mask)
    return mask


def type_fields(facts, name, listed):
    """(mask, constants) of the enumerations inside a flags word; the flag parts themselves are no fields."""
    fields = []
    for field in facts.types[name].get("fields", []):
        if field["kind"] not in ("enum", "signal"):
            continue
        chosen = field.get("constants") or []
        if field["kind"] == "signal":
            chosen = facts.types["signal"]["constants"]
        fields.append((mask_text(field["mask"], facts.constants), chosen))
    for mask, pattern in EXTRA_FIELDS.get(name, []):
        fields = [field for field in fields if field[0] != mask]
        fields.append((mask, [constant for constant in listed if re.match(pattern, constant)]))
    return [(mask, [name for name in chosen if name in facts.constants]) for mask, chosen in fields if chosen]


def type_constants(facts, name):
    row = facts.types[name]
    listed = list(row["constants"]) + list(row.get("aliases", [])) + EXTRA_CONSTANTS.get(name, [])
    for field in row.get("fields", []):
        listed += field.get("constants", [])
        if field["kind"] == "signal":
            listed += facts.types["signal"]["constants"]
    return sorted({constant for constant in listed if constant in facts.constants})


def type_width(facts, name, uses):
    row = facts.types[name]
    if row.get("kernel_bits") == 16 or name in ("uid16", "gid16"):
        return 16
    widths = {arg_cells(arg, facts.types)[5] for arg in uses}
    # A word type of which every user ignores the upper half (mmap_prot, clone_flags) is a 32-bit type.
    return 32 if row["width"] == "word" and widths == {32} else row["width"]


def type_signed(facts, name, uses):
    kind = facts.types[name]["kind"]
    if kind in ("fd", "pid", "signed"):
        return True
    if kind in ("uid", "gid", "size", "unsigned", "ptr", "mode", "flags"):
        return False
    return any(arg["signed"] for arg in uses) or not uses


def type_rows(facts, extra):
    uses = {}
    for args in facts.arguments.values():
        for arg in args:
            uses.setdefault(arg["type"], []).append(arg)
    rows = dict(extra)
    for name, row in facts.types.items():
        listed = type_constants(facts, name)
        fields = ";".join(f"{mask}={','.join(chosen)}" for mask, chosen in type_fields(facts, name, listed))
        signed = "signed" if type_signed(facts, name, uses.get(name, [])) else "unsigned"
        width = type_width(facts, name, uses.get(name, []))
        rows[name] = [name, TYPE_KINDS[row["kind"]], width, signed, ",".join(listed), fields]
    return [rows[name] for name in sorted(rows)]


# ---- dependent arguments ----

class Dependent:
    """What a selector's constant makes of the other arguments: rows, and types for lists without a name."""

    def __init__(self, facts):
        self.facts = facts
        self.rows = []
        self.types = {}
        for call, entry in sorted(facts.dependent.items()):
            selector = entry.get("selector")
            # `cmd >> 8` (quotactl) is no argument: a selector has to be compared with the constant itself.
            if not entry.get("cases") or not selector or " " in selector:
                continue
            mask = mask_text(entry["mask"], facts.constants) if "mask" in entry else None
            for target in [call, *entry.get("same_for", []), *entry.get("also", [])]:
                for constant, case in sorted(entry["cases"].items()):
                    if constant in facts.constants:
                        self.add_case([target, selector, mask, constant], call, case or {})
        self.rows.sort(key=lambda row: [str(cell) for cell in row])

    def add_case(self, head, call, case):
        """A case gives each argument's use; `by_arg` refines it by the constant that the second argument has."""
        inner = case.get("by_arg", {})
        seconds = {name for uses in inner.values() for name, use in uses.items() if "const" in use}
        second = min(seconds, default=None)
        for name, use in sorted((self.agreed(inner, second) | case).items()):
            self.add(head, [None, None, name], (call, head[3], name), use)
        for constant, uses in sorted(inner.items()):
            for name, use in sorted(uses.items()):
                known_better = name in case and use.get("type") in ("signed_word", "unsigned_word")
                if name != second and not known_better and constant in self.facts.constants:
                    self.add(head, [second, constant, name], (call, constant, name), use)

    @staticmethod
    def agreed(inner, second):
        """Uses that all constants of the second argument share, and that argument's own: one of those constants."""
        if not inner:
            return {}
        uses = {second: {"type": "enum", "constants": list(inner)}}
        for name in sorted({name for case in inner.values() for name in case} - {second}):
            found = [case[name] for case in inner.values() if "type" in case.get(name, {})]
            if len(found) == len(inner) and len({use["type"] for use in found}) == 1:
                uses[name] = found[0]
            elif not found and all("must_be" in case.get(name, {}) for case in inner.values()):
                uses[name] = inner[min(inner)][name]
        return uses

    def add(self, head, where, key, use):
        names = {arg["name"]: arg for arg in self.facts.arguments[head[0]]}
        if where[2] in names and isinstance(use, dict) and ("type" in use or "must_be" in use):
            self.rows.append([*head, *where, *self.use_cells(key, use, names[where[2]])])

    def use_cells(self, key, use, arg):
        """type, width, the only value that the kernel takes."""
        call, constant, name = key
        if "type" not in use:
            return [arg["type"], None, use["must_be"]]
        type_name, kind = use["type"], use["type"]
        if kind == "unsigned_word" and use.get("constants"):
            kind = "enum" if call == "ptrace" else "flags"  # the regset's number; PR_SET_SECUREBITS, ARCH_SHSTK_ENABLE
        if kind in ("enum", "flags"):
            type_name = f"{call}_{constant}_{name}".lower()
            listed = ",".join(sorted(item for item in use["constants"] if item in self.facts.constants))
            self.types[type_name] = [type_name, TYPE_KINDS[kind], "word", "unsigned", listed, ""]
        width = DEPENDENT_BITS.get((call, constant), {}).get(name) or use.get("bits") or use.get("width")
        if width is None and (call == "futex" or (call == "ioctl" and type_name in NARROW_IOCTL_TYPES)):
            width = 32
        return [type_name, width if width in (32, "union") else None, None]


# ---- constants ----

def constant_rows(facts):
    """name, common value, exceptions ("VALUE=table,table;..." with "absent" for none), header."""
    for name in sorted(facts.constants):
        values = {table: facts.value(name, table) for table in facts.tables}
        if name in KERNEL_VALUES:
            values = {table: KERNEL_VALUES[name] for table in facts.tables}
        if name.startswith(FILLED):
            values |= {table: values[other] for table, other in FILLED_FROM.items() if values[table] is None}
        if facts.headers[name].startswith("/"):
            continue  # a compiler's own header
        yield constant_row(name, values, facts.headers[name])


def constant_row(name, values, header):
    """values: table -> value or None. The common value stands once, the others as exceptions."""
    present = [value for value in values.values() if value is not None]
    common = max(sorted(set(present)), key=present.count)
    odd = {}
    for table, value in values.items():
        if value != common:
            odd.setdefault("absent" if value is None else str(value), []).append(table)
    text = ";".join(f"{value}={','.join(tables)}" for value, tables in sorted(odd.items()))
    return [name, common, text, header]


def trap_rows(facts):
    """Constants whose libc value is another one; those that only grew between kernel headers are no traps."""
    for name, trap in sorted(facts.traps.items()):
        if "libc" not in trap["kind"]:
            continue
        for table in facts.tables:
            if table in trap["by_abi"]:
                yield [name, table, trap["by_abi"][table]["libc_or_6.1"]]


# ---- siblings, multiplexers, libc ----

def sibling_rows(facts):
    """kind, name (family, tables or operation), call, other call or constant."""
    for family, entry in facts.siblings["families"].items():
        for member in entry["calls"]:
            call, _, constant = member.partition(":")
            if call in facts.calls:
                yield ["family", family, call, constant]
    for kind, group in (("time64", "time64_twins"), ("id32", "id32_twins")):
        pairs = {}
        for table in facts.tables:
            entry = facts.siblings[group].get(table, [])
            for pair in entry["pairs"] if isinstance(entry, dict) else entry:
                pairs.setdefault(pair, []).append(table)
        for pair, tables in pairs.items():
            yield [kind, ",".join(tables), *pair.split("/")]
    for call, entry in facts.siblings["successors"].items():
        if call in facts.calls and entry["successor"] in facts.calls:
            yield ["successor", "-", call, entry["successor"]]
    for op, calls in facts.siblings["io_uring_ops"].items():
        for call in calls:
            yield ["io_uring", op, call, "-"]


def multiplexer_rows(facts):
    for multiplexer in ("ipc", "socketcall"):
        entry = facts.siblings["multiplexers"][multiplexer]
        tables = [table for table in facts.tables if table in entry["on"]]
        assert all(multiplexer in facts.numbers[table] for table in tables)
        for constant, number in entry["numbers"].items():
            yield [multiplexer, constant, number, constant.removeprefix("SYS_").lower(), ",".join(tables)]


def libc_rows(facts):
    for api, libcs in facts.libc.items():
        for libc, calls in libcs.items():
            yield [libc, api, ",".join(call for call in calls)]


def write_all(facts, out):
    out.mkdir(parents=True, exist_ok=True)
    signatures = Signatures(facts)
    dependent = Dependent(facts)
    for name, source, columns, rows in (
            ("abis", "Linux 7.2.13; first kernel of each ABI's table", "table since source", abi_rows(facts)),
            ("syscalls", f"{NUMBERS_SOURCE}; versions of man-pages syscalls(2) and those in tools/syscall_rules.py",
             f"call since removed sure never {' '.join(facts.tables)}", call_rows(facts)),
            ("later", "first Linux version (of up to 7.2.13) where an ABI got a call after the others; sources in "
             "tools/syscall_rules.py", "table call since", sorted(later_rows(facts))),
            ("signatures", DEFINE_SOURCE,
             "call variant index name kernel_name aliases type c_type width sign pointer", signatures.rows()),
            ("positions", "Linux 7.2.13 syscall wrappers and Kconfig (CLONE_BACKWARDS*, UID16, OLD_SIGSUSPEND3), "
             "glibc's __ASSUME_ALIGNED_REGISTER_PAIRS", "table call variant slots status",
             sorted(signatures.positions)),
            ("types", UAPI_SOURCE, "type kind width sign constants fields", type_rows(facts, dependent.types)),
            ("dependent", "Linux 7.2.13 sources and man-pages 6.20",
             "call selector mask constant second second_constant arg type width only", dependent.rows),
            ("constants", UAPI_SOURCE, "constant value exceptions header", constant_rows(facts)),
            ("traps", "Linux 7.2 uapi headers against the libc's own headers", "constant table libc_value",
             trap_rows(facts)),
            ("siblings", "Linux 7.2.13 syscall tables, io_uring/opdef.c", "kind name call other",
             sorted(sibling_rows(facts))),
            ("multiplexers", "Linux 7.2 include/uapi/linux/net.h, ipc.h; tables that have the call",
             "multiplexer constant number call tables", sorted(multiplexer_rows(facts))),
            ("libc_calls", "strace of C programs under each libc; call names of the Linux 7.2.13 tables",
             "libc api calls", sorted(libc_rows(facts)))):
        write_table(out / f"{name}.tsv", source, columns.split(), rows)
