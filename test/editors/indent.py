#!/usr/bin/env python3
"""indent.py vim|emacs SBPC [every]: an editor indents as `sbpc fmt` does.

Policies are formatted, lose all their indentation, and get it back from the editor. Without `every` only the examples, the library and
test/forms. Left out: texts inside of which the formatter keeps lines as they were written.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import policies

KEPT_AS_WRITTEN = {"comments.sb", "comments_everywhere.sb"}
COMMANDS = {
    "vim": ["vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "-es", "--cmd", "set rtp^=editors/vim encoding=utf-8 nofixeol", "--cmd", "filetype plugin indent on",
            "-S", "test/editors/vim_indent.vim"],
    "emacs": ["emacs", "-Q", "--batch", "-L", "editors/emacs", "-l", "sb-mode", "-l", "test/editors/emacs_indent.el"],
}


def holds_something(path):
    """A file of comments alone is an error of `sbpc fmt`, which then formats none."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL).strip()


def chosen(sbpc, every):
    paths = [path for path in policies.paths() if path.name not in KEPT_AS_WRITTEN]
    if not every:
        folders = [policies.ROOT / name for name in ("examples", "stdlib", "test/forms")]
        paths = [path for path in paths if any(folder in path.parents for folder in folders)]
    errors = policies.syntax_errors(sbpc, paths)
    return [path for path in paths if path not in errors and holds_something(path)]


def long_one():
    """One item of 2,000 lines: an editor that reads it from its beginning for each of them takes minutes."""
    statements = ["  allow write(fd == 1);\n", "  on x86_64 {  // \"{\n    allow read(\n      fd == 1,\n      count < 5\n    );\n  }\n"]
    return "policy long on x86_64 {\n" + "".join(statements * 286) + "}\n"


def main():
    if sys.argv[3:] not in ([], ["every"]) or len(sys.argv) < 3:
        sys.exit(__doc__)
    editor, sbpc = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as scratch:
        copies = {}
        for number, path in enumerate(chosen(sbpc, bool(sys.argv[3:]))):
            copy = pathlib.Path(scratch) / f"{number}.sb"
            copy.write_bytes(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
            copies[copy] = path
        long = pathlib.Path(scratch) / "long.sb"
        long.write_text(long_one(), encoding="utf-8")
        copies[long] = policies.ROOT / "long.sb"
        subprocess.run([sbpc, "fmt", *copies], capture_output=True, check=True, timeout=120)
        formatted = {copy: copy.read_text(encoding="utf-8") for copy in copies}
        for copy, text in formatted.items():
            copy.write_text("".join(line.lstrip(" ") for line in text.splitlines(keepends=True)), encoding="utf-8")
        subprocess.run(COMMANDS[editor], cwd=policies.ROOT, env={"SB_FOLDER": scratch, "PATH": "/usr/bin:/bin", "HOME": scratch, "LC_ALL": "C.UTF-8"},
                       stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=120)
        wrong = []
        for copy, path in copies.items():
            lines = zip(formatted[copy].splitlines(), copy.read_text(encoding="utf-8").splitlines(), strict=True)
            wrong += [f"{path.relative_to(policies.ROOT)}: {number}:\n  is      {is_}\n  not     {should}"
                      for number, (should, is_) in enumerate(lines, 1) if should != is_][:1]
    if wrong or len(copies) < 50:
        sys.exit("\n".join(wrong) or f"only {len(copies)} policies")
    print(f"{len(copies)} policies")


if __name__ == "__main__":
    main()
