import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]

# A client that behaves; the table of methods makes the capabilities.
with Client(SBPC, FOLDER) as server:
    result = server.start()
    assert result["serverInfo"]["name"] == "sbpc"
    assert result["capabilities"]["hoverProvider"] is True
    assert result["capabilities"]["positionEncoding"] == "utf-16"
    assert server.ask_error("textDocument/noSuchThing")["code"] == -32601
    assert server.ask_error("textDocument/hover")["code"] == -32602
    assert server.ask_error("initialize")["code"] == -32600
    server.notify("textDocument/noSuchThing")
    assert server.stop() == 0

# The first encoding that both know.
for offered, taken in ((["utf-8"], "utf-8"), (["latin-1", "utf-32", "utf-8"], "utf-32"), ([7], "utf-16")):
    with Client(SBPC, FOLDER) as server:
        assert server.start({"general": {"positionEncodings": offered}})["capabilities"]["positionEncoding"] == taken

# Out of order: nothing before `initialize`, nothing after `shutdown`.
with Client(SBPC, FOLDER) as server:
    assert server.ask_error("textDocument/hover")["code"] == -32002
    server.notify("textDocument/didOpen", {"textDocument": {"uri": "file:///x.sb", "text": ""}})
    server.start()
    server.ask("shutdown")
    assert server.ask_error("textDocument/hover")["code"] == -32600
    server.notify("exit")
    assert server.process.wait() == 0
with Client(SBPC, FOLDER) as server:
    server.start()
    server.notify("exit")
    assert server.process.wait() == 1
with Client(SBPC, FOLDER) as server:
    server.start()
    server.process.stdin.close()
    assert server.process.wait() == 1

# What is no message.
with Client(SBPC, FOLDER) as server:
    server.start()

    def error_after(data):
        server.send_raw(data)
        message = server.receive()
        assert message["id"] is None, message
        return message["error"]["code"]

    def framed(body):
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)

    document = server.open("p.sb", "policy p on x86_64 { default allow; }\n")
    server.diagnostics(document)
    assert error_after(framed(b"{")) == -32700
    assert error_after(framed(b"[" * 100000)) == -32700
    assert error_after(framed(b"[]")) == -32600
    assert error_after(framed(b'{"jsonrpc": "2.0", "id": {}, "method": "shutdown"}')) == -32600
    assert error_after(b"Content-Length: twelve\r\n\r\n{}") == -32700
    for garbage in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"x" * 5000):
        server.ask("textDocument/formatting", {"textDocument": {"uri": document.uri}})  # the next header is found again
        assert error_after(garbage) == -32700
    size = (64 << 20) + 1
    server.send_raw(b"Content-Length: %d\r\n\r\n" % size)
    assert error_after(b" " * size) == -32600
    server.ask("textDocument/formatting", {"textDocument": {"uri": document.uri}})
    server.send({"id": "a word", "result": {"no": "question"}})  # an answer that nobody waits for
    server.send({"id": "a word", "method": "shutdown", "params": [1, 2]})
    assert server.receive() == {"jsonrpc": "2.0", "id": "a word", "result": None}

# A request that was cancelled before its turn is answered, as cancelled. All in one write: the server reads before it works.
with Client(SBPC, FOLDER) as server:
    server.start()
    uri = server.uri("c.sb")
    import json
    messages = [{"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "version": 1, "text": "policy p { default allow; }\n"}}}]
    for n in range(20):
        messages.append({"id": 1000 + n, "method": "textDocument/hover", "params": {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}})
    messages.append({"method": "$/cancelRequest", "params": {"id": 1019}})
    messages.append({"method": "$/cancelRequest", "params": {"id": 77777}})
    server.send_raw(b"".join(framed(json.dumps({"jsonrpc": "2.0", **m}).encode()) for m in messages))
    answers = [server.wait(1000 + n) for n in range(20)]
    assert answers[19]["error"]["code"] == -32800, answers[19]
    assert all("result" in answer for answer in answers[:19])
    assert server.stop() == 0
