import pathlib
import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
folder = pathlib.Path(FOLDER)
LIBRARY = "group reading = { getpriority, sched_get_priority_max };\n"
POLICY = 'import "site.sb";\npolicy p on x86_64 {\n  kernel 6.12;\n  default allow;\n  errno(EPERM) @site.reading;\n}\n'
METHOD = "textDocument/diagnostic"
PULLS = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}, "didChangeWatchedFiles": {"dynamicRegistration": True}}}
(folder / "site.sb").write_text(LIBRARY, encoding="utf-8")
(folder / "p.sb").write_text(POLICY, encoding="utf-8")


def sent_to(text):
    """What a client that does not ask is sent for the text."""
    with Client(SBPC, FOLDER) as server:
        server.start()
        found = server.diagnostics(server.open("p.sb", text))
        assert server.stop() == 0
        return found


with Client(SBPC, FOLDER) as server:
    assert server.start(PULLS)["capabilities"]["diagnosticProvider"]["interFileDependencies"] is True
    policy = server.open("p.sb")
    first = server.of(METHOD, policy)
    assert first["kind"] == "full" and first["items"] == [], first
    # An answer waits for the text that it is asked of, however fast edits come.
    for n in range(20):
        server.set_text(policy, POLICY + f"const A{n} = B;\n")
    wrong = server.of(METHOD, policy, previousResultId=first["resultId"])
    assert wrong["kind"] == "full" and wrong["items"] == sent_to(policy.text) and "`B`" in wrong["items"][0]["message"], wrong
    again = server.of(METHOD, policy, previousResultId=wrong["resultId"])
    assert again == {"kind": "unchanged", "resultId": wrong["resultId"]}, again
    assert server.of(METHOD, policy, previousResultId=7)["kind"] == "full"
    server.set_text(policy, POLICY)
    assert server.of(METHOD, policy)["items"] == []

    # Files on disk: the server asks to be told, and says when what was asked for is no longer so.
    assert any(m["method"] == "client/registerCapability" for m in server.messages)
    refreshes = lambda: sum(m["method"] == "workspace/diagnostic/refresh" for m in server.messages)  # noqa: E731
    before = refreshes()
    (folder / "site.sb").unlink()
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": server.uri("site.sb"), "type": 3}]})
    server.until(lambda: refreshes() > before)
    gone = server.of(METHOD, policy)
    assert any("No such file" in d["message"] for d in gone["items"]), gone
    before = refreshes()
    (folder / "site.sb").write_text(LIBRARY.replace("getpriority,", ""), encoding="utf-8")
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": server.uri("site.sb"), "type": 1}]})
    server.until(lambda: refreshes() > before)
    assert server.of(METHOD, policy)["items"] == []
    before = refreshes()
    library = server.open("site.sb")
    server.replace(library, "reading", "readers")
    server.until(lambda: refreshes() > before)
    assert any("site.reading" in d["message"] for d in server.of(METHOD, policy)["items"])
    # A library that is open has no mistake of its own. Nothing is sent unasked of open documents.
    assert server.of(METHOD, library)["items"] == []
    assert not [uri for uri, params in server.published.items() if params["diagnostics"]], server.published

    # What can't be answered: a document that is not open, one that is closed while it is waited for, a request taken back.
    assert server.ask_error(METHOD, {"textDocument": {"uri": server.uri("q.sb")}})["code"] == -32602
    assert server.ask_error(METHOD)["code"] == -32602
    big = server.open("big.sb", "policy p on x86_64 { kernel 6.12; default errno(EPERM);\n" + "".join(f"  allow read(fd == {n});\n" for n in range(4000)) + "}\n")
    closed = server.begin(METHOD, {"textDocument": {"uri": big.uri}})
    taken_back = server.begin(METHOD, {"textDocument": {"uri": big.uri}})
    server.notify("$/cancelRequest", {"id": taken_back})
    assert server.wait(taken_back)["error"]["code"] == -32800
    server.notify("textDocument/didClose", {"textDocument": {"uri": big.uri}})
    answer = server.wait(closed)
    assert "result" in answer or answer["error"]["code"] == -32602, answer
    # Any number of them, and those that still wait at the end.
    big = server.open("big.sb", big.text)
    many = [server.begin(METHOD, {"textDocument": {"uri": big.uri}}) for _ in range(1000)]
    assert server.stop() == 0
    answers = [server.answers[each] for each in many]
    assert all("result" in each or each["error"]["code"] in (-32800, -32803) for each in answers)
