"""Every .sb file of the checkout, with what the compiler's parser says of it. For the tests of the editors' grammars."""
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYNTAX = "SB10"  # the codes of compiler/diag/kinds/syntax.def
OTHER_LANGUAGES = {"LooksLikeSeatbelt", "LooksLikeJson"}  # said before the parser runs


def paths():
    inside = (path for folder in ROOT.iterdir() if folder.name not in ("build", ".git") for path in sorted(folder.rglob("*.sb")))
    return sorted(path for path in inside if "node_modules" not in path.parts)


def syntax_errors(sbpc, files):
    """path -> the kinds of its syntax errors; no entry for files without any."""
    done = subprocess.run([sbpc, "fmt", "--check", "--error-format", "json", *map(str, files)], capture_output=True, text=True,
                          check=False, cwd=ROOT, timeout=120)
    report = json.loads(done.stderr)
    if report["dropped"]:
        raise SystemExit(f"{report['dropped']} diagnostics were dropped: files without one may still be wrong")
    found = {}
    for entry in report["diagnostics"]:
        if entry["code"].startswith(SYNTAX) or entry["kind"] in OTHER_LANGUAGES:
            found.setdefault(pathlib.Path(entry["place"]["file"]).resolve(), set()).add(entry["kind"])
    return found
