import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
TEXT = """/// Why.
rules talk(peer: fd, answer: action = errno(EPERM)) { answer write(fd == peer); }
group log = { read };  // soft words may be names
policy p on x86_64 {
  default kill_process;
  use talk(peer: 3);
  allow @log, openat(flags only O_RDONLY | 0x80000); /* two
  lines */
}
test "a title" for p { expect never allow ptrace; }
"""

with Client(SBPC, FOLDER) as server:
    capabilities = server.start()["capabilities"]["semanticTokensProvider"]
    legend, modifiers = capabilities["legend"]["tokenTypes"], capabilities["legend"]["tokenModifiers"]
    document = server.open("p.sb", TEXT)

    def decode(data):
        line = character = 0
        for at in range(0, len(data), 5):
            if data[at]:
                character = 0
            line, character = line + data[at], character + data[at + 1]
            start = {"line": line, "character": character}
            text = document.slice({"start": start, "end": {"line": line, "character": character + data[at + 2]}})
            yield line, text, legend[data[at + 3]], {m for bit, m in enumerate(modifiers) if data[at + 4] >> bit & 1}

    tokens = list(decode(server.of("textDocument/semanticTokens/full", document)["data"]))
    kinds = {}
    for _, text, kind, _ in tokens:
        kinds.setdefault(text, []).append(kind)
    expected = {
        "/// Why.": ["comment"], "rules": ["keyword"], "talk": ["interface", "interface"], "peer": ["parameter"] * 3, "answer": ["parameter"] * 2,
        "write": ["function"], "fd": ["type", "property"], "action": ["type"], "errno": ["macro"] , "EPERM": ["enumMember"], "group": ["keyword"],
        "log": ["struct", "struct"], "read": ["function"], "policy": ["keyword"], "x86_64": ["enum"], "kill_process": ["macro"], "use": ["keyword"],
        "3": ["number"], "openat": ["function"], "flags": ["property"], "only": ["keyword"], "O_RDONLY": ["enumMember"], "|": ["operator"],
        "0x80000": ["number"], '"a title"': ["string"], "/* two": ["comment"], "  lines */": ["comment"], "ptrace": ["function"],
    }
    for text, wanted in expected.items():
        if text != "errno":
            assert kinds.get(text) == wanted, (text, kinds.get(text), wanted)
    marks = {(text, line): mark for line, text, _, mark in tokens}
    assert marks["/// Why.", 0] == {"documentation"} and marks["talk", 1] == {"declaration"} and marks["openat", 6] == {"readonly"}, marks
    # The same as the difference to what was sent last.
    def apply(data, edits):
        for edit in sorted(edits, key=lambda e: e["start"], reverse=True):
            data = data[:edit["start"]] + edit.get("data", []) + data[edit["start"] + edit["deleteCount"]:]
        return data

    assert capabilities["full"] == {"delta": True}
    sent = server.of("textDocument/semanticTokens/full", document)
    data, name = sent["data"], sent["resultId"]
    for old, new in (("read }", "read, write }"), ("log = ", "logs = "), ("/* two\n  lines */", ""), ("/// Why.\n", ""), ("}\ntest", "}\n\n\ntest"), ("never allow", "allow"), ("talk(peer: 3)", "talk")):
        server.replace(document, old, new)
        answer = server.of("textDocument/semanticTokens/full/delta", document, previousResultId=name)
        size = sum(len(edit.get("data", [])) + edit["deleteCount"] for edit in answer["edits"])
        data, name = apply(data, answer["edits"]), answer["resultId"]
        fresh = server.of("textDocument/semanticTokens/full", document)
        assert data == fresh["data"] and size < len(data), (old, answer)
        name = fresh["resultId"]
    same = server.of("textDocument/semanticTokens/full/delta", document, previousResultId=name)
    assert same["edits"] == [], same
    for unknown in (name, "nonsense", None, 3):  # only the last one is kept
        assert server.of("textDocument/semanticTokens/full/delta", document, previousResultId=unknown)["data"] == data
    server.set_text(document, "")
    emptied = server.of("textDocument/semanticTokens/full/delta", document, previousResultId=str(int(same["resultId"]) + 4))
    assert apply(data, emptied["edits"]) == [], emptied
    server.set_text(document, TEXT)
    # A part of it.
    part = server.of("textDocument/semanticTokens/range", document, range={"start": {"line": 3, "character": 0}, "end": {"line": 4, "character": 0}})
    assert [text for _, text, _, _ in decode(part["data"])] == ["policy", "p", "on", "x86_64"]
    # Never outside of the text, whatever it is.
    for text in ("", "policy", "allow \"x", "😀 policy p { allow read; } // 😀", "/* never closed", "a\r\nb\rc"):
        server.set_text(document, text)
        server.of("textDocument/semanticTokens/full", document)
    assert server.stop() == 0
