#!/usr/bin/env python3
"""Each policy of examples/ on each ABI alone, instead of those that it names: compiled and proved, or refused for what that ABI lacks and
nothing else. On the ABIs that it names it must compile as it is.

    abis.py SBPC [EXAMPLE...]

Prints a line for each example, with what was refused.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEAD = re.compile(r"^policy (\w+) on ([\w, ]+) \{", re.MULTILINE)
# What an ABI may lack: the call (then an `except` of it takes nothing), or the argument in a register.
LACKS = {"SB2028", "SB4508", "SB3040"}


def compile_one(sbpc, example, abi):
    text = example.read_text(encoding="utf-8")
    own = abi in {name.strip() for match in HEAD.finditer(text) for name in match[2].split(",")}
    if not own:
        text = HEAD.sub(lambda match: f"policy {match[1]} on {abi} {{", text)
        text = re.sub(r"^test (?:.|\n)*?^\}\n", "", text, flags=re.MULTILINE)  # they may name the ABIs that the policy had
    with tempfile.TemporaryDirectory(prefix="sbpc-abis-") as scratch:
        for policy in HEAD.findall(text):
            out = pathlib.Path(scratch) / "out.bpf"
            done = subprocess.run([sbpc, "-", "-I", str(example.parent), "--policy", policy[0], "--target", abi, "-o", str(out), "--error-format", "short"],
                                  input=text, capture_output=True, text=True, check=False, timeout=600)
            codes = set(re.findall(r" error: .* \[(SB\d+)\]$", done.stderr, re.MULTILINE))
            if done.returncode == 0 and out.exists():
                continue
            return codes, (own or not codes or not codes <= LACKS), done.stderr[:1500]
    return None


def main():
    sbpc = str(pathlib.Path(sys.argv[1]).resolve())
    examples = [path for path in sorted((ROOT / "examples").glob("*.sb")) if HEAD.search(path.read_text(encoding="utf-8"))]
    examples = [path for path in examples if not sys.argv[2:] or path.name in sys.argv[2:]]
    lines = subprocess.run([sbpc, "--print", "targets"], capture_output=True, text=True, check=True).stdout.splitlines()
    abis = [line.split()[0] for line in lines]
    problems = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for example in examples:
            answers = list(pool.map(lambda abi, path=example: compile_one(sbpc, path, abi), abis))
            refused = {abi: answer for abi, answer in zip(abis, answers) if answer}
            print(f"{example.name}: {len(abis) - len(refused)} ABIs" +
                  "".join(f", not {abi} ({' '.join(sorted(codes))})" for abi, (codes, _, _) in refused.items()), flush=True)
            problems += [f"{example.name} on {abi}: {said}" for abi, (_, wrong, said) in refused.items() if wrong]
    print("\n".join(problems))
    print(f"{len(examples)} examples, {len(abis)} ABIs, {len(problems)} wrong")
    return 1 if problems or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
