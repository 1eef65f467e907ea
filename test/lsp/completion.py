import pathlib
import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
HEAD = """import std.net;
const MINE = O_RDONLY;
param verbose: bool = false;
group reading = { read, pread64 };
rules talk(peer: fd, mode: openat.flags = 0, answer: action = errno(EPERM)) {
  allow write(fd == peer);
  %s
}
"""
BODY = """policy p on x86_64 {
  kernel 6.12;
  default kill_process;
  %s
}
test "t" for p { expect allow read; }
"""

with Client(SBPC, FOLDER) as server:
    server.start()
    document = server.open("p.sb", "")

    def labels(text, offset):
        server.set_text(document, text)
        result = server.ask("textDocument/completion", {"textDocument": {"uri": document.uri}, "position": document.place_at(offset)})
        return [item["label"] for item in result["items"]]

    def complete(statement, inside_rules=False, top=None):
        """The labels at `|` of a statement of the policy (or of the rule set, or of the file)."""
        if top is not None:
            text = HEAD % "" + top + "\n" + BODY % ""
        elif inside_rules:
            text = HEAD % statement + BODY % ""
        else:
            text = HEAD % "" + BODY % statement
        # The cursor is the only `|` with this mark, so that `a | b` may stand in a statement.
        at = text.index("¦")
        return labels(text.replace("¦", ""), at)

    def first(found, *names):
        assert found[:len(names)] == list(names), found[:8]

    def has(found, *names):
        assert set(names) <= set(found), (names, found[:40])

    def lacks(found, *names):
        assert not set(names) & set(found), (names, found[:40])

    # Statements and items.
    has(complete("¦"), "allow", "errno", "use", "on", "if", "require", "fallback", "kernel")
    lacks(complete("¦"), "import", "read")
    has(complete("", top="¦"), "import", "policy", "rules", "test", "group", "const")
    has(complete("ans¦", inside_rules=True), "answer")
    assert complete('allow write; } test "u" for p { ¦ expect allow read;') == ["expect"]
    # Calls of the policy's ABIs, groups and modules.
    has(complete("allow ¦"), "read", "openat", "arch_prctl", "net")
    lacks(complete("allow ¦"), "socketcall", "allow", "O_RDONLY")
    first(complete("allow opena¦"), "openat")
    assert "openat" in complete("allow read, opena¦;")
    assert "openat" in complete("allow { read, opena¦ };")
    assert "openat" in complete("errno(EPERM) opena¦;")
    assert "openat" in complete("allow read except opena¦;")
    assert "openat" in complete("assert never allow opena¦;")
    assert "openat" in complete("require opena¦")
    assert "openat" in complete("fallback errno(ENOSYS) opena¦")
    assert complete("allow read ¦") == ["else", "except"]
    assert complete("allow @¦")[:1] == ["reading"]
    assert complete("allow @net.¦") != ["reading"]
    # Arguments, then the constants of that argument.
    first(complete("allow openat(¦"), "dirfd", "flags", "mode", "pathname")
    first(complete("allow openat(fl¦"), "flags")
    first(complete("allow read, { openat, openat2 }(dir¦"), "dirfd")
    found = complete("allow openat(flags has ¦")
    has(found, "O_CREAT", "O_CLOEXEC", "MINE")
    lacks(found, "PROT_EXEC", "read", "flags", "OPENAT2_REGULAR")  # the last has 33 bits
    has(complete("allow openat(dirfd == 3, flags only O_CREAT | ¦)"), "O_CLOEXEC")
    has(complete("allow openat(!(flags has ¦"), "O_CREAT")
    has(complete("allow socket(domain in { AF_UNIX, ¦ })"), "AF_INET")
    has(complete("allow openat(flags & ¦"), "O_ACCMODE")
    has(complete("allow fcntl(cmd == F_SETFD, arg == ¦"), "FD_CLOEXEC")
    lacks(complete("allow fcntl(cmd == F_SETFD, arg == ¦"), "O_CREAT")
    has(complete("allow read(buf == ¦"), "NULL")
    has(complete("allow write(fd == ¦", inside_rules=True), "peer")
    assert complete("allow openat(flags has O_CREAT ¦") == []
    # Rule sets, their parameters, what those take.
    has(complete("use ¦"), "talk", "net")
    has(complete("use net.¦"), "tcp_server")
    lacks(complete("use net.¦"), "talk")
    assert complete("use talk(¦") == ["peer", "answer", "mode"]
    assert complete("use talk(peer: 3, mo¦") == ["mode"]
    has(complete("use talk(peer: 3, mode: ¦"), "O_CREAT")
    # Words of the tables.
    has(complete("default ¦"), "errno", "kill_process")
    has(complete("allow read else ¦"), "errno")
    first(complete("errno(EP¦"), "EPERM")
    assert complete("install ts¦") == ["tsync"]
    assert complete("on x86¦ { }") == ["x86_64"]
    first(complete("on x86_64, i3¦ { }"), "i386")
    has(complete("if (¦"), "verbose", "kernel", "true")
    has(complete("", top="const A: ¦"), "fd", "u32", "bool")
    has(complete("", top="const A: openat.¦"), "flags")
    has(complete("", top="rules r(a: ¦"), "fd", "action")
    has(complete("", top="const A = O_CR¦"), "O_CREAT")
    # What has a type takes its values.
    for top in ("const A: open_flags = ¦", "const A: openat.flags = O_CREAT | ¦", "param a: {open_flags} = { O_CREAT, ¦ };", "runtime param a: open_flags = ¦",
                "rules r(a: open_flags = ¦) {}", "rules r(n: u32 = 1, a: open_flags = ¦"):
        found = complete("", top=top)
        has(found, "O_APPEND")
        lacks(found, "true", "PROT_EXEC", "OPENAT2_REGULAR")
    has(complete("", top="param b: bool = ¦"), "true", "kernel")
    has(complete("", top="rules r(a: action = ¦"), "errno", "kill_process")
    has(complete("", top="import ¦"), "std.net", "std.io")
    has(complete("", top="import std.¦"), "net", "io")
    has(complete("", top="group g = { re¦"), "read")
    text = HEAD % "" + BODY % "" + 'test "x" for '
    assert labels(text, len(text)) == ["p"]
    # Keywords that may follow, and none that may not.
    assert complete("allow openat(flags ¦") == complete("allow openat(dirfd == 3 && flags ¦)") == ["any", "has", "in", "lacks", "only"]
    assert complete("allow openat(flags has O_CREAT) ¦") == ["else", "except"]
    assert complete("allow openat except openat2 ¦") == complete("require openat ¦") == ["else"]
    assert complete("use talk(peer: 1) ¦") == complete("use net.tcp_server ¦") == complete("", top="group g = read ¦") == ["except"]
    assert complete("", top="policy q ¦") == ["on"] and complete("", top='import "x.sb" ¦') == complete("", top="import std.io ¦") == ["as"]
    assert complete("", top="unsafe ¦") == ["rules"] and complete("", top="runtime ¦") == ["param"]
    assert complete("", top='test "a" ¦') == ["for"] and complete("", top='test "a" for p ¦') == ["on", "with"]
    has(complete("override ¦"), "fallback", "require", "allow")
    has(complete("on x86_64 { } ¦"), "else", "allow")
    lacks(complete("¦"), "else")
    assert complete("on x86_64 { } else ¦") == ["on"] and complete("if (verbose) { } else ¦") == ["if"]
    for statement in ("default ¦", "newer ¦", "allow read else ¦", "fallback ¦", "require read else ¦"):
        lacks(complete(statement), "never")
    has(complete("assert ¦"), "never")
    lacks(complete("¦", inside_rules=True), "default", "kernel", "install", "param")
    lacks(complete("on x86_64 { ¦ }"), "default", "kernel")
    lacks(complete("allow write(fd == ¦"), "verbose", "true", "kernel")
    lacks(complete("trap(¦"), "verbose", "true", "kernel", "O_CREAT")
    lacks(complete("errno(¦"), "verbose")
    has(complete("use talk(answer: ¦"), "errno", "kill_process")
    assert complete("use talk(peer: 3, ¦") == ["answer", "mode"]
    # Of the ABIs of the place: those of the `on` around it; in a module, whose policies nobody knows, of all.
    has(complete("on i386 { allow ¦ }", inside_rules=True), "read")
    for block, given in (("on x86_64 { allow ¦ }", False), ("on x86_64 { } else { allow ¦ }", True), ("on aarch64 { } else on x86_64 { } else { allow ¦ }", True), ("on i386 { } else on aarch64 { } else { allow ¦ }", False)):
        text = HEAD % "" + (BODY % block).replace("on x86_64 {", "on x86_64, i386 {", 1)
        found = labels(text.replace("¦", ""), text.index("¦"))
        assert ("socketcall" in found) == given, block
    module = "rules r { allow ¦ }\n"
    has(labels(module.replace("¦", ""), module.index("¦")), "socketcall", "arch_prctl", "read")
    # Not in comments and strings.
    assert complete("// allow ¦") == []
    assert complete("", top='test "¦') == []
    # Files to import lie beside the document, or in a folder there.
    (pathlib.Path(FOLDER) / "site").mkdir()
    (pathlib.Path(FOLDER) / "site/common.sb").write_text("group g = { read };\n", encoding="utf-8")
    assert complete("", top='import "¦') == ["site/"]
    assert complete("", top='import "site/co¦') == ["common.sb"]
    assert complete("", top='import "no/such/¦') == []
    # An item replaces the word that is begun; what it is comes when asked.
    server.set_text(document, HEAD % "" + BODY % "allow opena;")
    place = document.place("allow opena|;")
    [item] = [i for i in server.ask("textDocument/completion", {"textDocument": {"uri": document.uri}, "position": place})["items"] if i["label"] == "openat"]
    assert document.slice(item["textEdit"]["range"]) == "opena"
    assert "x86_64 257" in server.ask("completionItem/resolve", item)["documentation"]["value"]
    assert server.stop() == 0
