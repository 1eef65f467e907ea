import pathlib
import sys

from client import Client, Document

SBPC, FOLDER = sys.argv[1:]
folder = pathlib.Path(FOLDER)
LIBRARY = "group reading = { read, pread64 };\nconst taken = 1;\nrules talk(peer: fd, unused: u32 = 1) { allow write(fd == peer); allow @reading; allow listen(backlog == unused); }\n"
POLICY = """import "site.sb" as lib;
policy p on x86_64 {
  kernel 6.12;
  default kill_process;
  use lib.talk(peer: 3);
  allow @lib . reading;
}
"""
(folder / "site.sb").write_text(LIBRARY, encoding="utf-8")

for document_changes in (False, True):
    with Client(SBPC, FOLDER) as server:
        server.start({"workspace": {"workspaceEdit": {"documentChanges": document_changes}}})
        policy = server.open("p.sb", POLICY)
        library = Document(server.uri("site.sb"), LIBRARY)

        def rename(document, marked, name):
            """The texts after a rename, by the end of their names."""
            edit = server.at("textDocument/rename", document, marked, newName=name)
            changes = {e["textDocument"]["uri"]: e["edits"] for e in edit["documentChanges"]} if document_changes else edit["changes"]
            return {d.uri.rsplit("/", 1)[1]: d.edited(changes[d.uri]) for d in (policy, library) if d.uri in changes}

        def refused(document, marked, name):
            return server.ask_error("textDocument/rename", {"textDocument": {"uri": document.uri}, "position": document.place(marked), "newName": name})["message"]

        assert rename(policy, "lib . read|ing", "readers") == {"p.sb": POLICY.replace("reading", "readers"), "site.sb": LIBRARY.replace("reading", "readers")}
        assert rename(policy, "talk(pe|er", "other") == {"p.sb": POLICY.replace("peer", "other"), "site.sb": LIBRARY.replace("peer", "other")}
        assert rename(policy, "policy p|", "allow") == {"p.sb": POLICY.replace("policy p ", "policy allow ")}   # a word that may be a name
        assert rename(policy, "as li|b", "site") == {"p.sb": POLICY.replace("as lib", "as site").replace("lib.", "site.").replace("lib .", "site .")}
        result = server.at("textDocument/prepareRename", policy, "lib.ta|lk")
        assert result["placeholder"] == "talk" and policy.slice(result["range"]) == "talk", result

        # What is not the policy's, what is no name, what would break a file.
        for name in ("", "1x", "a b", "a.b", "if", "größe"):
            assert "is no name" in refused(policy, "talk(pe|er", name), name
        assert "taken" in refused(policy, "talk(pe|er", "taken")
        assert "unused" in refused(policy, "talk(pe|er", "unused")
        assert "O_CREAT" in refused(policy, "talk(pe|er", "O_CREAT")
        server.set_text(policy, POLICY.replace("allow @lib . reading", "allow openat(flags has O_CREAT)"))
        assert "system call" in refused(policy, "allow open|at", "x")
        assert "constant" in refused(policy, "O_CR|EAT", "x")
        assert "argument" in refused(policy, "(fl|ags", "x")
        assert server.stop() == 0
