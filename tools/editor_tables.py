"""What the editors' files are made of, read from the compiler's tables: words, operators, actions, built-in names. For gen_editors.py."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKEN = re.compile(r'^TOKEN\(\s*\w+\s*,\s*\w+\s*,\s*"((?:[^"\\]|\\.)*)"\s*,\s*(\w+)\s*,\s*(\w+)\s*\)')
OPERATOR = re.compile(r'^OPERATOR\(\s*(\w+)\s*,\s*"([^"]+)"\s*,\s*([12])\s*,\s*(\d+)\s*,\s*\w+\s*\)')
ACTION = re.compile(r'^ACTION\(\s*\w+\s*,\s*"(\w+)"\s*,\s*\w+\s*,\s*(none|required|optional)\s*,')
SECTIONS = {  # the section headings of tokens.def -> the class of their words
    "words of the file and its items": "declaration",
    "words of statements": "statement",
    "actions": "action",
    "words of conditions": "condition",
}


def lines(path):
    return (ROOT / path).read_text(encoding="utf-8").splitlines()


def word_rows():
    """(word, class, soft | reserved) in the order of tokens.def; the class `literal` is true and false."""
    section = None
    for line in lines("compiler/parse/tokens.def"):
        heading = re.match(r"// ---- (.*) ----", line)
        if heading:
            section = SECTIONS.get(heading[1])
        row = TOKEN.match(line)
        if not row or row[2] not in ("soft", "reserved"):
            continue
        if section is None:
            sys.exit(f"gen_editors: the word `{row[1]}` stands in a section of tokens.def that SECTIONS does not know")
        yield row[1], "literal" if row[1] in ("true", "false") else section, row[2]


def words():
    """class -> its words."""
    classes = {name: [] for name in [*SECTIONS.values(), "literal"]}
    for word, name, _ in word_rows():
        classes[name].append(word)
    if any(not found for found in classes.values()):
        sys.exit("gen_editors: a class of words is empty; did a heading of tokens.def change?")
    return classes


def reserved():
    return [word for word, _, use in word_rows() if use == "reserved"]


def operators():
    """(id, spelling, arity, level), weakest first."""
    rows = [(row[1], row[2], int(row[3]), int(row[4])) for row in map(OPERATOR.match, lines("compiler/ast/operators.def")) if row]
    if not rows:
        sys.exit("gen_editors: operators.def has no rows that can be read")
    return rows


def symbols():
    """The operators that are not words, longest first."""
    found = {spelling for _, spelling, _, _ in operators() if not spelling[-1].isalpha()}
    return sorted(found | {".."}, key=lambda symbol: (-len(symbol), symbol))


def actions():
    """none | required | optional -> the actions that take that much data, in the order of tokens.def."""
    data = {row[1]: row[2] for row in map(ACTION.match, lines("compiler/target/actions.def")) if row}
    taken = {"none": [], "required": [], "optional": []}
    for action in words()["action"]:
        taken[data[action]].append(action)
    return taken


def builtins(macro):
    """The names in the rows of builtins.def that begin with `macro`."""
    found = [row[1] for row in (re.match(rf'^{macro}\("?(\w+)"?', line) for line in lines("compiler/sema/builtins.def")) if row]
    if not found:
        sys.exit(f"gen_editors: builtins.def has no rows of {macro}")
    return found


def name_but_words(taken):
    """A regular expression without look-ahead for the names that are none of the words `taken`."""
    tail = "[a-zA-Z0-9_]*"
    ends, choices = set(taken), []

    def walk(prefix):
        after = sorted({word[len(prefix)] for word in taken if word.startswith(prefix) and len(word) > len(prefix)})
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_" + ("0123456789" if prefix else "")
        others = char_class([c for c in letters if c not in after])
        if prefix and prefix not in ends:
            choices.append(f"{prefix}({others}{tail})?")
        else:
            choices.append(f"{prefix}{others}{tail}")
        for letter in after:
            walk(prefix + letter)

    walk("")
    return "|".join(choices)


def char_class(letters):
    """[a-d_] for a list of characters."""
    codes, parts = sorted(map(ord, letters)), []
    while codes:
        run = 1
        while run < len(codes) and codes[run] == codes[0] + run:
            run += 1
        first, last = chr(codes[0]), chr(codes[run - 1])
        parts.append(first + last if run == 2 else first if run == 1 else f"{first}-{last}")
        codes = codes[run:]
    return "[" + "".join(parts) + "]"
