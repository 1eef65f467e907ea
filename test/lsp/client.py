"""A language client for tests: starts `sbpc lsp`, speaks JSON-RPC with it, and waits for what it is told to wait for.

    with Client(sbpc) as server:
        server.start()
        doc = server.open("p.sb", "policy p { ... }")
        server.hover(doc, "open|at")          # `|` marks the cursor in a piece of the text
        server.diagnostics(doc)               # of the text as it is now

Nothing here waits for a time; DEADLINE only ends a test that would hang.
"""
import json
import os
import pathlib
import queue
import subprocess
import threading

DEADLINE = 120


class Document:
    def __init__(self, uri, text):
        self.uri, self.text, self.version = uri, text, 1

    def place(self, marked, units="utf-16"):
        """The place of `|` in `marked`, which must occur once in the text without the `|`."""
        offset = marked.index("|")
        plain = marked.replace("|", "", 1)
        assert self.text.count(plain) == 1, f"`{plain}` occurs {self.text.count(plain)} times"
        return self.place_at(self.text.index(plain) + offset, units)

    def place_at(self, offset, units="utf-16"):
        before = self.text[:offset]
        line = before.count("\n")
        rest = before[before.rfind("\n") + 1:]
        width = {"utf-8": lambda c: len(c.encode()), "utf-16": lambda c: len(c.encode("utf-16-le")) // 2, "utf-32": lambda c: 1}[units]
        return {"line": line, "character": sum(map(width, rest))}

    def offset(self, place, units="utf-16"):
        lines = self.text.split("\n")
        offset = sum(len(line) + 1 for line in lines[:place["line"]])
        for n in range(len(lines[place["line"]]) + 1):
            if self.place_at(offset + n, units)["character"] == place["character"]:
                return offset + n
        raise AssertionError(f"no such place: {place}")

    def slice(self, range_):
        return self.text[self.offset(range_["start"]):self.offset(range_["end"])]

    def edited(self, edits):
        """The text after a list of TextEdits."""
        text = self.text
        for edit in sorted(edits, key=lambda e: self.offset(e["range"]["start"]), reverse=True):
            text = text[:self.offset(edit["range"]["start"])] + edit["newText"] + text[self.offset(edit["range"]["end"]):]
        return text


class Client:
    def __init__(self, sbpc, folder=None, arguments=()):
        self.folder = pathlib.Path(folder or os.getcwd()).resolve()
        self.process = subprocess.Popen([sbpc, "lsp", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder)
        self.inbox = queue.Queue()
        self.published = {}  # uri -> the last diagnostics
        self.messages = []   # notifications and requests of the server
        self.answers = {}
        self.next_id = 0
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def _read(self):
        stream = self.process.stdout
        while True:
            length = None
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if length is None:
                self.inbox.put(None)
                return
            self.inbox.put(json.loads(stream.read(length)))

    def send_raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def notify(self, method, params=None):
        self.send({"method": method, "params": params if params is not None else {}})

    def begin(self, method, params=None):
        self.next_id += 1
        self.send({"id": self.next_id, "method": method, "params": params if params is not None else {}})
        return self.next_id

    def receive(self):
        """Takes one message in; answers it."""
        message = self.inbox.get(timeout=DEADLINE)
        assert message is not None, f"the server ended: {self.process.wait()}"
        if "method" not in message:
            self.answers[message["id"]] = message
        else:
            self.messages.append(message)
            if message["method"] == "textDocument/publishDiagnostics":
                self.published[message["params"]["uri"]] = message["params"]
            if "id" in message:
                self.send({"id": message["id"], "result": None})
        return message

    def until(self, condition):
        while not condition():
            self.receive()

    def wait(self, request):
        while request not in self.answers:
            self.receive()
        return self.answers.pop(request)

    def ask(self, method, params=None):
        answer = self.wait(self.begin(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def ask_error(self, method, params=None):
        answer = self.wait(self.begin(method, params))
        assert "error" in answer, answer
        return answer["error"]

    def start(self, capabilities=None, **more):
        result = self.ask("initialize", {"processId": None, "rootUri": self.folder.as_uri(), "capabilities": capabilities or {}, **more})
        self.notify("initialized")
        return result

    def stop(self):
        """shutdown, exit: the exit code."""
        self.ask("shutdown")
        self.notify("exit")
        return self.process.wait(timeout=DEADLINE)

    def uri(self, name):
        return name if ":" in name else (self.folder / name).as_uri()

    def open(self, name, text=None):
        if text is None:
            text = (self.folder / name).read_text(encoding="utf-8")
        document = Document(self.uri(name), text)
        self.notify("textDocument/didOpen", {"textDocument": {"uri": document.uri, "languageId": "sb", "version": 1, "text": text}})
        return document

    def change(self, document, changes, text):
        document.version += 1
        document.text = text
        self.notify("textDocument/didChange", {"textDocument": {"uri": document.uri, "version": document.version}, "contentChanges": changes})

    def replace(self, document, old, new, units="utf-16"):
        """An incremental edit: `old`, which occurs once, becomes `new`."""
        assert document.text.count(old) == 1, old
        begin = document.text.index(old)
        range_ = {"start": document.place_at(begin, units), "end": document.place_at(begin + len(old), units)}
        self.change(document, [{"range": range_, "text": new}], document.text.replace(old, new))

    def set_text(self, document, text):
        self.change(document, [{"text": text}], text)

    def diagnostics(self, document):
        """Those of the text as it is now."""
        while self.published.get(document.uri, {}).get("version") != document.version:
            self.receive()
        return self.published[document.uri]["diagnostics"]

    def at(self, method, document, marked, **more):
        return self.ask(method, {"textDocument": {"uri": document.uri}, "position": document.place(marked), **more})

    def of(self, method, document, **more):
        return self.ask(method, {"textDocument": {"uri": document.uri}, **more})

    def hover(self, document, marked):
        result = self.at("textDocument/hover", document, marked)
        return result and result["contents"]["value"]
