#!/usr/bin/env python3
"""Writes docs/diagnostics.md from compiler/diag/kinds/*.def: every error, warning and remark, with a link to its example.

    gen_diagnostics.py [--check]     --check writes nothing and fails if the page is not what it would write
"""
import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
KINDS = ROOT / "compiler/diag/kinds"
PAGE = ROOT / "docs/diagnostics.md"
GROUPS = {
    "SB00": "Files", "SB01": "The command line", "SB1": "Syntax", "SB2": "Names", "SB3": "Types", "SB4": "Meaning", "SB5": "The program",
    "SB6": "Lints", "SB73": "Learning", "SB7": "Import",
}
ROW = re.compile(r'^DIAG\(\s*(\w+)\s*,\s*"(SB\d{4})"\s*,\s*(\w+)\s*,\s*"([^"]*)"\s*,\s*"((?:[^"\\]|\\.)*)"\s*,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', re.MULTILINE)
PIECE = re.compile(r'"(?:[^"\\]|\\.)*"')


def text_of_tables():
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(KINDS.glob("*.def")))


def rows():
    for match in ROW.finditer(text_of_tables()):
        name, code, severity, lint, text, pieces = match.groups()
        explanation = "".join(ast.literal_eval(piece) for piece in PIECE.findall(pieces))
        yield name, code, severity, lint, ast.literal_eval(f'"{text}"'), explanation


def group_of(code):
    return next(title for prefix, title in GROUPS.items() if code.startswith(prefix))


def example(name):
    """A link to what sbpc says of the test's policy."""
    return f" Example: [{name}](../test/diag/{name}.expected)." if (ROOT / f"test/diag/{name}.expected").exists() else ""


def entry(name, code, severity, lint, text, explanation):
    switch = ""
    if lint:
        switch = f" `-R{lint}` shows it." if severity == "remark" else f" `-Wno-{lint}` silences it, `-Werror={lint}` makes it an error."
    shown = text.replace("{{", "{").replace("}}", "}")
    return f"### {code} {name}\n\n*{severity}*: {shown}\n\n{explanation}{switch}{example(name)}\n"


def page():
    text = ("# Diagnostics\n\nWhat `sbpc` may say, by code; `sbpc --explain CODE` prints the same. This page is made by `tools/gen_diagnostics.py` from\n"
            "`compiler/diag/kinds/*.def`; `{}` stands for what the message names.\n")
    lints = sorted({(lint, severity) for _, _, severity, lint, _, _ in rows() if lint})
    text += "\n## Lints and remarks by name\n\n| name | kind | codes |\n|---|---|---|\n"
    for lint, severity in lints:
        codes = ", ".join(f"[{code}](#{code.lower()}-{name.lower()})" for name, code, _, own, _, _ in rows() if own == lint)
        text += f"| `{lint}` | {severity} | {codes} |\n"
    group = None
    for row in sorted(rows(), key=lambda row: row[1]):
        if group_of(row[1]) != group:
            group = group_of(row[1])
            text += f"\n## {group}\n"
        text += "\n" + entry(*row)
    return text


def main():
    written = len(re.findall(r"^DIAG\(", text_of_tables(), re.MULTILINE))
    if written != len(list(rows())):
        sys.exit(f"diag/kinds/ has {written} rows, of which {len(list(rows()))} were understood")
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
        print(f"wrote {PAGE}")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        sys.exit("docs/diagnostics.md is not what compiler/diag/kinds/ says: run tools/gen_diagnostics.py")
    else:
        print(f"{written} diagnostics")


if __name__ == "__main__":
    main()
