#!/usr/bin/env python3
"""How fast the language server answers while a large policy is typed: 2,000 lines with 20 imports. Tab-separated, a row for each request:
milliseconds from the request to its answer (half of them, 95 of 100, the slowest), and at the end the server's peak of memory.

    lsp.py SBPC [--check] [--runs N]     --check: exit code 1 if a p95 is 50 ms or more, or the memory above 150 MB

Before every request a line is edited, so nothing that the answer needs has been worked out. The policy has hundreds of mistakes; in the rows
with `(sound)` it has none, so that what it costs is worked out too, and has to give way to the next check. Numbers depend on the machine and
what else it does; nothing of this runs in the tests.
"""
import argparse
import pathlib
import random
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "test/lsp"), str(ROOT / "test/support")]
from bench_scale import CALLS, rule  # noqa: E402
from client import Client  # noqa: E402

LINES, IMPORTS, TESTS, MOST_MS, MOST_MB = 2000, 20, 20, 50, 150
DIAGNOSTICS = "textDocument/diagnostic"  # waits for the check of the text, on another thread; no other request does
PAUSES = [0, 0.02, 0.05, 0.1]  # seconds between two edits of the sound policy: the work on its costs is met at different places
WHOLE = {"start": {"line": 0, "character": 0}, "end": {"line": LINES, "character": 0}}
SCREEN = {"start": {"line": 900, "character": 0}, "end": {"line": 960, "character": 0}}


# Of a policy without a mistake: each value once, and most of them side by side, or the program would be too large.
def sound_rule(n):
    at = n % len(CALLS)
    call, argument = CALLS[at].split()
    return f"allow {call}({argument} == {3 + n // len(CALLS) * (2 if at % 4 == 3 else 1)});"


def policy(rule_of):
    head = [f'import "part{n}.sb";' for n in range(IMPORTS)]
    head += ["", "policy scale on x86_64 {", "  kernel 6.12;", "  default errno(ENOSYS);"] + [f"  use part{n}.part;" for n in range(IMPORTS)]
    rules = [f"  {rule_of(n)}" for n in range(LINES - len(head) - TESTS - 2)]
    tests = [f'test "t{n}" for scale {{ expect allow exit_group; }}' for n in range(TESTS)]
    return "\n".join([*head, *rules, "  allow exit_group, rt_sigreturn;", "}", *tests]) + "\n"


def requests(document, line):
    """(method, parameters) of everything that can be asked, at a place of that line."""
    text = document.text.split("\n")[line]
    name = {"line": line, "character": text.index("(") - 1}
    inside = {"line": line, "character": text.index("(") + 1}
    at = {"textDocument": {"uri": document.uri}}
    yield "textDocument/hover", {**at, "position": name}
    yield "textDocument/completion", {**at, "position": inside}
    yield "textDocument/signatureHelp", {**at, "position": inside}
    yield "textDocument/definition", {**at, "position": {"line": 25 + line % IMPORTS, "character": 13}}
    yield "textDocument/references", {**at, "position": {"line": 25 + line % IMPORTS, "character": 13}}
    yield "textDocument/documentHighlight", {**at, "position": name}
    yield "textDocument/rename", {**at, "position": {"line": IMPORTS + 1, "character": 8}, "newName": "other"}
    yield "textDocument/documentSymbol", at
    yield "textDocument/foldingRange", at
    yield "textDocument/formatting", {**at, "options": {}}
    yield "textDocument/rangeFormatting", {**at, "range": SCREEN, "options": {}}
    yield "textDocument/semanticTokens/full", at
    yield "textDocument/semanticTokens/full/delta", {**at, "previousResultId": "1"}
    yield "textDocument/semanticTokens/range", {**at, "range": SCREEN}
    yield "textDocument/inlayHint", {**at, "range": SCREEN}
    yield "textDocument/codeLens", at
    yield "textDocument/codeAction", {**at, "range": WHOLE, "context": {"diagnostics": []}}
    yield "workspace/symbol", {"query": "part"}
    yield DIAGNOSTICS, at


# `first`: of the imports' rules; where it is far from the root's, no two say the same.
def write(folder, rule_of=rule, first=0):
    for part in range(IMPORTS):
        rules = "\n".join(f"  {rule_of(first + n)}" for n in range(part * 100, part * 100 + 100))
        (folder / f"part{part}.sb").write_text(f"/// Part {part}.\nrules part {{\n{rules}\n}}\n", encoding="utf-8")
    (folder / "scale.sb").write_text(policy(rule_of), encoding="utf-8")


def memory_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    return 0


# Writes a comment behind a line.
def edit(server, document, line, run):
    lines = document.text.split("\n")
    end = {"line": line, "character": len(lines[line])}
    lines[line] += f" // {run}"
    server.change(document, [{"range": {"start": end, "end": end}, "text": f" // {run}"}], "\n".join(lines))


def ask(server, method, params):
    """The answer, and the milliseconds it took."""
    begin = time.perf_counter()
    answer = server.wait(server.begin(method, params))
    taken = (time.perf_counter() - begin) * 1000
    assert "error" not in answer, (method, answer)
    return answer["result"], taken


def measure(server, runs, times):
    document = server.open("scale.sb")
    server.diagnostics(document)
    random.seed(1)
    for run in range(runs):
        for index in range(len(list(requests(document, 100)))):
            line = random.randrange(100, LINES - TESTS - 10)
            edit(server, document, line, run)
            method, params = list(requests(document, line))[index]
            times.setdefault(method, []).append(ask(server, method, params)[1])
    server.diagnostics(document)


def measure_sound(server, runs, times):
    document = server.open("scale.sb")
    at = {"textDocument": {"uri": document.uri}}
    server.diagnostics(document)
    for run in range(runs):
        for pause in PAUSES:
            edit(server, document, random.randrange(100, LINES - TESTS - 10), run)
            found, taken = ask(server, DIAGNOSTICS, at)
            assert not [each for each in found["items"] if each["severity"] == 1], found["items"][:3]
            times.setdefault(f"{DIAGNOSTICS} (sound)", []).append(taken)
            time.sleep(pause)
    server.diagnostics(document)


def session(sbpc, files, measured):
    """Writes `files` into a new folder, and runs `measured` with a server there: the server's peak of memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write(folder, *files)
        with Client(str(pathlib.Path(sbpc).resolve()), folder) as server:
            server.start()
            measured(server)
            megabytes = memory_mb(server.process.pid)
            server.stop()
    return megabytes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sbpc")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    times = {}
    megabytes = max(session(options.sbpc, (), lambda server: measure(server, options.runs, times)),
                    session(options.sbpc, (sound_rule, 100 * len(CALLS)), lambda server: measure_sound(server, options.runs, times)))
    print("# request\tp50 ms\tp95 ms\tworst ms")
    slow = []
    for method, found in times.items():
        found.sort()
        p95 = found[min(len(found) - 1, len(found) * 95 // 100)]
        if p95 >= MOST_MS:
            slow.append(method)
        print(f"{method}\t{found[len(found) // 2]:.1f}\t{p95:.1f}\t{found[-1]:.1f}")
    print(f"# peak memory\t{megabytes:.0f} MB")
    if options.check and (slow or megabytes > MOST_MB):
        sys.exit(f"too slow: {', '.join(slow) or 'nothing'}; memory {megabytes:.0f} MB of {MOST_MB}")


if __name__ == "__main__":
    main()
