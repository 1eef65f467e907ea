"""Bring compiler/target/data up to a newer kernel: calls, numbers, signatures from prototypes, constants from headers.

    notes = update(folder, kernel, out)

What the sources cannot say (types of arguments, names of man pages, families, registers of 64-bit halves) is kept, or
given the type of its C type and named in the notes, for a person to finish. Tested by tools/test_kernel_tree.py.
"""
import collections
import re

from kernel_compare import Tables, plain, read_tsv, shape_of
from syscall_facts import constant_row, write_table
from syscall_rules import VALUE_EXCEPTIONS

UPDATED = ("abis", "syscalls", "later", "signatures", "positions", "constants")
# A header of which we have this part gives us its new constants too, others only those of families that we have.
WHOLE_HEADER = 0.8
TYPE_OF_C = {
    "int": "signed32", "unsigned int": "unsigned32", "u32": "unsigned32", "long": "signed_word",
    "unsigned long": "unsigned_word", "size_t": "size", "loff_t": "loff", "u64": "u64", "__u64": "u64", "pid_t": "pid",
    "uid_t": "uid", "gid_t": "gid", "umode_t": "mode",
}
FD_NAMES = {"fd": "fd", "dfd": "dirfd", "dirfd": "dirfd"}


class Update:
    def __init__(self, folder, abis, kernel):
        self.kernel = kernel
        self.tables = Tables(folder, abis)
        self.heads = {path.stem: path.read_text().splitlines()[:2] for path in sorted(folder.glob("*.tsv"))}
        self.rows = {name: [list(row.values()) for row in read_tsv(folder / f"{name}.tsv")] for name in self.heads}
        self.version = ".".join(str(part) for part in kernel.version)
        self.since = ".".join(str(part) for part in kernel.version[:2])
        self.notes = []

    def numbers(self):
        columns = self.heads["syscalls"][1].split("\t")
        known = {row[0]: row for row in self.rows["syscalls"]}
        for table, entries in self.kernel.numbers.items():
            for call, entry in entries.items():
                row = known.setdefault(call, [call, self.since, "-", "1", "0"] + ["-"] * len(self.tables.tables))
                before = row[columns.index(table)]
                row[columns.index(table)] = str(entry.nr)
                if before == "-" and call in self.tables.since:
                    self.rows["later"].append([table, call, self.since])
                elif before not in ("-", str(entry.nr)):
                    self.notes.append(f"{call} on {table}: the number changed from {before} to {entry.nr}")
        self.rows["syscalls"] = [known[call] for call in sorted(known)]
        self.rows["later"].sort()

    def signatures(self):
        for call in sorted({call for entries in self.kernel.numbers.values() for call in entries}):
            table = next(table for table, entries in self.kernel.numbers.items() if call in entries)
            candidates = self.kernel.candidates(table, call)
            ours = self.tables.signatures.get((call, "-"))
            if not candidates or ours == []:
                continue
            theirs = candidates[0].args
            if ours is None and call not in self.tables.since:
                self.add_arguments(call, theirs, 0)
                self.notes.append(f"{call}: new; its arguments have the types of their C types")
            elif ours and len(theirs) > len(ours) and is_prefix(ours, theirs):
                self.add_arguments(call, theirs, len(ours))
                self.notes.append(f"{call}: new arguments after the {len(ours)} known ones")
        self.rows["signatures"].sort(key=lambda row: (row[0], row[1], row[2] != "-" and int(row[2])))

    def add_arguments(self, call, args, first):
        if not args:
            self.rows["signatures"].append([call, "-"] + ["-"] * 9)
        for index, (c_type, name) in list(enumerate(args))[first:]:
            self.rows["signatures"].append([call, "-", str(index), *argument_cells(c_type, name, self.tables.kinds)])
            if shape_of(c_type, 32)[0] == 64:
                self.notes.append(f"{call}.{name}: 64 bits; the 32-bit ABIs need rows in positions.tsv")

    def constants(self):
        known = self.tables.constants
        found = self.kernel.constants(self.tables.headers(), lambda places: select(places, known))
        headers = {name: constant.header for values in reversed(found.values()) for name, constant in values.items()}
        rows = []
        for name in sorted(known.keys() | headers.keys()):
            values = {table: self.value(name, table, found.get(table, {})) for table in self.tables.tables}
            rows.append([str(cell) if cell != "" else "-" for cell in
                         constant_row(name, values, known[name][0] if name in known else headers[name])])
            if name not in known:
                self.notes.append(f"{name}: new constant of {headers[name]}; types.tsv does not list it")
        self.rows["constants"] = rows

    def value(self, name, table, found):
        ours = self.tables.value(name, table) if name in self.tables.constants else None
        if name not in found or (name, table) in VALUE_EXCEPTIONS or (name, "*") in VALUE_EXCEPTIONS:
            return ours
        return found[name].value

    def write(self, out):
        out.mkdir(parents=True, exist_ok=True)
        for name, (head, columns) in self.heads.items():
            source = head.removeprefix("# ").split("; written by")[0]
            if name in UPDATED:
                source = re.sub(r"Linux \d+\.\d+(\.\d+)?", f"Linux {self.version}", source, count=1)
            write_table(out / f"{name}.tsv", source, columns.split("\t"), self.rows[name])


def is_prefix(ours, theirs):
    return all(plain(row["c_type"]) == plain(c_type) for row, (c_type, _) in zip(ours, theirs))


def argument_cells(c_type, name, kinds):
    plain_type = re.sub(r"\b(const|__user)\b ?", "", c_type).strip()
    type_name = FD_NAMES.get(name) if plain_type in ("int", "unsigned int") else None
    type_name = type_name or ("ptr" if plain_type.endswith("*") else TYPE_OF_C.get(plain_type, "unsigned_word"))
    (on_32, signed), (on_64, _) = shape_of(c_type, 32), shape_of(c_type, 64)
    width = "word" if on_32 != on_64 else str(on_64)
    signed = kinds[type_name] in ("fd", "pid") or (signed and kinds[type_name] not in ("uid", "gid", "size"))
    return [name, name, "-", type_name, c_type, width, "signed" if signed else "unsigned", str(int(type_name == "ptr"))]


def family(name):
    return name.rpartition("_")[0] or name


def select(places, known):
    """Which of a table's names to evaluate: those we have, and the new ones that belong to them."""
    totals = collections.Counter(places.values())
    ours = collections.Counter(header for name, header in places.items() if name in known)
    families = {(header, family(name)) for name, header in places.items() if name in known}

    def wanted(name, header):
        if name.startswith("_") or not re.fullmatch(r"[A-Z]\w+", name):
            return False
        return ours[header] >= WHOLE_HEADER * totals[header] or (header, family(name)) in families

    return {name: header for name, header in places.items() if name in known or wanted(name, header)}


def update(folder, abis, kernel, out):
    """Writes out; returns notes for a person."""
    work = Update(folder, abis, kernel)
    if kernel.version < work.tables.version:
        raise ValueError(f"the sources ({work.version}) are older than the tables")
    work.numbers()
    work.signatures()
    work.constants()
    work.write(out)
    return work.notes
