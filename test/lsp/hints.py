import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
TEXT = """policy p on x86_64 {
  kernel 6.12;
  default kill_process;
  allow write(fd == 1);
  allow read, exit_group;
}
"""
WHOLE = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}

with Client(SBPC, FOLDER) as server:
    server.start({"workspace": {"inlayHint": {"refreshSupport": True}}})
    document = server.open("p.sb", TEXT)

    def refreshed(count):
        server.until(lambda: sum(m["method"] == "workspace/inlayHint/refresh" for m in server.messages) >= count)

    def hints(range_=None):
        found = server.of("textDocument/inlayHint", document, range=range_ or WHOLE)
        return sorted((h["position"]["line"], h["position"]["character"], h["label"]) for h in found)

    def is_cost(label):
        return "insn" in label or "% of calls" in label

    refreshed(1)
    found = hints()
    assert (3, 16, ": fd (i32)") in found, found
    costs = [(line, label) for line, _, label in found if is_cost(label)]
    # Rules without an instruction of their own have one, too, and of two in a line each its own.
    assert {3, 4} <= {line for line, _ in costs}, found
    assert hints({"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 50}}) == [h for h in found if h[0] == 2]
    # They stay at their statements while those move, also while the text has errors.
    server.replace(document, "policy p", "\n\npolicy p")
    server.replace(document, "default kill_process;", "default kill_process")
    moved = [(line - 2, label) for line, _, label in hints() if is_cost(label)]
    assert set(moved) >= set(c for c in costs if c[0] == 3), (moved, costs)
    server.replace(document, "default kill_process", "default kill_process;")
    refreshed(2)
    assert [(line - 2, label) for line, _, label in hints() if is_cost(label)] == costs
    # What an argument is beside the command; once where calls of a list share it.
    TYPES = {
        "fcntl(cmd == F_SETFD, arg == FD_CLOEXEC)": [": fcntl_cmd (u32)", ": fd_flags (u32)"],
        "fcntl(cmd == F_SETFD && arg == FD_CLOEXEC || cmd == F_DUPFD)": [": fcntl_cmd (u32)", ": fd_flags (u32)", ": fcntl_cmd (u32)"],
        "fcntl(cmd == F_GETFD || arg == 1)": [": fcntl_cmd (u32)", ": unsigned_word (u64)"],
        "{ dup, dup2 }(oldfd == 1)": [": fd (i32)"],
    }
    for target, types in TYPES.items():
        server.set_text(document, TEXT.replace("write(fd == 1)", target))
        assert [label for line, _, label in hints() if line == 3 and not is_cost(label)] == types, (target, hints())
    assert server.stop() == 0
