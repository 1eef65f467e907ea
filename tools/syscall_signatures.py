"""Argument lists of the calls, and where an ABI's handler differs from the usual one: signatures.tsv, positions.tsv.

Tested by test/unit/target/args_test.cpp.
"""
from syscall_rules import (COMPAT_NARROW, COMPAT_TYPES, OLD_IDS, OLD_SIGSUSPEND3, OTHER_ARGUMENTS, OTHER_SHAPES,
                           WIDE_FADVISE)


def arg_cells(arg, types):
    """Width and sign as the kernel acts on them, not as the prototype says; language.md, section on types."""
    kind = types[arg["type"]]["kind"]
    if "kernel_bits" in arg and arg["kernel_bits"] < 64:
        width = arg["kernel_bits"]
    elif arg["compare"] == "low32" or kind in ("fd", "pid"):
        width = 32
    else:
        # "low32 mostly" and "word or low32" depend on another argument: the whole word is the cautious answer without
        # it.
        width = arg["width"]
    signed = kind in ("fd", "pid") or (arg["signed"] and kind not in ("uid", "gid", "size"))
    pointer = arg["pointer"] or kind == "ptr"
    aliases = sorted(set(arg.get("aliases", [])) - {arg["name"], arg["kernel_name"]})
    return [arg["name"], arg["kernel_name"], ",".join(aliases), arg["type"], arg["c_type"], width,
            "signed" if signed else "unsigned", int(pointer)]


def pointer_to_struct(name, c_type="void __user *"):
    return {"name": name, "kernel_name": name, "type": "ptr", "c_type": c_type, "width": "word", "signed": False,
            "pointer": True, "compare": "word"}


def narrowed(arg, names):
    """The same argument as a compat handler takes it: 32 bits instead of a word."""
    if arg["name"] not in names:
        return arg
    return dict(arg, kernel_bits=32, c_type="compat_uptr_t" if "*" in arg["c_type"] else COMPAT_TYPES[arg["c_type"]])


def wide_offset(name):
    return {"name": name, "kernel_name": name, "type": "loff", "c_type": "loff_t", "width": 64, "signed": True,
            "pointer": False, "compare": "u64"}


def old_id(arg):
    """The same argument as the old calls of ABIs with CONFIG_UID16 take it: 16 bits."""
    types = {"uid": "uid16", "gid": "gid16"}
    if arg["type"] not in types:
        return arg
    c_type = {"uid": "old_uid_t", "gid": "old_gid_t"}[arg["type"]]
    return dict(arg, type=types[arg["type"]], c_type=c_type, kernel_bits=16, compare="low16")


def old_id_calls(facts, table):
    """kernel/uid16.c: where a call has a twin named ...32, the plain name is the 16-bit one."""
    return {pair.split("/")[0] for pair in facts.siblings["id32_twins"].get(table, [])} | OLD_IDS.get(table, set())


class Signatures:
    """Argument lists by (call, variant); a position row says which variant a table uses and in which slots."""

    def __init__(self, facts):
        self.facts = facts
        self.lists = {}
        self.positions = []
        for call in facts.calls:
            if call in facts.arguments and not facts.is_never(call):
                self.lists[call, "-"] = facts.arguments[call]
        for table in facts.tables:
            for call in sorted(facts.numbers[table]):
                if (call, "-") in self.lists:
                    self.place(table, call)

    def place_other_shape(self, table, call):
        """Does OTHER_SHAPES know the call there?"""
        for tables, name, variant, text in OTHER_SHAPES:
            if name != call or table not in tables.split():
                continue
            base = {arg["name"]: arg for arg in self.lists[call, "-"]}
            names = [part.split("@")[0] for part in text.split()]
            for name in names:
                if (call, variant, name) in OTHER_ARGUMENTS:
                    base[name] = pointer_to_struct(name, OTHER_ARGUMENTS[call, variant, name])
            if variant != "-":
                self.lists[call, variant] = [base[name] for name in names]
            slots = " ".join(part.split("@")[1] for part in text.split())
            self.positions.append([table, call, variant, slots, "-"])
            return True
        return False

    def place(self, table, call):
        if self.place_other_shape(table, call):
            return
        known = self.facts.positions[table].get(call)
        base = self.lists[call, "-"]
        if call in old_id_calls(self.facts, table) and any(old_id(arg) is not arg for arg in base):
            assert not known
            self.lists[call, "id16"] = [old_id(arg) for arg in base]
            self.positions.append([table, call, "id16", slots_in_order(base), "-"])
            return
        if call == "sigsuspend" and table in OLD_SIGSUSPEND3:
            self.positions.append([table, call, "-", "2", "-"])
            return
        if call in COMPAT_NARROW.get(table, {}):
            self.place_narrow(table, call)
            return
        if call == "fadvise64" and table in WIDE_FADVISE:
            args = [wide_offset(arg["name"]) if arg["name"] == "len" else arg for arg in base]
            self.lists[call, "wide"] = args
            self.positions.append([table, call, "wide", slots_in_order(args), "-"])
            return
        if not known:
            narrow = self.facts.register_bits[table] == 32
            assert not (narrow and any(arg["width"] == 64 for arg in base)), f"no slots for {call} on {table}"
            return
        placed = {arg["name"]: arg for arg in known["args"] if arg["name"] != "(pad)"}
        variant, args = self.variant(call, base, placed)
        slots = " ".join(slot_text(placed.get(arg["name"])) for arg in args)
        weak = "weak" if "unsure" in known else "-"
        if variant != "-" or slots != slots_in_order(base) or weak != "-":
            self.positions.append([table, call, variant, slots, weak])

    def place_narrow(self, table, call):
        names = COMPAT_NARROW[table][call].split()
        base = self.lists[call, "-"]
        assert set(names) <= {arg["name"] for arg in base}, (call, names)
        args = [narrowed(arg, names) for arg in base]
        assert self.lists.setdefault((call, "compat"), args) == args, call
        self.positions.append([table, call, "compat", slots_in_order(args), "-"])

    def variant(self, call, base, placed):
        names = {arg["name"] for arg in base}
        wide = {name for name in names if {"lo", "lo_le"} & placed.get(name, {}).keys()}
        if set(placed) <= names and all(arg["width"] == 64 for arg in base if arg["name"] in wide):
            return "-", base
        if set(placed) == {"args"}:
            variant, args = "memory", [pointer_to_struct("args")]
        elif set(placed) <= names:
            # fadvise64 on mips o32 is sys_fadvise64_64: its len has two slots although the usual one is a size_t.
            variant = "wide"
            args = [wide_offset(arg["name"]) if arg["name"] in wide and arg["width"] != 64 else arg for arg in base]
        else:
            assert set(placed) - names == {"offset"}, (call, placed)
            args = [arg for arg in base if arg["name"] not in ("pos_l", "pos_h")]
            args.insert(3, dict(wide_offset("offset"), kernel_name="pos"))
            variant = "offset64"
        self.lists[call, variant] = args
        return variant, args

    def rows(self):
        for (call, variant), args in sorted(self.lists.items()):
            if not args:
                yield [call, variant, "-"] + ["-"] * 8
            for index, arg in enumerate(args):
                yield [call, variant, index] + arg_cells(arg, self.facts.types)


def slots_in_order(args):
    return " ".join(str(index) for index in range(len(args)))


def slot_text(arg):
    """"3", "4/5" (lower half first), "4/5|5/4" (little | big endian), "-" for one that no register holds."""
    if arg is None or arg.get("invisible"):
        return "-"
    if "lo_le" in arg:
        return f"{arg['lo_le']}/{arg['hi_le']}|{arg['lo_be']}/{arg['hi_be']}"
    if "lo" in arg:
        return f"{arg['lo']}/{arg['hi']}"
    return str(arg["index"])
