import pathlib
import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
folder = pathlib.Path(FOLDER)
TEXT = """// one
// two
import std.net;
import std.io;

const A: fd = 3;
group g = {
  read,
  write,
  close,
};
/* a
   b */
rules r(x: fd) { allow write(fd == x); }
policy p on x86_64 {
  runtime param sock: fd;
  default kill_process;
  if (kernel >= 5.9) {
    allow close_range;
    allow read;
  }
}
test "t" for p { expect kill_process ptrace; }
"""
(folder / "deep").mkdir()
(folder / "deep/other.sb").write_text("group elsewhere = { read };\n", encoding="utf-8")

with Client(SBPC, FOLDER) as server:
    server.start()
    document = server.open("p.sb", TEXT)
    outline = server.of("textDocument/documentSymbol", document)
    assert [s["name"] for s in outline] == ["std.net", "std.io", "A", "g", "r", "p", '"t"'], outline
    by_name = {s["name"]: s for s in outline}
    assert [c["name"] for c in by_name["r"]["children"]] == ["x"] and [c["name"] for c in by_name["p"]["children"]] == ["sock"]
    assert document.slice(by_name["g"]["selectionRange"]) == "g"
    for symbol in outline + by_name["p"]["children"]:
        assert document.offset(symbol["range"]["start"]) <= document.offset(symbol["selectionRange"]["start"])
        assert document.offset(symbol["selectionRange"]["end"]) <= document.offset(symbol["range"]["end"]), symbol

    folds = sorted((f["startLine"], f["endLine"], f.get("kind", "")) for f in server.of("textDocument/foldingRange", document))
    assert folds == [(0, 1, "comment"), (2, 3, "imports"), (6, 9, ""), (11, 12, "comment"), (14, 20, ""), (17, 19, "")], folds

    def search(query):
        return sorted(s["name"] for s in server.ask("workspace/symbol", {"query": query}))

    assert search("elsew") == ["elsewhere"] and search("zzz") == [] and "p" in search("")
    # Files come and go.
    (folder / "deep/third.sb").write_text("group somewhere = { read };\n", encoding="utf-8")
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": server.uri("deep/third.sb"), "type": 1}]})
    assert search("somewh") == ["somewhere"]

    # While the text is no policy at all, the last outline stays.
    server.set_text(document, "\0")
    assert [s["name"] for s in server.of("textDocument/documentSymbol", document)] == ["std.net", "std.io", "A", "g", "r", "p", '"t"']
    server.set_text(document, "policy p { allow (((")
    server.of("textDocument/documentSymbol", document)
    assert server.stop() == 0
