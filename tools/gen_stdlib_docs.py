#!/usr/bin/env python3
"""Writes docs/stdlib.md from the modules' own comments and from what the compiler says that each rule set answers.

    gen_stdlib_docs.py --sbpc BINARY [--check]      --check writes nothing and fails if docs/stdlib.md is not what it would write

The answers are those of `sbpc --emit policy` for a policy that does nothing but `use` the set, on x86_64. Tested by test/stdlib/docs.test.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test/stdlib"))
import walk  # noqa: E402

PAGE = ROOT / "docs/stdlib.md"
INTRODUCTION = """# The standard library

Written by `tools/gen_stdlib_docs.py` from `stdlib/*.sb` and the compiler's answers; not edited by hand.

`import std.runtime;` makes a module's names available as `runtime.NAME` and `std.runtime.NAME`. The modules are part of the compiler.

## Where to start

| the program | the sets |
|---|---|
| is started under the filter (`sbpc run`, systemd, bwrap) | `runtime.start`; not where it installs the filter itself |
| is dynamically linked, on Debian, Fedora ... | `runtime.glibc`, with `threads`, `dns`, `locale` as it needs |
| is static, or on Alpine | `runtime.musl` |
| is written in Go, Rust, Python, JavaScript, Java | `runtime.go`, `rust`, `python`, `node` (unsafe), `java` (unsafe) |
| reads files and prints, and no more | `runtime.command`, which is all of the above that it needs |
| reads files that it names | `fs.read_only` |
| writes, creates, renames, removes files | `fs.read_write` |
| reads and writes what is open, sockets included | `io.everything`, and `io.descriptors` for dup and fcntl |
| uses standard input and output only | `io.stdio` |
| connects to servers | `net.tcp_client`, with `runtime.glibc(dns: true)` |
| is a server | `net.tcp_listen`, or `net.tcp_server(listen: 3)` where it is given its socket |
| waits for many things at once | `event.poll`, or `event.loop` |
| starts other programs | `process.spawn`, and `signal.send` if it stops them |
| is a container | `docker.profile` or `podman.profile` |
| calls pledge on OpenBSD | `pledge.promises(stdio: true, rpath: true)` |

[examples/](../examples) has policies for make, git, gcc, bash, perl, rsync, ssh, nginx, redis, PostgreSQL and others, each run in the tests.

## What a set says

Below each rule set stands what it answers on x86_64 with the parameters' defaults (bool parameters off); calls in *italics* only under
conditions on their arguments.
"""


def comment_before(lines, index):
    doc = []
    while index > 0 and lines[index - 1].startswith("///"):
        index -= 1
        doc.insert(0, lines[index][3:].strip())
    return " ".join(doc)


def header(text):
    lines = []
    for line in text.splitlines():
        if not line.startswith("//") or line.startswith("///"):
            break
        lines.append("  " + line[3:] if line.startswith("//   ") else line[3:])  # four spaces are code in Markdown
    said = "\n".join(lines).split(": ", 1)[-1]
    return said[:1].upper() + said[1:]


def answers(sbpc, folder, entry):
    """{answer: {call: is conditional}} on x86_64."""
    path = pathlib.Path(folder) / f"{entry.module}-{entry.name}.sb"
    path.write_text(f"import std.{entry.module};\n" + walk.policy("p", [entry.use()], ["x86_64"]), encoding="utf-8")
    done = subprocess.run([sbpc, "--emit", "policy", str(path)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return read_answers(done.stdout)


def read_answers(policy):
    """{answer: {call: is conditional}} of what `--emit policy` prints."""
    found = {}
    for line in policy.splitlines():
        match = re.match(r"\s+(allow|log|notify|trap|trace|errno\(\d+\)|kill_thread|kill_process|fallback errno\(\d+\)) (.*)", line)
        if not match or "/" not in match[2]:
            continue
        body, _, otherwise = match[2].partition(" else ")
        for item in re.split(r", (?=\w+/\d+)", body):
            call = item.split("/")[0]
            known = found.setdefault(match[1], {})
            known[call] = known.get(call, True) and " if " in item
            if otherwise:
                found.setdefault(f"otherwise {otherwise}", {})[call] = False
    return found


def listed(found):
    for answer, calls in found.items():
        names = ", ".join(f"*{name}*" if conditional else name for name, conditional in sorted(calls.items()))
        yield textwrap.fill(f"- {answer}: {names}", width=140, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def module_page(sbpc, folder, pool, module, sets):
    text = (ROOT / f"stdlib/{module}.sb").read_text(encoding="utf-8")
    lines = text.splitlines()
    out = [f"## std.{module}\n", header(text) + "\n"]
    at = {match[2]: number for number, line in enumerate(lines) if (match := re.match(r"(unsafe )?rules (\w+)", line))}
    answered = list(pool.map(lambda entry: answers(sbpc, folder, entry), sets))
    for entry, found in zip(sets, answered):
        formals = ", ".join(f"{name}: {' '.join(kind.split())}" for name, kind in entry.formals)
        out.append(f"### {module}.{entry.name}\n")
        out.append(f"`use {'unsafe ' if entry.unsafe else ''}{module}.{entry.name}{'(' + formals + ')' if formals else ''};`\n")
        out.append(textwrap.fill(comment_before(lines, at[entry.name]), width=140, break_on_hyphens=False, break_long_words=False) + "\n")
        out.append("\n".join(listed(found)) + "\n")
    groups = re.findall(r"^group (\w+) =", text, re.MULTILINE)
    if groups:
        out.append(textwrap.fill(f"Groups: {', '.join(f'`@{module}.{name}`' for name in groups)}.", width=140, break_on_hyphens=False) + "\n")
    return "\n".join(out)


def page(sbpc):
    with tempfile.TemporaryDirectory(prefix="sbpc-docs-") as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        modules = list(walk.modules())
        contents = " · ".join(f"[{module}](#std{module})" for module, _ in modules)
        return "\n".join([INTRODUCTION, contents + "\n", *(module_page(sbpc, folder, pool, module, sets) for module, sets in modules)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    text = page(arguments.sbpc)
    if not arguments.check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        print("docs/stdlib.md is up to date")
        return 0
    print("docs/stdlib.md is out of date: run `python3 tools/gen_stdlib_docs.py --sbpc BINARY`")
    return 1


if __name__ == "__main__":
    sys.exit(main())
