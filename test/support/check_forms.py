"""Every form of the language has a golden in test/forms: each declaration, statement and policy line of the grammar, each operator, action,
type of parameters and install flag. The lists are the compiler's own tables; what test/forms does not show is an error.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def rows(path, pattern):
    return re.findall(pattern, (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def wanted():
    """(what, regular expression that shows it)."""
    for rule, body in rows("grammar/Sb.g4", r"^(\w+(?:Decl|Statement|Line))\s+: (.*)$"):
        word = re.search(r"'(\w+)'", body)
        if rule == "ruleStatement":
            continue  # begins with an action; those are below
        yield rule, r"(^|[\s{;])" + word[1] + r"\b"
    for spelling in rows("compiler/ast/operators.def", r'^OPERATOR\(\w+,\s*"([^"]+)"'):
        if spelling != "=":  # always an error
            yield f"operator {spelling}", (r"\b" + spelling + r"\b") if spelling.isalpha() else re.escape(spelling)
    for name in rows("compiler/target/actions.def", r'^ACTION\(\w+, "(\w+)"'):
        yield f"action {name}", r"[\s;{]" + name + r"(\(|\s)"
    for name in rows("compiler/sema/builtins.def", r'^TYPE\("(\w+)"'):
        yield f"type {name}", r": " + name + r"\b"
    for name in rows("compiler/sema/builtins.def", r"^INSTALL_FLAG\((\w+), [\d.]+\)$"):
        yield f"install {name}", r"install [^;]*\b" + name + r"\b"
    for what, pattern in (("type of a call's argument", r": \w+\.\w+ ="), ("set of a kind", r": \{fd\}"), ("set of a call's argument", r": \{\w+\.\w+\}"),
                          ("bool", r": bool"), ("action parameter", r": action"), ("range", r"\d\.\.\d"), ("raw slot", r"\$\d"), ("ip", r"\bip\b"),
                          ("except of a group", r"\} except \{"), ("unsafe rules", r"unsafe rules"), ("runtime param", r"runtime param")):
        yield what, pattern


def main():
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "test/forms").glob("*.sb")) if path.with_suffix(".expected").exists())
    checked = list(wanted())
    missing = [what for what, pattern in checked if not re.search(pattern, text, re.MULTILINE)]
    print("\n".join(f"test/forms has no golden for: {what}" for what in missing) or f"{len(checked)} forms")
    return 1 if missing or len(checked) < 70 else 0


if __name__ == "__main__":
    sys.exit(main())
