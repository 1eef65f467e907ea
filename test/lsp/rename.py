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

        assert server.at("textDocument/prepareRename", policy, "kernel 6.1|2") is None

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
        # What would be no error, and mean something else.
        TAKEN = "rules r(answer: action) { answer read; }\npolicy p on x86_64 { kernel 6.12; default errno(EPERM); use r(answer: kill_process); }\n"
        for name in ("allow", "log", "notify"):
            server.set_text(policy, TAKEN)
            assert "p.sb:1` would mean something else" in refused(policy, "r(ans|wer: action", name), name
        assert rename(policy, "r(ans|wer: action", "denies") == {"p.sb": TAKEN.replace("answer", "denies")}
        SHADOWED = "const A: u32 = 3;\npolicy p on x86_64 { kernel 6.12; default errno(EPERM); allow /* 😀 */ read(count == A), write(count == A); }\n"
        server.set_text(policy, SHADOWED)
        assert rename(policy, "const A|:", "size") == {"p.sb": SHADOWED.replace("A", "size")}

        # An argument that the policy itself declares.
        DECLARED = "syscall frob(zig: u32, zog: u32) = 4000;\npolicy p on x86_64 { kernel 6.12; default errno(EPERM); allow frob(zig == 1 && zog == 2); }\n"
        server.set_text(policy, DECLARED)
        assert rename(policy, "frob(zi|g ==", "zag") == {"p.sb": DECLARED.replace("zig", "zag")}
        assert rename(policy, "frob(zi|g:", "zag") == {"p.sb": DECLARED.replace("zig", "zag")}
        assert "zog" in refused(policy, "frob(zi|g ==", "zog")
        hover = server.hover(policy, "frob(zi|g ==")
        assert "zig: u32" in hover and "argument of `frob`, slot $0" in hover, hover
        assert hover == server.hover(policy, "frob(zi|g:")
        assert server.stop() == 0

# Where places may be missing, a rename is refused and references say so: names in statements that can't be read ...
with Client(SBPC, FOLDER) as server:
    server.start()
    library = server.open("site.sb", LIBRARY)

    def asked():
        place = {"textDocument": {"uri": library.uri}, "position": library.place("group read|ing")}
        server.messages.clear()
        found = server.ask("textDocument/references", {**place, "context": {"includeDeclaration": True}})
        warned = [m["params"]["message"] for m in server.messages if m["method"] == "window/showMessage"]
        answer = server.wait(server.begin("textDocument/rename", {**place, "newName": "readers"}))
        return len(found), warned, answer.get("error", {}).get("message")

    whole = server.open("other.sb", POLICY)
    assert asked() == (3, [], None), asked()
    for broken in (POLICY.replace("allow @lib", "allow fd == @lib"), POLICY.replace(" as lib;", " as ;"), POLICY + "\0"):
        server.set_text(whole, broken)
        count, [warning], refusal = asked()
        assert "other.sb:" in warning and "other.sb:" in refusal and "mend" in refusal, (broken, warning, refusal)
    server.set_text(whole, POLICY.replace("default kill_process", "default kill_process kill_process"))
    assert asked() == (3, [], None), "an error elsewhere takes no name away"
    assert server.stop() == 0

# ... and files that nobody looks at, among more than 1024.
many = folder / "many"
many.mkdir()
for number in range(1024):
    (many / f"a{number}.sb").write_text("const A = 1;\n", encoding="utf-8")
(many / "site.sb").write_text(LIBRARY, encoding="utf-8")
(many / "z.sb").write_text(POLICY, encoding="utf-8")
with Client(SBPC, many) as server:
    server.start()
    library = server.open("site.sb", LIBRARY)
    _, [warning], refusal = asked()
    assert "1024" in warning and "1024" in refusal, (warning, refusal)
    for number in range(2):
        (many / f"a{number}.sb").unlink()
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": server.uri("a0.sb"), "type": 3}]})
    assert asked() == (3, [], None)
    assert server.stop() == 0
