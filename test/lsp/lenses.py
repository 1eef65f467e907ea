import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
TEXT = """policy p on x86_64 {
  kernel 6.12;
  default kill_process;
  allow read;
  allow dup; kill_process read; allow close;
  allow ptrace(request == 0);
  kill_process ptrace;
}
test "holds" for p { expect kill_process execve; }
test "fails" for p { expect allow execve; }
"""

with Client(SBPC, FOLDER) as server:
    result = server.start({"workspace": {"codeLens": {"refreshSupport": True}}})
    assert result["capabilities"]["executeCommandProvider"]["commands"] == ["sbpc.runTest", "sbpc.showCost"]
    document = server.open("p.sb", TEXT)
    server.until(lambda: any(m["method"] == "workspace/codeLens/refresh" for m in server.messages))
    lenses = [(lens["range"]["start"]["line"], lens["command"]) for lens in server.of("textDocument/codeLens", document)]
    tests = [(line, command) for line, command in lenses if command["command"] == "sbpc.runTest"]
    assert [line for line, _ in tests] == [8, 9]
    [(line, cost)] = [(line, command) for line, command in lenses if command["command"] == "sbpc.showCost"]
    assert line == 0 and "instructions" in cost["title"] and "at most" in cost["title"], cost
    idle = [lens["range"]["start"] for lens in server.of("textDocument/codeLens", document) if lens["command"]["title"] == "never decides"]
    assert idle == [d["range"]["start"] for d in server.diagnostics(document) if d["code"] == "SB4505"] != [], idle

    def run(command):
        return server.ask("workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]})

    # They stay while the text can't be read at all, before it has been checked and after.
    server.change(document, [{"text": TEXT + "\0"}], TEXT + "\0")
    for _ in range(2):
        kept = [(lens["range"]["start"]["line"], lens["command"]) for lens in server.of("textDocument/codeLens", document)]
        assert kept == lenses, kept
        assert [d["code"] for d in server.diagnostics(document)] == ["SB0003"], server.diagnostics(document)
    # While an error hides it, what never decides is found by its words.
    broken = "// moved\n" + TEXT.replace("default kill_process;", "default kil;")
    server.change(document, [{"text": broken}], broken)
    assert server.diagnostics(document)
    moved = [lens["range"]["start"] for lens in server.of("textDocument/codeLens", document) if lens["command"]["title"] == "never decides"]
    assert [place["line"] for place in moved] == [place["line"] + 1 for place in idle], moved
    server.change(document, [{"text": TEXT}], TEXT)
    assert run(tests[0][1])["passed"] is True
    failed = run(tests[1][1])
    assert failed["passed"] is False and "execve" in failed["report"] and "decided by" in failed["report"], failed
    shown = [m["params"] for m in server.messages if m["method"] == "window/showMessage"]
    assert [m["type"] for m in shown] == [3, 1]
    assert "x86_64" in run(cost)["report"]

    def refused(command, *arguments):
        return server.ask_error("workspace/executeCommand", {"command": command, "arguments": list(arguments)})

    assert refused("sbpc.runTest", document.uri, "no such test")["code"] == -32803
    assert refused("sbpc.noSuchCommand", document.uri, "x")["code"] == -32602
    assert refused("sbpc.runTest", 1, 2)["code"] == -32602
    server.replace(document, "default kill_process;", "default kil;")
    assert "errors" in refused("sbpc.runTest", document.uri, "holds")["message"]
    assert server.stop() == 0
