#!/usr/bin/env python3
"""Turn compiler/target/data/*.tsv into one C++ file of constant arrays (declared in compiler/target/tables.h).

    tools/embed_tables.py --data DIR --arches FILE --out tables.cpp

Names become ids (positions in sorted lists), texts offsets into one character array, so the file is mostly integers:
it compiles fast and needs no initialisation when the program starts. Same input, same bytes.
"""
import argparse
import pathlib
import re

NO_ID = 0xffff
HIDDEN = 0xff  # an argument that no register holds
KIND_RANK = {"time64": 0, "id32": 1, "successor": 2, "family": 3}
TWINS = {"time64": ("time64 twin", "time32 twin"), "id32": ("32-bit id twin", "16-bit id twin")}


def read_table(path):
    lines = path.read_text().splitlines()
    columns = lines[1].split("\t")
    return [dict(zip(columns, ("" if cell == "-" else cell for cell in line.split("\t")))) for line in lines[2:]]


def split_list(text, separator=","):
    return text.split(separator) if text else []


class Writer:
    """Collects texts in one pool and prints arrays."""

    def __init__(self):
        self.pool = []
        self.size = 0
        self.known = {}
        self.parts = []

    def text(self, value):
        if value not in self.known:
            assert value.isascii() and '"' not in value and "\\" not in value and len(value) < 0x10000, value
            self.known[value] = self.size
            self.pool.append(value)
            self.size += len(value)
        return f"{{{self.known[value]},{len(value)}}}"

    def view(self, value):
        offset, size = self.text(value).strip("{}").split(",")
        return f"{{kPool+{offset},{size}}}"

    def array(self, kind, name, items):
        items = [str(item) for item in items] or ["{}"]
        lines, line = [], ""
        for item in items:
            if len(line) + len(item) > 130:
                lines.append(line)
                line = ""
            line += item + ","
        self.parts.append(f"constexpr {kind} {name}[] = {{\n" + "\n".join([*lines, line]) + "\n};\n")

    def number(self, kind, name, value):
        self.parts.append(f"constexpr {kind} {name} = {value};\n")

    def literal(self, name, text):
        chunks = [text[start:start + 120] for start in range(0, len(text), 120)]
        return f"constexpr char {name}[] =\n" + "\n".join(f'"{chunk}"' for chunk in chunks) + ";\n"


def size(value):
    """Not a bare 0, which libc++'s span would also take for a pointer."""
    return value or "size_t{}"


def int64(value):
    """A literal of int64_t; INT64_MIN has none of its own, values from 2^63 wrap (their kind says so)."""
    value = value - (1 << 64) if value >= 1 << 63 else value
    return "INT64_MIN" if value == -(1 << 63) else str(value)


def is_wide(value):
    return int(value >= 1 << 63)


def fnv1a(text):
    """The hash of compiler/target/constants.cpp: http://www.isthe.com/chongo/tech/comp/fnv, 32 bits."""
    value = 0x811c9dc5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xffffffff
    return value


def slots(names):
    """Open addressing: the index of each name at the first free place from its hash on; more than twice the room."""
    count = 1 << (2 * len(names)).bit_length()
    made = [NO_ID] * count
    for index, name in enumerate(names):
        place = fnv1a(name) % count
        while made[place] != NO_ID:
            place = (place + 1) % count
        made[place] = index
    return made


def version(text):
    major, _, rest = text.partition(".")
    return f"{{{major or 0},{rest.partition('.')[0] or 0}}}"


class Embedder:
    def __init__(self, data, arches):
        self.data = {path.stem: read_table(path) for path in sorted(data.glob("*.tsv"))}
        self.head = (data / "syscalls.tsv").read_text().splitlines()[0]
        self.tables = [row["table"] for row in self.data["abis"]]
        self.abi_tables = [cells[3] for cells in arches]
        self.calls = [row["call"] for row in self.data["syscalls"]]
        self.types = [row["type"] for row in self.data["types"]]
        self.constants = [row["constant"] for row in self.data["constants"]]
        for names in (self.calls, self.types, self.constants):
            assert names == sorted(set(names)) and len(names) < NO_ID
        self.call_id = {name: index for index, name in enumerate(self.calls)}
        self.type_id = {name: index for index, name in enumerate(self.types)}
        self.constant_id = {name: index for index, name in enumerate(self.constants)}
        self.out = Writer()

    def mask(self, tables):
        return sum(1 << self.tables.index(table) for table in tables)

    def run(self):
        for step in (self.abis, self.numbers, self.signatures, self.positions, self.type_table, self.constant_table,
                     self.dependent, self.siblings, self.multiplexers, self.libc):
            step()
        head = ("// Written by tools/embed_tables.py from compiler/target/data; not by hand.\n"
                '#include "target/tables.h"\n#pragma GCC diagnostic ignored "-Woverlength-strings"\n'
                "namespace sbpc::target::tables {\n")
        pool = self.out.literal("kPool", "".join(self.out.pool))
        return head + pool + "".join(self.out.parts) + "}  // namespace sbpc::target::tables\n"

    def abis(self):
        major, minor = re.match(r"# Linux (\d+)\.(\d+)", self.head).groups()
        self.out.number("KernelVersion", "kVersion", f"{{{major},{minor}}}")
        self.out.number("uint32_t", "kTableCount", len(self.tables))
        self.out.array("uint8_t", "kTableOfAbi", [self.tables.index(table) for table in self.abi_tables])
        self.out.array("KernelVersion", "kTableSince", [version(row["since"]) for row in self.data["abis"]])

    def numbers(self):
        rows = self.data["syscalls"]
        self.out.number("uint32_t", "kCallCount", len(rows))
        known = {row["call"] for row in self.data["signatures"]}
        self.signature_id = {}
        for row in self.data["signatures"]:
            self.signature_id.setdefault((row["call"], row["variant"]), len(self.signature_id))
        self.out.array("CallRow", "kCalls", [
            f"{{{self.out.text(row['call'])},{version(row['since'])},{version(row['removed'])},"
            f"{row['sure']},{row['never']},"
            f"{self.signature_id[row['call'], ''] if row['call'] in known else NO_ID}}}" for row in rows])
        self.out.array("uint32_t", "kNumbers", [row[table] or 0xffffffff for row in rows for table in self.tables])
        later = sorted((self.tables.index(row["table"]), self.call_id[row["call"]], version(row["since"]))
                       for row in self.data["later"])
        self.out.number("uint32_t", "kLaterCount", len(later))
        self.out.array("LaterRow", "kLater", [f"{{{table},{call},{since}}}" for table, call, since in later])
        ordered = [sorted((int(row[table]), self.call_id[row["call"]]) for row in rows if row[table])
                   for table in self.tables]
        starts = [sum(len(part) for part in ordered[:index]) for index in range(len(ordered) + 1)]
        self.out.array("uint32_t", "kByNumberBegin", starts)
        self.out.array("NumberRow", "kByNumber", [f"{{{nr},{call}}}" for part in ordered for nr, call in part])

    def signatures(self):
        ranges = {}
        aliases, rows = [], []
        for row in self.data["signatures"]:
            span = ranges.setdefault((row["call"], row["variant"]), [len(rows), 0])
            if not row["index"]:
                continue
            span[1] += 1
            names = split_list(row["aliases"])
            width = 0 if row["width"] == "word" else row["width"]
            texts = ",".join(self.out.text(row[column]) for column in ("name", "kernel_name", "c_type"))
            rows.append(f"{{{texts},{len(aliases)},{len(names)},{self.type_id[row['type']]},{width},"
                        f"{int(row['sign'] == 'signed')},{row['pointer']}}}")
            aliases += names
        self.out.array("SignatureRow", "kSignatures", [f"{{{begin},{count}}}" for begin, count in ranges.values()])
        self.counts = {key: count for key, (_, count) in ranges.items()}
        self.out.array("ArgRow", "kArgs", rows)
        self.out.array("std::string_view", "kAliases", [self.out.view(name) for name in aliases])

    def positions(self):
        rows = []
        for row in self.data["positions"]:
            key = (row["call"], row["variant"])
            slots = [slot.split("|") for slot in row["slots"].split()]
            assert len(slots) == self.counts[key] <= 6, row
            packed = [",".join(str(pack_slots(slot[min(end, len(slot) - 1)])) for slot in slots) for end in (0, 1)]
            rows.append((self.tables.index(row["table"]), self.call_id[row["call"]],
                         f"{self.signature_id[key]},{int(row['status'] == 'weak')},{{{packed[0]}}},{{{packed[1]}}}"))
        self.out.number("uint32_t", "kPositionCount", len(rows))
        self.out.array("PositionRow", "kPositions",
                       [f"{{{table},{call},{rest}}}" for table, call, rest in sorted(rows)])

    def type_table(self):
        names, fields, rows = [], [], []
        for row in self.data["types"]:
            first = len(fields)
            begin = len(names)
            names += split_list(row["constants"])
            for field in split_list(row["fields"], ";"):
                mask, _, chosen = field.partition("=")
                fields.append((mask, len(names), len(split_list(chosen))))
                names += split_list(chosen)
            count = len(split_list(row["constants"]))
            width = 0 if row["width"] == "word" else row["width"]
            signed = "true" if row["sign"] == "signed" else "false"
            rows.append(f"{{{self.out.view(row['type'])},TypeKind::{row['kind']},{width},{signed},"
                        f"{{kTypeNames+{begin},{size(count)}}},{{kFields+{first},{size(len(fields) - first)}}}}}")
        self.out.number("uint32_t", "kTypeCount", len(rows))
        self.out.array("std::string_view", "kTypeNames", [self.out.view(name) for name in names])
        self.out.array("Field", "kFields", [f"{{{self.out.view(mask)},{{kTypeNames+{begin},{count}}}}}"
                                            for mask, begin, count in fields])
        self.out.array("ArgType", "kTypes", rows)

    def constant_table(self):
        rows = self.data["constants"]
        pool, starts, exceptions, exception_starts = "", [0], [], [0]
        for row in rows:
            pool += row["constant"]
            starts.append(len(pool))
            for text in split_list(row["exceptions"], ";"):
                value, _, tables = text.partition("=")
                number = 0 if value == "absent" else int(value)
                kind = 2 if value == "absent" else is_wide(number)
                exceptions.append(f"{{{int64(number)},{self.mask(tables.split(','))},{kind}}}")
            exception_starts.append(len(exceptions))
        self.out.number("uint32_t", "kConstantCount", len(rows))
        self.out.parts.append(self.out.literal("kConstantPool", pool))
        self.out.array("uint32_t", "kConstantBegin", starts)
        places = slots(self.constants)
        self.out.number("uint32_t", "kConstantSlotCount", len(places))
        self.out.array("uint16_t", "kConstantSlots", places)
        self.out.array("int64_t", "kConstantValues", [int64(int(row["value"])) for row in rows])
        self.out.array("uint8_t", "kConstantWide", [is_wide(int(row["value"])) for row in rows])
        self.out.array("uint32_t", "kConstantExceptionBegin", exception_starts)
        self.out.array("ConstantException", "kConstantExceptions", exceptions)
        users = [[] for _ in rows]
        for index, row in enumerate(self.data["types"]):
            masks = [field.partition("=")[0].lstrip("~") for field in split_list(row["fields"], ";")]
            known = [name for name in masks if name in self.constant_id]
            for name in {**dict.fromkeys(split_list(row["constants"])), **dict.fromkeys(known)}:
                users[self.constant_id[name]].append(index)
        starts = [0]
        for types in users:
            starts.append(starts[-1] + len(types))
        self.out.array("uint32_t", "kConstantTypeBegin", starts)
        self.out.array("uint16_t", "kConstantTypes", [index for types in users for index in types])
        self.out.number("uint32_t", "kTrapCount", len(self.data["traps"]))
        traps = [(self.constant_id[row["constant"]], self.tables.index(row["table"]), row["libc_value"])
                 for row in self.data["traps"]]
        self.out.array("TrapRow", "kTraps", [f"{{{constant},{table},{value}}}" for constant, table, value in traps])

    def dependent(self):
        def row_of(row):
            second = self.constant_id[row["second_constant"]] if row["second_constant"] else NO_ID
            in_union = row["width"] == "union"
            width = 32 if in_union else row["width"] or 0
            cells = (self.out.text(row["arg"]), self.type_id[row["type"]], width, int(in_union), second,
                     row["only"] or -1)
            return self.call_id[row["call"]], self.constant_id[row["constant"]], ",".join(str(cell) for cell in cells)

        rows = sorted(row_of(row) for row in self.data["dependent"])
        self.out.number("uint32_t", "kDependentCount", len(rows))
        self.out.array("DependentRow", "kDependents",
                       [f"{{{call},{constant},{rest}}}" for call, constant, rest in rows])
        selectors = sorted({(self.call_id[row["call"]], row["selector"], row["mask"])
                            for row in self.data["dependent"]})
        self.out.number("uint32_t", "kSelectorCount", len(selectors))
        self.out.array("SelectorRow", "kSelectors",
                       [f"{{{call},{self.out.text(name)},{self.out.text(mask)}}}" for call, name, mask in selectors])
        seconds = sorted({(self.call_id[row["call"]], self.constant_id[row["constant"]], row["second"])
                          for row in self.data["dependent"] if row["second"]})
        self.out.number("uint32_t", "kSecondCount", len(seconds))
        self.out.array("SecondRow", "kSeconds",
                       [f"{{{call},{constant},{self.out.text(name)}}}" for call, constant, name in seconds])

    def siblings(self):
        rows, everywhere = set(), self.mask(self.tables)
        families = {}
        for row in self.data["siblings"]:
            call, other, kind = row["call"], row["other"], row["kind"]
            if kind == "family":
                families.setdefault(row["name"], []).append((call, other))
            elif kind == "successor":
                rows |= {(call, 2, 0, other, everywhere, "successor"), (other, 2, 1, call, everywhere, "predecessor")}
            elif kind in ("time64", "id32"):
                tables = self.mask(row["name"].split(","))
                there, back = TWINS[kind]
                rank = KIND_RANK[kind]
                rows |= {(call, rank, 0, other, tables, there), (other, rank, 0, call, tables, back)}
        for family, members in families.items():
            # open is in a family only with O_TMPFILE: memfd_create is then no sibling of every open, but open is one
            # of memfd_create.
            for call in {name for name, constant in members if not constant}:
                for other, constant in members:
                    why = f"family {family}" + (f", with {constant}" if constant else "")
                    if other != call:
                        rows.add((call, 3, len(members), other, everywhere, why))
        rows = sorted((self.call_id[call], rank, size, self.call_id[other], why, tables)
                      for call, rank, size, other, tables, why in rows)
        self.out.number("uint32_t", "kSiblingCount", len(rows))
        self.out.array("SiblingRow", "kSiblings", [f"{{{call},{other},{tables}U,{self.out.text(why)}}}"
                                                   for call, _, _, other, why, tables in rows])
        ops = sorted((self.call_id[row["call"]], row["name"])
                     for row in self.data["siblings"] if row["kind"] == "io_uring")
        self.out.number("uint32_t", "kUringOpCount", len(ops))
        self.out.array("UringRow", "kUringOps", [f"{{{call},{self.out.text(name)}}}" for call, name in ops])

    def multiplexers(self):
        rows = sorted((self.call_id[row["call"]], self.call_id[row["multiplexer"]], int(row["number"]),
                       self.mask(row["tables"].split(",")))
                      for row in self.data["multiplexers"])
        self.out.number("uint32_t", "kSubCallCount", len(rows))
        self.out.array("SubCallRow", "kSubCalls", [f"{{{call},{through},{number},{tables}}}"
                                                   for call, through, number, tables in rows])

    def libc(self):
        calls, rows = [], []
        for row in self.data["libc_calls"]:
            begin = len(calls)
            for text in split_list(row["calls"]):
                through, _, name = text.rpartition(":")
                calls.append(f"{{{self.call_id[name]},{self.call_id[through] if through else NO_ID}}}")
            rows.append(f"{{{self.out.text(row['libc'])},{self.out.text(row['api'])},{begin},{len(calls) - begin}}}")
        self.out.number("uint32_t", "kLibcCount", len(rows))
        self.out.array("LibcRow", "kLibcs", rows)
        self.out.array("LibcCallRow", "kLibcCalls", calls)


def pack_slots(text):
    if text == "-":
        return HIDDEN
    low, _, high = text.partition("/")
    return int(low) | (int(high) if high else 15) << 4


def read_arches(path):
    matches = (re.match(r"ABI\(([^)]*)\)", line) for line in path.read_text().splitlines())
    return [[cell.strip() for cell in match.group(1).split(",")] for match in matches if match]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--arches", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.out.write_text(Embedder(args.data, read_arches(args.arches)).run())


if __name__ == "__main__":
    main()
