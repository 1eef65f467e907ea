import pathlib
import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
folder = pathlib.Path(FOLDER)
(folder / "site").mkdir()
(folder / "site/common.sb").write_text("group reading = { getpriority };\n", encoding="utf-8")
TEXT = 'import "common.sb";\nparam n: u32;\npolicy p on x86_64 { default allow; errno(EPERM) @common.reading, setpriority(which == n); }\n'


def codes(server, document):
    return sorted(d["code"] for d in server.published[document.uri]["diagnostics"])


def warnings(server):
    return [m["params"]["message"] for m in server.messages if m["method"] == "window/showMessage"]


def set_to(server, settings):
    server.notify("workspace/didChangeConfiguration", {"settings": settings})


with Client(SBPC, FOLDER, ["-D", "n=1"]) as server:
    server.start()
    document = server.open("p.sb", TEXT)
    before = server.diagnostics(document) and codes(server, document)
    assert len(before) >= 2, before  # the import is not found, and no kernel is named
    # Where imports are looked for; what concerns no check is left aside.
    set_to(server, {"sbpc": {"arguments": ["-I", "site", "-O2"], "path": "sbpc"}})
    server.until(lambda: codes(server, document) == ["SB6011"])
    # A lint; the list before it is replaced.
    set_to(server, {"sbpc": {"arguments": ["-I", "site", "-Wno-no-kernel"]}})
    server.until(lambda: codes(server, document) == [])
    hover = server.hover(document, "@common.rea|ding")
    assert "getpriority" in hover, hover
    # What can't be followed is told; what was set before holds on.
    for wrong, told in ((["-Wno-nonsense"], "nonsense"), (["--kernel", "six"], "six"), (["-I"], "-I"), (["file.sb"], "file.sb"), (["--nonsense"], "--nonsense"),
                        ("-I site", "list of texts"), ([1, 2], "list of texts"), ({"a": 1}, "list of texts")):
        seen = len(warnings(server))
        set_to(server, {"sbpc": {"arguments": wrong}})
        server.until(lambda: len(warnings(server)) > seen)
        assert told in warnings(server)[-1] and "holds on" in warnings(server)[-1], warnings(server)[-1]
    for nothing in (None, [], {}, {"other": {"arguments": ["-Wno-nonsense"]}}, {"sbpc": None}, {"sbpc": {"arguments": None}}):
        set_to(server, nothing)
    seen = len(warnings(server))
    server.set_text(document, TEXT + "\n")
    assert server.diagnostics(document) == [] and len(warnings(server)) == seen
    # Taken back: as the server was started.
    set_to(server, {"sbpc": {"arguments": []}})
    server.until(lambda: codes(server, document) == before)
    assert server.stop() == 0

# Said when the server starts.
with Client(SBPC, FOLDER) as server:
    server.start(initializationOptions={"arguments": ["-I", "site", "-D", "n=2", "-Wno-no-kernel"]})
    assert server.diagnostics(server.open("p.sb", TEXT)) == []
    assert server.stop() == 0
