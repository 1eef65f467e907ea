import json
import pathlib
import subprocess
import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
folder = pathlib.Path(FOLDER)
LIBRARY = "group reading = { read, pread64 };\nrules talk(peer: fd) { allow lseek(df == peer); }\n"
POLICY = """import "site.sb";

policy p on x86_64 {
  kernel 6.12;
  default errno(EPERM);
  allow @site.reading;
  use site.talk(peer: 3);
  assert never allow read;
}
"""
(folder / "site.sb").write_text(LIBRARY, encoding="utf-8")
(folder / "p.sb").write_text(POLICY, encoding="utf-8")


def codes(server, document):
    return sorted(d["code"] for d in server.diagnostics(document))


def fresh(path):
    """The codes that `sbpc check` reports of the file itself."""
    done = subprocess.run([SBPC, "check", "--error-format", "json", path], capture_output=True, text=True, check=False, cwd=FOLDER)
    return sorted(d["code"] for d in json.loads(done.stderr)["diagnostics"] if d.get("place", {}).get("file", str(path)) == str(path))


with Client(SBPC, FOLDER) as server:
    server.start()
    policy = server.open("p.sb")
    server.diagnostics(policy)
    assert codes(server, policy) == fresh(folder / "p.sb")
    # The library has a mistake of its own, and is not open: what the policy's check says of it is published for it.
    library_uri = server.uri("site.sb")
    server.until(lambda: not (library_uri not in server.published))
    found = server.published[library_uri]["diagnostics"]
    assert any("`df`" in d["message"] for d in found), found
    assert all(d["source"] == "sbpc" and d["severity"] in (1, 2, 3) for d in found)

    # Opened and mended there, it is well here.
    library = server.open("site.sb")
    server.replace(library, "df == peer", "fd == peer")
    server.until(lambda: [d["code"] for d in server.published[policy.uri]["diagnostics"]] == ["SB4503"])
    failed = server.published[policy.uri]["diagnostics"][0]
    assert policy.slice(failed["range"]) == "assert never allow read;", failed
    related = failed["relatedInformation"][0]
    assert related["location"]["uri"] == policy.uri and "decides it" in related["message"], related
    server.until(lambda: server.published[library_uri]["diagnostics"] == [])

    # A name that the library loses is missed by who imports it.
    server.replace(library, "group reading", "group readers")
    server.until(lambda: not ([d["code"] for d in server.published[policy.uri]["diagnostics"]] == ["SB4503"]))
    missing = server.published[policy.uri]["diagnostics"]
    assert any("site.reading" in d["message"] for d in missing), missing

    # Closed without being saved, the file on disk counts again; then it vanishes.
    server.notify("textDocument/didClose", {"textDocument": {"uri": library.uri}})
    server.until(lambda: server.published[library_uri]["diagnostics"])
    (folder / "site.sb").unlink()
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": library_uri, "type": 3}]})
    server.until(lambda: any("No such file" in d["message"] for d in server.published[policy.uri]["diagnostics"]))
    server.until(lambda: server.published[library_uri]["diagnostics"] == [])
    (folder / "site.sb").write_text(LIBRARY.replace("df == peer", "fd == peer"), encoding="utf-8")
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": library_uri, "type": 1}]})
    server.until(lambda: [d["code"] for d in server.published[policy.uri]["diagnostics"]] == ["SB4503"])

    # A document without a file, and one that is closed.
    scratch = server.open("untitled:Untitled-1", "policy p on x86_64 { defalt allow; }\n")
    assert server.diagnostics(scratch) != []
    server.notify("textDocument/didClose", {"textDocument": {"uri": scratch.uri}})
    server.until(lambda: not (server.published[scratch.uri]["diagnostics"]))
    # In a file system of the editor's own, and with other spellings of a file's URI.
    for uri in ("vscode-vfs://github/owner/name/p.sb", "FILE://" + str(pathlib.Path(FOLDER).resolve()) + "/new.sb", "file:" + str(pathlib.Path(FOLDER).resolve()) + "/new2.sb"):
        other = server.open(uri, "policy p on x86_64 { kernel 6.12; default errno(EPERM); allow reed; }\n")
        assert "SB2001" in [d["code"] for d in server.diagnostics(other)], (uri, server.diagnostics(other))
    assert server.stop() == 0

# -W and -D are those of the command line.
with Client(SBPC, FOLDER, ["-Wno-no-kernel", "-D", "n=3"]) as server:
    server.start()
    document = server.open("q.sb", "param n: u32;\npolicy p on x86_64 { default allow; errno(EPERM) read(count == n); }\n")
    assert "SB6011" not in codes(server, document) and not [d for d in server.diagnostics(document) if d["severity"] == 1]
