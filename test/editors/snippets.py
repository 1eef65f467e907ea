#!/usr/bin/env python3
"""snippets.py SBPC: every snippet of the Visual Studio Code extension, with what its places say, is part of a policy without errors."""
import json
import re
import subprocess
import sys
import tempfile

import policies

SNIPPETS = policies.ROOT / "editors/vscode/snippets/sb.json"
POLICY = "policy name on x86_64 {\n  kernel 6.12;\n  default kill_process;\n  allow read, exit_group, rt_sigreturn;\n%s}\n"


def expand(body):
    """The text that the editor inserts: the first of each choice, the text of each place."""
    text = "\n".join(body)
    text = re.sub(r"\$\{\d+\|([^|]*)\|\}", lambda match: match[1].split(",")[0], text)
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
    text = text.replace("$0", "")
    if "$" in text:
        sys.exit(f"a place of a snippet was not understood: {text}")
    return text + "\n"


def around(text):
    if text.startswith("policy"):
        return text
    if re.match(r"(///|rules|test|import)", text):
        return text + (POLICY % "" if text.startswith("test") else (POLICY % "").replace("policy name", "policy other"))
    return POLICY % text


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    snippets = json.loads(SNIPPETS.read_text(encoding="utf-8"))
    for name, snippet in snippets.items():
        policy = around(expand(snippet["body"]))
        with tempfile.NamedTemporaryFile("w", suffix=".sb") as file:
            file.write(policy)
            file.flush()
            done = subprocess.run([sys.argv[1], "test" if "test \"" in policy else "check", file.name], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{name}:\n{policy}\n{done.stderr}{done.stdout}")
    print(f"{len(snippets)} snippets")


if __name__ == "__main__":
    main()
