import pathlib
import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
POLICY = """import std.net;
/// Talks.
rules talk(peer: fd, answer: action = errno(EPERM)) { allow write(fd == peer); answer connect; }
policy p on x86_64 {
  kernel 6.12;
  default kill_process;
  allow openat(dirfd == AT_FDCWD, flags has O_CREAT);
  use talk(answer: allow, peer: 3);
  allow { read, write }(fd == 1);
}
"""

with Client(SBPC, FOLDER) as server:
    server.start()
    document = server.open("p.sb", POLICY)

    def help_at(marked):
        result = server.at("textDocument/signatureHelp", document, marked)
        if result is None:
            return None
        signature = result["signatures"][result["activeSignature"]]
        active = result.get("activeParameter")
        assert active == signature.get("activeParameter")
        return signature["label"], signature["parameters"][active]["label"] if active is not None else None

    label, active = help_at("openat(|dirfd ==")
    assert label.startswith("openat(dirfd: dirfd (i32), pathname: pointer, flags: open_flags (i32)"), label
    assert active.startswith("dirfd"), active
    assert help_at("has O_CR|EAT")[1].startswith("flags"), help_at("has O_CR|EAT")
    assert help_at("use talk(|answer") == ("talk(peer: fd, answer: action = errno(EPERM))", "peer: fd")
    assert help_at("talk(answer: all|ow,")[1].startswith("answer")
    assert help_at("allow, peer: |3")[1] == "peer: fd"
    assert help_at("(fd == |1)")[0].startswith("read(")
    assert help_at("default |kill") is None
    # What arguments are beside the command that stands there.
    server.set_text(document, POLICY.replace("dirfd ==", "dirfd == 3), fcntl(cmd == F_SETFD, arg == 1), openat(dirfd ==", 1))
    assert help_at("F_SETFD, arg == |1")[1] == "arg: fd_flags (u32)", help_at("F_SETFD, arg == |1")
    # Brackets that are for several calls; the one that has the argument is shown.
    server.set_text(document, POLICY.replace("{ read, write }(fd == 1)", "{ dup, dup3, nosuchcall }(flags == 0), ioctl(cmd == TCGETS)"))
    result = server.at("textDocument/signatureHelp", document, "dup3, nosuchcall }(|flags")
    assert [each["label"].split("(")[0] for each in result["signatures"]] == ["dup", "dup3"] and result["activeSignature"] == 0, result
    assert help_at("flags == |0")[0].startswith("dup3(") and help_at("flags == |0")[1].startswith("flags"), help_at("flags == |0")
    server.set_text(document, "group g = { pread64, read };\n" + POLICY.replace("{ read, write }(fd == 1)", "{ write, @g }(pos == 0), ioctl(cmd == TCGETS)"))
    assert help_at("pos == |0")[0].startswith("pread64(") and help_at("pos == |0")[1].startswith("offset"), help_at("pos == |0")
    # A call that another file declares.
    (pathlib.Path(FOLDER) / "lib.sb").write_text("syscall frob(zig: open_flags, zog: u32) = 4000;\n", encoding="utf-8")
    server.set_text(document, 'import "lib.sb";\n' + POLICY.replace("{ read, write }(fd == 1)", "lib.frob(zog == 1), ioctl(cmd == TCGETS)"))
    assert help_at("zog == |1") == ("frob(zig: open_flags (u32), zog: u32)", "zog: u32"), help_at("zog == |1")
    place = server.at("textDocument/completion", document, "zo|g == 1")
    assert {item["label"] for item in (place["items"] if isinstance(place, dict) else place)} >= {"zog"}, place
    # By the kernel's name for it.
    assert help_at("(cmd == |TCGETS")[1].startswith("request"), help_at("(cmd == |TCGETS")
    # While it is typed: nothing behind the cursor.
    server.set_text(document, POLICY[:POLICY.index("dirfd ==")])
    result = server.ask("textDocument/signatureHelp", {"textDocument": {"uri": document.uri}, "position": document.place_at(len(document.text))})
    assert result["signatures"][0]["label"].startswith("openat("), result
    assert server.stop() == 0
