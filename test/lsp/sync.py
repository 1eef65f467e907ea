import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
POLICY = "policy p on x86_64 {\n  default errno(EPERM);\n  kernel 6.12;\n  allow read; // 😀 é\n  alow write;\n}\n"


def unknown(server, document):
    """The text under each diagnostic about an unknown name."""
    return [document.slice(d["range"]) for d in server.diagnostics(document) if d["code"].startswith("SB2")]


for units in ("utf-8", "utf-16", "utf-32"):
    with Client(SBPC, FOLDER) as server:
        server.start({"general": {"positionEncodings": [units]}})
        document = server.open("p.sb", POLICY)
        assert unknown(server, document) == ["alow"]
        server.replace(document, "alow", "allow", units)
        assert unknown(server, document) == []
        # Behind characters of two and four bytes on the same line.
        server.replace(document, "// 😀 é\n", "/* 😀 é */ alow close;\n", units)
        place = server.diagnostics(document)
        found = [d["range"] for d in place if d["code"] == "SB2010"]
        begin = document.text.index("alow")
        assert found == [{"start": document.place_at(begin, units), "end": document.place_at(begin + 4, units)}], found
        # Several changes in one message are made one after the other.
        server.change(document, [{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}, "text": ""},
                                 {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "polcy"},
                                 {"range": {"start": {"line": 0, "character": 3}, "end": {"line": 0, "character": 3}}, "text": "i"}], "policy")
        assert [d["code"] for d in server.diagnostics(document)] != []
        server.set_text(document, POLICY.replace("alow", "allow"))
        assert unknown(server, document) == []
        assert server.stop() == 0

# \r\n and \r end lines, too.
with Client(SBPC, FOLDER) as server:
    server.start()
    document = server.open("p.sb", POLICY.replace("\n", "\r\n"))
    found = [d["range"]["start"] for d in server.diagnostics(document) if d["code"] == "SB2010"]
    assert found == [{"line": 4, "character": 2}], found
    server.change(document, [{"range": {"start": {"line": 4, "character": 2}, "end": {"line": 4, "character": 6}}, "text": "allow"}], "")
    assert not [d for d in server.diagnostics(document) if d["code"] == "SB2010"]
    # Half of a surrogate pair, as editors in UTF-16 send it while one is typed.
    server.send_raw(b"".join([b"Content-Length: %d\r\n\r\n" % len(body) + body for body in [
        b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "%s", "version": 9}, "contentChanges": '
        b'[{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "// \\ud83d\\n"}]}}' % document.uri.encode()]]))
    document.version = 9
    assert not [d for d in server.diagnostics(document) if d["code"] == "SB2010"]
    # An edit that can't be followed ends it, with a word; opened again all is well.
    server.change(document, [{"range": {"start": 7}, "text": ""}], "")
    while not any(m["method"] == "window/showMessage" for m in server.messages):
        server.receive()
    assert server.ask_error("textDocument/hover", {"textDocument": {"uri": document.uri}, "position": {"line": 0, "character": 0}})["code"] == -32602
    document = server.open("p.sb", POLICY)
    assert unknown(server, document) == ["alow"]
    assert server.stop() == 0

# Texts that are none: the server stays, and says what is wrong.
with Client(SBPC, FOLDER) as server:
    server.start()
    document = server.open("p.sb", POLICY)
    for text in ("\0" * 100, "policy p {\0}", "x" * (10 << 20), "a" + " b" * (1 << 20), "{" * 100000, "\x7fELF", "(version 1)\n(deny default)\n", ""):
        server.set_text(document, text)
        codes = [d["code"] for d in server.diagnostics(document)]
        assert codes or not text, text[:20]
        for method in ("textDocument/hover",):
            server.ask(method, {"textDocument": {"uri": document.uri}, "position": {"line": 0, "character": 1000000}})
    server.set_text(document, POLICY)
    assert unknown(server, document) == ["alow"]
    assert server.stop() == 0
