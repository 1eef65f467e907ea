import subprocess
import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
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
    # Never a file with syntax errors.
    document = server.open("p.sb", "policy p { default }")
    assert "syntax errors" in server.ask_error("textDocument/formatting", {"textDocument": {"uri": document.uri}})["message"]
    assert server.stop() == 0
