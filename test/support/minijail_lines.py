"""Minijail policies made by chance, of calls on several lines and nested includes, against an evaluator of its own.

    minijail_lines.py SBPC FOLDER  -> "25 policies, N events"; raises on the first difference

The evaluator reads the text as minijail's tools/parser.py and tools/compiler.py do, and shares no code with sbpc: all lines of a call make
one list of filters, the first that holds answers, and a last `allow` makes the compiler forget the others.
"""
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bpf  # noqa: E402

CALLS = {"read": 0, "write": 1, "close": 3, "mmap": 9, "ioctl": 16, "socket": 41, "prctl": 157}
VALUES = [0, 1, 2, 3, 7, 0xFFFFFFFF, 0x100000000, 1 << 63]
TOKEN = re.compile(r"\s+|(arg[0-5]\b|return\b|in\b|allow\b|trap\b|log\b|0x[0-9a-f]+|[0-9]+|\|\||&&|[=!<>]=|[{},;()~|&<>])")
MASK = (1 << 64) - 1


# ---- the evaluator ----

def read(path):
    """(call, filters) for each line, those of included files in their place."""
    for line in path.read_text().splitlines():
        if line.startswith("@include "):
            yield from read(path.parent / line.split()[1])
        elif line:
            call, body = line.split(":", 1)
            tokens = [found.group(1) for found in TOKEN.finditer(body) if found.group(1)]
            assert re.sub(r"\s", "", body) == "".join(tokens), body
            yield call.strip(), filters(tokens)


def filters(tokens):
    if tokens[0] != "{":
        return [single(tokens)]
    found = []
    while tokens.pop(0) in "{,":
        found.append(single(tokens))
    return found


def single(tokens):
    if not tokens[0].startswith("arg"):
        return None, action(tokens)
    clauses = [clause(tokens)]
    while tokens and tokens[0] == "||":
        tokens.pop(0)
        clauses.append(clause(tokens))
    if tokens and tokens[0] == ";":
        tokens.pop(0)
        return clauses, action(tokens)
    return clauses, bpf.ALLOW


def clause(tokens):
    atoms = [atom(tokens)]
    while tokens and tokens[0] == "&&":
        tokens.pop(0)
        atoms.append(atom(tokens))
    return atoms


def atom(tokens):
    return int(tokens.pop(0)[3:]), tokens.pop(0), value(tokens)


def value(tokens):
    whole = 0
    while True:
        inverted = tokens[0] == "~" and bool(tokens.pop(0))
        if tokens[0] == "(":
            tokens.pop(0)
            term = value(tokens)
            assert tokens.pop(0) == ")"
        else:
            term = int(tokens.pop(0), 0)
        whole |= ~term & MASK if inverted else term
        if not tokens or tokens[0] != "|":
            return whole
        tokens.pop(0)


def action(tokens):
    word = tokens.pop(0)
    if word == "return":
        return bpf.errno(int(tokens.pop(0)))
    return {"1": bpf.ALLOW, "allow": bpf.ALLOW, "trap": 0x00030000, "log": 0x7FFC0000}[word]


HOLDS = {"==": lambda a, v: a == v, "!=": lambda a, v: a != v, "<": lambda a, v: a < v, "<=": lambda a, v: a <= v,
         ">": lambda a, v: a > v, ">=": lambda a, v: a >= v, "&": lambda a, v: a & v != 0, "in": lambda a, v: a & ~v & MASK == 0}


def evaluate(statements, call, arguments):
    own = [one for name, made in statements if name == call for one in made]
    if own and own[-1] == (None, bpf.ALLOW):
        return bpf.ALLOW
    for clauses, answer in own:
        if clauses is None or any(all(HOLDS[op](arguments[index], v) for index, op, v in atoms) for atoms in clauses):
            return answer
    return bpf.KILL_THREAD


# ---- policies ----

def some_value(chance):
    text = chance.choice(["{}", "{}", "~{}", "({}|{})", "~( {} | {} )", "{}|{}", "{} | ~{}"])
    return text.format(*(chance.choice([str(v), hex(v)]) for v in chance.sample(VALUES, 2)))


def some_condition(chance):
    def some_atom():
        blank = chance.choice(["", " "])
        index, op = chance.randrange(3), chance.choice([*HOLDS, "=="])
        return f"arg{index} {op} {some_value(chance)}" if op == "in" else f"arg{index}{blank}{op}{blank}{some_value(chance)}"

    return chance.choice([" || ", "||"]).join(
        chance.choice([" && ", "&&"]).join(some_atom() for _ in range(chance.randint(1, 2))) for _ in range(chance.randint(1, 2)))


def some_action(chance):
    return chance.choice(["return 1", "return 13", "trap", "log", "allow"])


def write_policy(chance, folder):
    lines = []
    for call in CALLS:
        own = [some_condition(chance) + chance.choice(["", "", "; " + some_action(chance)]) for _ in range(chance.randint(0, 3))]
        own += chance.choice([[], [], ["1"], [some_action(chance)]])
        at = 0
        while own:
            taken = [own.pop(0) for _ in range(min(len(own), chance.randint(1, 2)))]
            at = chance.randint(at, len(lines))  # behind the call's lines so far
            lines.insert(at, f"{call}: " + (taken[0] if len(taken) == 1 else "{ " + ", ".join(taken) + " }"))
            at += 1
    lines.append("getpid: allow")  # libminijail refuses the word, so the file is the compiler's
    files = ["a.policy", "sub/b.policy", "sub/c.policy"]
    (folder / "sub").mkdir(parents=True, exist_ok=True)
    for depth, name in enumerate(files):
        first = chance.randint(0, len(lines)) if depth < 2 else len(lines)
        last = chance.randint(first, len(lines))
        here = lines[:first] + ([f"@include ./{files[depth + 1]}" if depth == 0 else "@include ./c.policy"] if depth < 2 else []) + (
            lines[last:] if depth < 2 else [])
        (folder / name).write_text("\n".join(here) + "\n")
        lines = lines[first:last] if depth < 2 else []
    return folder / files[0]


def main(sbpc, folder):
    chance = random.Random(7)
    events = 0
    for number in range(25):
        policy = write_policy(chance, pathlib.Path(folder) / str(number))
        made, program = policy.with_suffix(".sb"), policy.with_suffix(".bpf")
        subprocess.run([sbpc, "import", "--exact", "--arch", "x86_64", policy, "-o", made], check=True, capture_output=True)
        subprocess.run([sbpc, "-Wno-no-kernel", made, "--emit", f"bpf={program}"], check=True, capture_output=True)
        statements = list(read(policy))
        compiled = bpf.Program(program.read_bytes(), "little")
        for _ in range(400):
            call = chance.choice(list(CALLS))
            arguments = [chance.choice(VALUES) ^ chance.choice([0, 0, 0, 1, 4, 1 << 40]) for _ in range(3)]
            wanted, got = evaluate(statements, call, arguments), compiled.run(0xC000003E, CALLS[call], arguments)
            assert wanted == got, f"{policy}: {call}{arguments}: {wanted:#x} in the policy, {got:#x} in the program"
            events += 1
    print(f"25 policies, {events} events")


main(*sys.argv[1:])
