import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
TEXT = """policy p on x86_64 {
  kernel 6.12;
  default kill_process;
  alow read;
  allow chmod(mode == 0644)
  allow write;
}
"""


def edits_of(action, uri):
    edit = action["edit"]
    if "changes" in edit:
        return edit["changes"][uri]
    [change] = edit["documentChanges"]
    assert change["textDocument"]["uri"] == uri
    return change["edits"]


for document_changes in (False, True):
    with Client(SBPC, FOLDER) as server:
        server.start({"workspace": {"workspaceEdit": {"documentChanges": document_changes}}})
        document = server.open("p.sb", TEXT)
        found = server.diagnostics(document)

        def actions(range_, **context):
            return server.of("textDocument/codeAction", document, range=range_, context={"diagnostics": [], **context})

        # Every quick fix, applied, takes its diagnostic away.
        fixes = [action for d in found for action in actions(d["range"], only=["quickfix"])]
        assert len(fixes) >= 2, fixes
        for action in fixes:
            assert action["kind"] == "quickfix" and action["diagnostics"][0]["code"].startswith("SB")
        [spelling] = [a for a in fixes if "allow" in a["title"] and a["diagnostics"][0]["code"] == "SB2010"]
        assert document.edited(edits_of(spelling, document.uri)) == TEXT.replace("alow", "allow")
        assert spelling["isPreferred"] is True
        # Nothing where nothing is wrong, nothing of another kind.
        assert actions({"start": {"line": 6, "character": 1}, "end": {"line": 6, "character": 1}}, only=["quickfix"]) == []
        assert actions(found[0]["range"], only=["refactor"]) == []
        # All safe fixes at once, and what they uncover.
        everything = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
        [fix_all] = actions(everything, only=["source.fixAll"])
        assert fix_all["kind"] == "source.fixAll.sbpc"
        mended = document.edited(edits_of(fix_all, document.uri))
        server.set_text(document, mended)
        assert mended == TEXT.replace("0644)", "0o644);") and not [d for d in server.diagnostics(document) if d["code"] == "SB1027"], mended
        # Not for another text than the one that was checked.
        server.set_text(document, TEXT)
        server.set_text(document, "// moved\n" + TEXT)
        assert all(document.slice(a["diagnostics"][0]["range"]) for a in actions(everything, only=["quickfix"]))
        assert server.stop() == 0
