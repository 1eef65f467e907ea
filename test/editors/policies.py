#!/usr/bin/env python3
"""Every .sb file of the checkout, with what the compiler's parser says of it. For the tests of the editors' grammars.

    policies.py SBPC        as JSON: [{path, kinds: [its syntax errors], lexical: one shows in a token alone,
                             tokens: [[line, column, kind, text], ...] or null}, ...]

Tokens are asked for where there is one of everything (SAMPLED); lines and columns count from 1, columns in bytes.
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYNTAX = "SB10"  # the codes of compiler/diag/kinds/syntax.def
# The syntax errors that show in a token alone, as the grammars that are rows of regular expressions see a text.
LEXICAL = {"BadCharacter", "UnterminatedString", "BadEscape", "BadCharLiteral", "BadNumber", "LeadingZero", "BadRawSlot"}
SAMPLED = ("examples", "test/forms", "test/parse")
OTHER_LANGUAGES = {"LooksLikeSeatbelt", "LooksLikeJson"}  # said before the parser runs


def paths():
    inside = (path for folder in ROOT.iterdir() if folder.name not in ("build", ".git") for path in sorted(folder.rglob("*.sb")))
    return sorted(path for path in inside if "node_modules" not in path.parts)


def syntax_errors(sbpc, files):
    """path -> the kinds of its syntax errors; no entry for files without any."""
    files = list(files)
    few = 200  # of all together more would be said than one run says
    found = {}
    for first in range(0, len(files), few):
        found.update(errors_of_few(sbpc, files[first:first + few]))
    return found


def errors_of_few(sbpc, files):
    done = subprocess.run([sbpc, "fmt", "--check", "--error-format", "json", *map(str, files)], capture_output=True, text=True,
                          check=False, cwd=ROOT, timeout=120)
    report = json.loads(done.stderr)
    if report["dropped"]:
        raise SystemExit(f"{report['dropped']} diagnostics were dropped: files without one may still be wrong")
    found = {}
    for entry in report["diagnostics"]:
        if entry["code"].startswith(SYNTAX) or entry["kind"] in OTHER_LANGUAGES:
            found.setdefault(pathlib.Path(entry["place"]["file"]).resolve(), set()).add(entry["kind"])
    return found


def tokens(sbpc, path):
    """[(line, column, kind, text)]; comments are not among them. None where the command wants more than the tokens: a policy's name."""
    done = subprocess.run([sbpc, path, "--emit", "tokens"], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
    if done.returncode != 0:
        return None
    rows = (line.split(None, 2) for line in done.stdout.splitlines())
    return [(*map(int, place.split(":")), kind, text) for place, kind, text in (row for row in rows if len(row) == 3)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sbpc, every = sys.argv[1], paths()
    errors, rows = syntax_errors(sbpc, every), []
    for path in every:
        name, kinds = str(path.relative_to(ROOT)), sorted(errors.get(path, ()))
        sampled = not kinds and name.startswith(SAMPLED)
        rows.append({"path": name, "kinds": kinds, "lexical": bool(LEXICAL & set(kinds)), "tokens": tokens(sbpc, path) if sampled else None})
    if sum(row["tokens"] is not None for row in rows) < 25:
        sys.exit("the tokens of only a few files could be had")
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main()
