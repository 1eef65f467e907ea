"""Whole-file goldens of what a user sees: `X.sb` is compiled, what sbpc says is held against `X.expected`.

Comment lines at the top of X.sb change how:

    // ARGS: check %s -Rskipped     the arguments; `%s` is the policy, `%t` a directory of the test's own. Default: `%s -o %t/out.bpf`
    // FIRST: mkdir %t/x            a shell command that runs before
    // INPUT: %t/x.sb               what is compiled instead of X.sb, for inputs that can't carry comments
    // ALSO: SB1028                 other codes that cannot be kept out of it
    // ONLY: stdout                 leave standard error out: the warnings are not the point

The golden is standard output, standard error and the exit code, with the directory of the test replaced by `%t`. Under test/diag/ the name
of the file is the diagnostic's (`UnknownCall.sb`, `UnknownCall-typo.sb`): its code, and no other, must be among what was said. A failing
command may leave no output behind. Used by lit (through GoldenTest) and by test/bless.py.
"""
import pathlib
import re
import shlex
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = ROOT / "compiler/diag/kinds"
SECONDS = 60


def kind_rows():
    """The text of every table of diagnostics."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(KINDS.glob("*.def")))


def kinds():
    """{"UnknownCall": "SB2001"}."""
    return dict(re.findall(r'^DIAG\(\s*(\w+)\s*,\s*"(SB\d{4})"', kind_rows(), re.MULTILINE))


# What libc needs: goldens are no whole programs, so these lints speak in their own tests only.
LIBC_LINTS = ("LibcNeeds", "ClockNeedsKernel", "NewerTwin", "StartNeeds")


def quiet(path, arguments):
    """The options that silence LIBC_LINTS; none in their own tests and for commands that take no -W."""
    if path.stem.split("-")[0] in LIBC_LINTS or not (arguments[0] in ("check", "compile", "run") or arguments[0].endswith(".sb")):
        return []
    lints = re.findall(r'^DIAG\((\w+), "SB\d{4}", warning, "([\w-]+)"', kind_rows(), re.MULTILINE)
    return [f"-Wno-{lint}" for kind, lint in lints if kind in LIBC_LINTS]


def directives(path):
    """The ARGS, FIRST, INPUT, ALSO and ONLY lines at the top of a policy."""
    found = {}
    for line in path.read_bytes()[:4096].decode("utf-8", "replace").splitlines():
        match = re.match(r"// (ARGS|FIRST|INPUT|ALSO|ONLY): (.*)$", line)
        if not match:
            break
        found[match[1]] = match[2]
    return found


def run(path, sbpc):
    """What a user sees: (text, stderr, exit code, paths left in the output directory)."""
    options = directives(path)
    with tempfile.TemporaryDirectory(prefix="sbpc-golden-") as scratch:
        fill = lambda text: text.replace("%t", scratch).replace("%s", options.get("INPUT", path.name).replace("%t", scratch))
        if "FIRST" in options:
            subprocess.run(["sh", "-c", fill(options["FIRST"])], cwd=path.parent, check=True, timeout=SECONDS)
        arguments = shlex.split(fill(options.get("ARGS", "%s -o %t/out.bpf")))
        command = [str(sbpc), *arguments[:1], *quiet(path, arguments), *arguments[1:], "--error-format=plain"]
        done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL, check=False)
        stdout, stderr = (text.decode("utf-8", "replace").replace(scratch, "%t") for text in (done.stdout, done.stderr))
        left = sorted(p.name for p in pathlib.Path(scratch).glob("out.*"))
        shown = stdout if options.get("ONLY") == "stdout" else stdout + stderr
    return shown + f"exit {done.returncode}\n", stderr, done.returncode, left


def complaints(path, stderr, code, left):
    """What is wrong whatever the golden says."""
    if code not in (0, 1, 2, 3, 4, 127):  # 127: `run` of a command that is not there
        yield f"exit code {code}"
    if code != 0 and left:
        yield f"a failed command left {', '.join(left)}"
    if path.parent.name != "diag":
        return
    kind = path.stem.split("-")[0]
    wanted = kinds().get(kind)
    also = set(directives(path).get("ALSO", "").split())
    said = set(re.findall(r"^(?:error|warning|remark)\[(SB\d{4})\]", stderr, re.MULTILINE))
    if wanted is None:
        yield f"diag/kinds/ has no {kind}"
    elif wanted not in said or said - also != {wanted}:
        yield f"{kind} is {wanted}, but sbpc said {', '.join(sorted(said)) or 'nothing'}"


def check(path, sbpc):
    """The reasons why a test fails; empty if it passes."""
    text, stderr, code, left = run(path, sbpc)
    problems = list(complaints(path, stderr, code, left))
    golden = path.with_suffix(".expected")
    if not golden.exists():
        problems.append(f"{golden.name} is missing: ./dev bless {path}")
    elif golden.read_text(encoding="utf-8") != text:
        problems.append(f"differs from {golden.name}; if this is what you want: ./dev bless {path}\n--- now:\n{text}")
    return problems
