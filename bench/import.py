#!/usr/bin/env python3
"""Imports every file of a corpus of foreign policies, and prints what came of each.

    import.py SBPC CORPUS [--check]      `./dev bench --import` runs it with $SBPC_CORPUS

For each file: the format, the policies and their ABIs, what the proof said, whether the written text is in the style of `sbpc fmt` and compiles for
all its ABIs, how long the import took, and whether it goes out again as what it was: `sbpc export` proves it equal, or tells why it cannot. Files that are no policies, or are wrong on purpose, are in bench/import_expected.tsv with the
reason; --check answers 1 if any other fails, or one of those does not, or fewer than 98 % of the policies come in.
"""
import collections
import fnmatch
import pathlib
import re
import subprocess
import sys
import tempfile
import time

EXPECTED = pathlib.Path(__file__).resolve().parent / "import_expected.tsv"


def expected():
    """{name in the corpus, or a pattern: reason}."""
    rows = (line.split("\t") for line in EXPECTED.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}


def files(corpus):
    """Everything but the index: (name, path)."""
    found = sorted(path for path in corpus.rglob("*") if path.is_file() and path.suffix not in (".md",))
    return [(str(path.relative_to(corpus)), path) for path in found]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


# What a policy that was imported says at its top -> what it is exported to.
FORMATS = {"Docker profile": "docker", "OCI profile": "oci", "seccompiler filters": "seccompiler", "minijail policy": "minijail", "Kafel policy": "kafel",
           "nsjail configuration": "kafel", "LXC policy": "oci",
           "Seccomp profiles of Kubernetes": "oci", "systemd unit": "systemd"}


def again(sbpc, written, folder):
    """("equal", "refused", "wrong" or "", what to say): each policy back into its format."""
    text = written.read_text(encoding="utf-8")
    form = next((form for kind, form in FORMATS.items() if text.startswith(f"// {kind}")), None)
    policies = re.findall(r"^policy (\w+) on (\w+)", text, re.M)
    if form is None or not policies:
        return "", ""
    out = folder / "again"
    for name, abi in policies:
        out.unlink(missing_ok=True)
        code, _, errors = run(sbpc, "export", "--error-format", "short", str(written), "--to", form, "--policy", name, "-o", str(out),
                              *(["--target", abi] if form in ("seccompiler", "minijail", "kafel", "systemd") else []))
        if code != 0:
            reasons = [line.rpartition("cannot say this: ")[2] for line in errors.splitlines() if "error" in line]
            is_told = code == 1 and reasons and "SB71" in errors and "please report" not in errors and not out.exists()
            return "refused" if is_told else "wrong", f"not {form} again: {'; '.join(dict.fromkeys(reasons)) or errors.strip()}"
    return "equal", f"{form} again, equal"


def attempt(sbpc, path, folder):
    """(whether it came in, what to say)."""
    written = folder / "out.sb"
    written.unlink(missing_ok=True)
    begin = time.monotonic()
    code, said, errors = run(sbpc, "import", "--error-format", "short", str(path), "-o", str(written))
    took = f"{(time.monotonic() - begin) * 1000:.0f} ms"
    if code != 0:
        if written.exists():
            return False, "failed, and wrote a file"
        first = errors.strip().splitlines()[0] if errors.strip() else f"exit code {code}"
        return False, re.sub(r"^.*?error: ", "", first)
    if "SB7014" in errors:
        return False, "a difference that nobody can explain"
    outcome = said.strip().rpartition("; ")[2]
    if run(sbpc, "fmt", "--check", str(written))[0] != 0:
        return False, "what it wrote is not in the style of `sbpc fmt`"
    code, _, errors = run(sbpc, "check", "--error-format", "short", str(written))
    if code != 0:
        return False, f"what it wrote does not compile: {errors.strip().splitlines()[0]}"
    abis = sorted({name for on in re.findall(r"^policy \w+ on ([^{]*)\{", written.read_text(encoding="utf-8"), re.M) for name in re.split(r"[,\s]+", on) if name})
    return True, f"{outcome}; {', '.join(abis)}; {took}"


def main():
    sbpc, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
    reasons = expected()
    came, wrong, policies, none = 0, [], 0, 0
    exports = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for name, path in files(corpus):
            fine, text = attempt(sbpc, path, pathlib.Path(folder))
            reason = next((why for pattern, why in reasons.items() if fnmatch.fnmatch(name, pattern)), None)
            none += reason is not None
            if reason is None:
                policies += 1
                came += fine
            kind, back = again(sbpc, pathlib.Path(folder) / "out.sb", pathlib.Path(folder)) if fine else ("", "")
            exports[kind] += 1
            if fine != (reason is None) or kind == "wrong":
                wrong.append(name)
            mark = "ok  " if fine and reason is None else "no  " if reason and not fine else "WRONG"
            print(f"{mark} {name}\n       {text}{f'  [{reason}]' if reason else ''}" + (f"\n       {back}" if back else ""))
    share = 100 * came / policies if policies else 0
    print(f"{came} of {policies} policies imported ({share:.1f} %), {none} files are not to be imported; {len(wrong)} not as expected")
    print(f"{exports['equal']} of them are their format again, equal; {exports['refused']} are not, with a reason")
    if "--check" in sys.argv:
        return 1 if wrong or not policies or share < 98 else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
