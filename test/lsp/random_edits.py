"""Random edits of random policies; after some of them the server's diagnostics must be those that `sbpc check` gives for the same text.

    random_edits.py SBPC FOLDER ROOT EDITS [SEED]
"""
import json
import pathlib
import random
import subprocess
import sys

from client import Client

SBPC, FOLDER, ROOT, EDITS = sys.argv[1:5]
SEED = int(sys.argv[5]) if len(sys.argv) > 5 else random.randrange(1 << 32)
EVERY = 20  # edits between two comparisons
WORDS = ["allow", "errno(EPERM)", "read", "write", "openat", "(", ")", "{", "}", ";", ",", "flags", "has", "O_CREAT", "==", "3", "0644", "@", "policy p", "on",
         "x86_64", "default", "kill_process", "use", "rules r", "import", "std.io", '"x.sb"', "//", "/*", "*/", "///", "if", "else", "test", "\"", "expect", "\n",
         " ", "\t", "😀", "é", "\0", "const A = 1", "group g = { read }", "fd in 1..3", "\r\n", "override", "assert never", "|", "!", "$0", "-"]
LIBRARY = "group reading = { read, pread64 };\nrules talk(peer: fd) { allow write(fd == peer); }\n"

print(f"seed {SEED}")
random.seed(SEED)
folder = pathlib.Path(FOLDER)
(folder / "lib.sb").write_text(LIBRARY, encoding="utf-8")
STARTS = [path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(ROOT, "examples").glob("*.sb"))]
STARTS.append('import "lib.sb";\npolicy p on x86_64, i386 {\n  kernel 6.12;\n  default kill_process;\n  use lib.talk(peer: 3);\n  allow @lib.reading;\n}\n')


def edit(server, document):
    """One random change, as a range and its new text."""
    text = document.text
    begin = random.randrange(len(text) + 1)
    end = min(len(text), begin + random.choice((0, 0, 0, 1, 2, 5, 20)))
    new = random.choice(("", random.choice(WORDS), random.choice(WORDS) + " " + random.choice(WORDS), text[begin:end][::-1].replace("\r", "")))
    after = text[:begin] + new + text[end:]
    if "\r" in after.replace("\r\n", "") or "\r\n" in text[begin - 1:begin + 1] or "\r\n" in text[end - 1:end + 1]:
        return  # a lone \r ends a line for editors and not for the compiler, and no editor has a place inside of \r\n
    range_ = {"start": document.place_at(begin, "utf-32"), "end": document.place_at(end, "utf-32")}
    server.change(document, [{"range": range_, "text": new}], after)


def published(server, document):
    # Warnings about what the standard library's own lines do stand at the top of the file, as nobody can edit those.
    found = [d for d in server.diagnostics(document) if not d["message"].startswith("std.")]
    return sorted((d["code"], d["severity"], d["range"]["start"]["line"], d["range"]["start"]["character"], d["message"].split("\n")[0]) for d in found)


def fresh(document):
    path = folder / "p.sb"
    path.write_bytes(document.text.encode())
    done = subprocess.run([SBPC, "check", "--error-format", "json", str(path)], capture_output=True, text=True, check=False, cwd=FOLDER)
    assert done.returncode in (0, 1), (done.returncode, done.stderr)
    severities = {"error": 1, "warning": 2, "remark": 3}
    found = set()
    for d in json.loads(done.stderr)["diagnostics"]:
        place = d.get("place", {"file": str(path), "begin": {"line": 1, "column": 1}})
        if place["file"] == str(path):
            message = (d["message"] + (": " + d["label"] if "label" in d else "")).split("\n")[0]
            found.add((d["code"], severities[d["severity"]], place["begin"]["line"] - 1, place["begin"]["column"] - 1, message))
    return sorted(found)


with Client(SBPC, FOLDER) as server:
    server.start({"general": {"positionEncodings": ["utf-32"]}})
    document = server.open("p.sb", random.choice(STARTS))
    for count in range(1, int(EDITS) + 1):
        edit(server, document)
        if random.random() < 0.2:
            method = random.choice(("hover", "completion", "signatureHelp", "documentSymbol", "semanticTokens/full", "foldingRange", "codeLens", "definition", "documentHighlight"))
            place = document.place_at(random.randrange(len(document.text) + 1), "utf-32")
            server.ask("textDocument/" + method, {"textDocument": {"uri": document.uri}, "position": place})
        if count % EVERY == 0:
            mine, theirs = published(server, document), fresh(document)
            if mine != theirs:
                (folder / "differs.sb").write_bytes(document.text.encode())
                sys.exit(f"seed {SEED}, after {count} edits (differs.sb):\n only the server: {sorted(set(mine) - set(theirs))}\n only check: {sorted(set(theirs) - set(mine))}")
        if count % 200 == 0:
            server.set_text(document, random.choice(STARTS))
    assert server.stop() == 0
