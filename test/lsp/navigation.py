import pathlib
import sys

from client import Client, Document

SBPC, FOLDER = sys.argv[1:]
folder = pathlib.Path(FOLDER)
LIBRARY = """group reading = { read, pread64 };
const MOST: u32 = 9;
rules talk(peer: fd, most: u32 = MOST) { allow write(fd == peer); allow @reading; allow listen(backlog <= most); }
"""
POLICY = """import "site.sb" as lib;
import std.net;
policy p on x86_64 {
  kernel 6.12;
  default kill_process;
  use lib.talk(peer: 3);
  allow @lib.reading;
  on aarch64 { allow read(count <= lib.MOST); }
  use net.transfer;
}
test "t" for p { expect allow read; }
"""
DECLARED = """syscall frob(zig: open_flags, zog: u32) = 4000;
rules r(with_: frob.zig = 1) { allow openat; }
policy p on x86_64 {
  kernel 6.12; default errno(EPERM);
  allow frob(zig == O_CREAT && zog == 1 || zig == 0);
}
"""
OTHER = 'import "site.sb";\npolicy q on x86_64 { default allow; errno(EPERM) @site.reading; }\n'
(folder / "site.sb").write_text(LIBRARY, encoding="utf-8")
(folder / "p.sb").write_text(POLICY, encoding="utf-8")
(folder / "deep").mkdir()
(folder / "deep/q.sb").write_text(OTHER.replace("site.sb", "../site.sb"), encoding="utf-8")

with Client(SBPC, FOLDER) as server:
    server.start()
    policy = server.open("p.sb")
    library = Document(server.uri("site.sb"), LIBRARY)
    other = Document(server.uri("deep/q.sb"), (folder / "deep/q.sb").read_text(encoding="utf-8"))
    documents = {d.uri: d for d in (policy, library, other)}

    def definition(document, marked):
        location = server.at("textDocument/definition", document, marked)
        return location and (location["uri"].rsplit("/", 1)[1], documents[location["uri"]].slice(location["range"]) if location["uri"] in documents else None)

    def references(document, marked, **context):
        found = server.at("textDocument/references", document, marked, context={"includeDeclaration": True, **context}) or []
        return sorted((each["uri"].rsplit("/", 1)[1], each["range"]["start"]["line"], documents[each["uri"]].slice(each["range"])) for each in found)

    assert definition(policy, "lib.ta|lk(") == ("site.sb", "talk")
    assert definition(policy, "@lib.read|ing") == ("site.sb", "reading")
    assert definition(policy, "lib.MO|ST") == ("site.sb", "MOST")     # in a branch that the policy has no ABI for
    assert definition(policy, "talk(pe|er") == ("site.sb", "peer")
    assert definition(policy, "use li|b.talk") == ("site.sb", "")
    assert definition(policy, '"si|te.sb"') == ("site.sb", "")
    assert definition(policy, "for p| {") == ("p.sb", "p")
    assert definition(policy, "allow re|ad(") is None
    assert definition(policy, "default kill_pro|cess") is None
    # The standard library is shown from a file of its text.
    name, _ = definition(policy, "net.trans|fer")
    assert name == "std.net.sb", name

    assert references(policy, "@lib.read|ing") == [("p.sb", 6, "reading"), ("q.sb", 1, "reading"), ("site.sb", 0, "reading"), ("site.sb", 2, "reading")]
    assert references(policy, "@lib.read|ing", includeDeclaration=False) == [("p.sb", 6, "reading"), ("q.sb", 1, "reading"), ("site.sb", 2, "reading")]
    assert references(policy, "talk(pe|er") == [("p.sb", 5, "peer"), ("site.sb", 2, "peer"), ("site.sb", 2, "peer")]
    assert references(policy, "allow re|ad(") == [("p.sb", 7, "read"), ("p.sb", 10, "read")]
    library = server.open("site.sb")
    documents[library.uri] = library
    assert len(references(library, "const MO|ST")) == 3

    # A module: the import that gives the name, by `as` or by its file.
    assert references(policy, "use li|b.talk") == [("p.sb", 0, "lib"), ("p.sb", 5, "lib"), ("p.sb", 6, "lib"), ("p.sb", 7, "lib")]
    assert references(policy, "use ne|t.transfer") == [("p.sb", 1, "std.net"), ("p.sb", 8, "net")]
    documents[other.uri] = other = server.open("deep/q.sb")
    assert references(other, "@si|te.reading") == [("q.sb", 0, '"../site.sb"'), ("q.sb", 1, "site")]
    assert len(server.at("textDocument/documentHighlight", other, "@si|te.reading")) == 2

    # Arguments of a declared call are names of the file.
    declared = server.open("d.sb", DECLARED)
    documents[declared.uri] = declared
    zig = [("d.sb", line, "zig") for line in (0, 1, 4, 4)]
    assert definition(declared, "frob.zi|g") == ("d.sb", "zig")
    for marked in ("frob(zi|g:", "frob.zi|g", "frob(zi|g ==", "zi|g == 0"):
        assert references(declared, marked) == zig, (marked, references(declared, marked))
    assert [h["kind"] for h in server.at("textDocument/documentHighlight", declared, "frob(zi|g ==")] == [3, 1, 1, 1]
    assert references(declared, "zo|g ==") == [("d.sb", 0, "zog"), ("d.sb", 4, "zog")]

    kinds = [h["kind"] for h in server.at("textDocument/documentHighlight", library, "group read|ing")]
    assert kinds == [3, 1], kinds
    assert server.stop() == 0
