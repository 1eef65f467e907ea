import json
import pathlib
import shutil
import subprocess
import sys

from client import Client

SBPC, FOLDER, DIAG = sys.argv[1:]
EVERYTHING = {"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}}
HEAD = "policy p on x86_64 {\n  kernel 6.12;\n  default errno(EPERM);\n"
# What fixes uncover, of what overlaps the first, and what follows from a mistake in the syntax.
OWN = {
    "uncovered.sb": HEAD + "  allow read\n  allow write(fd = 1 && count <= 512 | fd == 2);;\n  allow chmod(mode == 0644)\n}\n",
    "overlap.sb": HEAD + "  allow write(count <= 512 && fd == 1 | fd == 2 | fd == 3), lseek(not 1 < whence < 3);\n  allow read(fd in [1, 2]);\n}\n",
    "echo.sb": HEAD + "  allow read(fd in ^1);\n  allow chmod(mode == 0644);\n}\n",
    "clean.sb": HEAD + "  allow read;\n}\n",
    "errors.sb": HEAD + "  allow write(fd = 1), nosuchcallatall;\n}\n",
    "units.sb": HEAD + "  // 😀\n  allow /* 😀 */ chmod(mode == 0644), fchmod(mode == 0755);\n}\n",
}

folder = pathlib.Path(FOLDER) / "all"
shutil.copytree(DIAG, folder, ignore=lambda _, names: [n for n in names if not n.endswith(".sb")])
for name, text in OWN.items():
    (folder / name).write_text(text)
# Texts that are no UTF-8 reach the server with other bytes.
names = sorted(path.name for path in folder.glob("*.sb"))
texts = {}
for name in names:
    try:
        texts[name] = (folder / name).read_bytes().decode()
    except UnicodeDecodeError:
        pass

def fixes_of(name):
    """What `sbpc check` offers, each once."""
    done = subprocess.run([SBPC, "check", name, "--error-format=json"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    found = json.loads(done.stderr)["diagnostics"]
    return {(d["code"], fix["title"]) for d in found if d.get("place", {"file": name})["file"] == name for fix in d["fixes"]}


fixed, quick = {}, {}
with Client(SBPC, folder) as server:
    server.start()
    for name, text in texts.items():
        document = server.open(name, text)
        found = server.of("textDocument/codeAction", document, range=EVERYTHING, context={"diagnostics": [], "only": ["source.fixAll"]})
        fixed[name] = text
        actions = server.of("textDocument/codeAction", document, range=EVERYTHING, context={"diagnostics": [], "only": ["quickfix"]})
        quick[name] = {(action["diagnostics"][0]["code"], action["title"]) for action in actions}
        for action in found:
            fixed[name] = document.edited(action["edit"]["changes"][document.uri])
            assert fixed[name] != text, name
            server.set_text(document, fixed[name])
            assert server.of("textDocument/codeAction", document, range=EVERYTHING, context={"diagnostics": [], "only": ["source"]}) == [], name
        server.notify("textDocument/didClose", {"textDocument": {"uri": document.uri}})
    assert server.stop() == 0

wrong, changed = [name for name in texts if quick[name] != fixes_of(name)], 0
assert not wrong and sum(map(len, quick.values())) > 100, wrong
for name, text in texts.items():
    if fixed[name] == text and name not in OWN:
        continue
    subprocess.run([SBPC, "check", "--fix", name], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    after = (folder / name).read_bytes().decode()
    changed += after != text
    if after != fixed[name]:
        wrong.append(name)
        print(f"--- {name}: an editor\n{fixed[name]}--- check --fix\n{after}")
# The others: `check --fix` finds nothing there, either.
rest = [name for name in texts if fixed[name] == texts[name]]
for at in range(0, len(rest), 16):
    subprocess.run([SBPC, "check", "--fix", *rest[at:at + 16]], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
wrong += [name for name in rest if (folder / name).read_bytes().decode() != texts[name]]
print(f"{changed} files changed by both, {len(rest)} by none")
assert not wrong and changed > 25, wrong
assert fixed["clean.sb"] == OWN["clean.sb"] and "fd == 1" in fixed["errors.sb"] and fixed["units.sb"].count("0o") == 2
