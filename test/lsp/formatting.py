import pathlib
import random
import subprocess
import sys

from client import Client

SBPC, FOLDER, ROOT = sys.argv[1:]
UGLY = """// kept
policy p on x86_64{
  default   errno(EPERM);
\tkernel 6.12;


  allow read,write ; // why
  allow close;
}
"""


def formatted(text):
    return subprocess.run([SBPC, "fmt", "-"], input=text, capture_output=True, text=True, check=True).stdout


with Client(SBPC, FOLDER) as server:
    server.start()
    for text in (UGLY, UGLY.replace("\n", "\n\n"), UGLY + "\n\n\n", UGLY.rstrip("\n"), UGLY.replace("kept", "😀"), "\n\n// alone\n\nconst A = 1;", formatted(UGLY),
                 "policy p { default allow; }", "\n\n\npolicy p { default allow; }\n", "const A = 1;\nconst A  = 1;\nconst A = 1;\n"):
        document = server.open("p.sb", text)
        edits = server.of("textDocument/formatting", document, options={"tabSize": 2, "insertSpaces": True})
        assert document.edited(edits) == formatted(text), (text, edits)
        assert edits == [] or text != formatted(text)
    # Only the lines that change are touched.
    document = server.open("p.sb", formatted(UGLY).replace("allow close", "allow  close"))
    [edit] = server.of("textDocument/formatting", document, options={})
    assert edit["range"]["start"]["line"] == edit["range"]["end"]["line"] - 1, edit
    # A part: the statements that it touches, and nothing else.
    def range_of(document, text):
        begin = document.text.index(text)
        return {"start": document.place_at(begin), "end": document.place_at(begin + len(text))}

    def after(document, range_):
        return document.edited(server.of("textDocument/rangeFormatting", document, range=range_, options={}))

    NESTED = """policy   p on x86_64{
  kernel 6.12;   default errno(EPERM);
\tallow   read;
      // about write
 allow   write ; // why
  on   x86_64 {
  allow   close;
      allow   dup;
    } else on   i386 {
   allow   dup2; }


  allow   lseek;
}
const   A = 1;
"""
    document = server.open("p.sb", NESTED)
    for part, old, new in (("allow   read", "\tallow   read;", "  allow read;"), ("write ;", " allow   write ; // why", "  allow write; // why"),
                           ("read;\n      // about", "\tallow   read;\n      // about write\n", "  allow read;\n  // about write\n"),
                           ("allow   dup;", "      allow   dup;", "    allow dup;"), ("  allow   close;\n      allow", "  allow   close;\n      allow   dup;", "    allow close;\n    allow dup;"),
                           ("kernel", "  kernel 6.12;   default errno(EPERM);", "  kernel 6.12;\n  default errno(EPERM);"), ("const", "const   A", "const A")):
        assert NESTED.count(old) == 1, old
        assert after(document, range_of(document, part)) == NESTED.replace(old, new), (part, after(document, range_of(document, part)))
    assert after(document, {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}) == formatted(NESTED)
    # Whatever part of whatever text: it means the same, and the whole of it becomes the same.
    print(seed := random.randrange(1 << 32))
    random.seed(seed)
    for path in sorted(pathlib.Path(ROOT, "examples").glob("*.sb")) + sorted(pathlib.Path(ROOT, "test/parse/inputs").glob("*.sb")):
        text = path.read_text(encoding="utf-8")
        if len(text) > 20000 or subprocess.run([SBPC, "fmt", "-"], input=text, capture_output=True, text=True, check=False).returncode:
            continue
        ugly = "".join(" " * random.choice((0, 0, 1, 7)) + line.lstrip(" ") + random.choice(("\n", "\n", "\n\n\n", " ")) if not line.lstrip(" ").startswith("///") and "//" not in line
                       and "*" not in line and '"' not in line else line + "\n" for line in text.split("\n"))
        if subprocess.run([SBPC, "fmt", "-"], input=ugly, capture_output=True, text=True, check=False).returncode:
            continue
        whole = formatted(ugly)
        document = server.open("q.sb", ugly)
        for _ in range(6):
            begin = random.randrange(len(ugly))
            end = min(len(ugly), begin + random.choice((0, 10, 100, 1000)))
            result = after(document, {"start": document.place_at(begin), "end": document.place_at(end)})
            assert formatted(result) == whole, (path, begin, end)
    assert server.ask_error("textDocument/rangeFormatting", {"textDocument": {"uri": document.uri}})["code"] == -32602
    # Never a file with syntax errors.
    document = server.open("p.sb", "policy p { default }")
    assert server.of("textDocument/formatting", document, options={}) is None  # with syntax errors there is nothing to say: the errors are
    assert server.stop() == 0
