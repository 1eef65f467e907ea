#!/usr/bin/env python3
"""Compiles every `sb` block of the documentation.

    check_docs.py --sbpc BINARY DOCUMENT.md...

    ```sb                    a whole file: must compile (or, without a policy, check) without an error
    ```sb check              a whole file that is only checked: its program has run-time parameters
    ```sb statements         statements: wrapped in a policy for x86_64 and aarch64
    ```sb error SB2001       a whole file, policy.sb, that gives this error and no other; a ```text block that follows must be what sbpc says
    ```sb file DIR/NAME.sb   saved under that name, for the imports of later blocks; ```text file NAME likewise, and not compiled
    ```console               each line `$ COMMAND` is run, where the saved files are, with sbpc in PATH; what follows must be what it prints
                             (`...` stands for lines that are left out). `console seccomp`: where the kernel lets us install filters

Links of the documents are followed, too: to a heading of the same page, and to a file of the checkout.
"""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "test/support"))
import features  # noqa: E402

BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WRAPPED = "policy example on x86_64, aarch64 {{\n  kernel 6.12;\n  default kill_process;\n{}}}\n"


def blocks(text):
    """(line, language, [words], body) of each fenced block."""
    for match in BLOCK.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1], match[2].split(), match[3]


def anchor(heading):
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def broken_links(document, text):
    """(line, target) of each link to a heading or a file that is not there."""
    prose = BLOCK.sub(lambda match: "\n" * match[0].count("\n"), text)
    anchors = {anchor(heading) for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)}
    for match in re.finditer(r"\]\(([^)\s]+)\)", prose):
        target, _, heading = match[1].partition("#")
        if "://" in target:
            continue
        missing = not (document.parent / target).exists() if target else heading not in anchors
        if missing:
            yield prose.count("\n", 0, match.start()) + 1, match[1]


class Checker:
    def __init__(self, sbpc, folder):
        self.sbpc, self.folder = sbpc, folder
        self.said = None  # by the last block with an error

    def compile(self, body, only_check):
        (self.folder / "policy.sb").write_text(body, encoding="utf-8")
        command = ["check", "policy.sb"] if only_check or not re.search(r"^policy ", body, re.MULTILINE) else ["policy.sb", "-o", "out.bpf"]
        done = subprocess.run([self.sbpc, *command, "--error-format=plain"], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stderr

    def check(self, language, words, body):
        """What is wrong with a block, or None."""
        if language == "console":
            return self.console(words, body)
        if language != "sb" and words[:1] == ["file"]:
            (self.folder / words[1]).write_text(body, encoding="utf-8")
            return None
        if language == "text" and self.said is not None:
            said, self.said = self.said, None
            if said.strip() == body.strip():
                return None
            return "sbpc says otherwise:\n" + "\n".join(difflib.unified_diff(body.splitlines(), said.splitlines(), "document", "sbpc", lineterm=""))
        if language != "sb":
            return None
        kind = words[0] if words else ""
        if kind == "file":
            path = self.folder / words[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
            body = path.read_text(encoding="utf-8")
        code, said = self.compile(WRAPPED.format(body) if kind == "statements" else body, kind == "check")
        if kind == "error":
            self.said = said
            codes = set(re.findall(r"^error\[(SB\d+)\]", said, re.MULTILINE))
            return None if codes == {words[1]} and code == 1 else f"expected {words[1]} and exit 1, got exit {code}:\n{said}"
        return None if code == 0 else said


    def console(self, words, body):
        """Runs the commands of a block; what is wrong, or None."""
        if words == ["seccomp"] and features.seccomp_refused():
            return None
        tools = self.folder / ".bin"
        if not tools.exists():
            tools.mkdir()
            (tools / "sbpc").symlink_to(self.sbpc)
        environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C"}
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
            done = subprocess.run(["bash", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False, env=environment)
            said = done.stdout + done.stderr
            parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)]
            if not re.fullmatch("(?:.*\n)*?".join(parts), said):
                return f"`{command}` says otherwise:\n" + "\n".join(
                    difflib.unified_diff(expected.splitlines(), said.splitlines(), "document", "the command", lineterm=""))
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True, type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("documents", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    count = problems = 0
    for document in arguments.documents:
        with tempfile.TemporaryDirectory(prefix="sbpc-docs-") as folder:
            checker = Checker(arguments.sbpc, pathlib.Path(folder))
            text = document.read_text(encoding="utf-8")
            for line, target in broken_links(document, text):
                problems += 1
                print(f"{document}:{line}: the link `{target}` leads nowhere")
            for line, language, words, body in blocks(text):
                count += language == "sb"
                problem = checker.check(language, words, body)
                if problem:
                    problems += 1
                    print(f"{document}:{line}: {problem}")
    print(f"{count} blocks, {problems} wrong")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
