#!/usr/bin/env python3
"""The playground's sources go through Emscripten's front end: every file that web.cmake builds, against the headers that it is built with.
Nothing is made of them: `./dev web` takes many minutes, this takes one or two.

    compile_web.py BUILD [NAME...]        BUILD is a build of the native compiler, for the headers that are generated there

NAMEs are folders of compiler/ or files, without any it is all of them. ANTLR's headers are those of Debian's package, which are the same for WebAssembly.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "editors/web"))
import build  # the playground's: its flags and its header libraries

LEFT_OUT = {"lsp"}  # web.cmake links no language server
TOGETHER = 8        # files that are compiled as one: UNITY_BUILD_BATCH_SIZE, in its order
DEFINES = ["-DFMT_HEADER_ONLY", "-D_GNU_SOURCE", '-DSBPC_VERSION="0"']


def sources():
    """folder -> [[files that are compiled as one], ...]"""
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    web = (ROOT / "editors/web/wasm/web.cmake").read_text(encoding="utf-8")
    excluded = {folder: regex.replace("\\\\", "\\") for folder, regex in
                re.findall(r'list\(FILTER (\w+)_sources EXCLUDE REGEX "([^"]+)"\)', web)}
    found = {}
    for folder in sorted(path for path in (ROOT / "compiler").iterdir() if path.is_dir() and path.name not in LEFT_OUT):
        files = sorted(folder.rglob("*.cpp"), key=str)
        if folder.name in excluded:
            files = [path for path in files if not re.search(excluded[folder.name], str(path))]
        files += [ROOT / name for name in re.findall(rf"target_sources\(sbpc_{folder.name} PRIVATE (\S+\.cpp)\)", web)]
        call = re.search(rf"sbpc_library\({folder.name}\b[^)]*\)", cmake)
        alone = set(re.findall(r"[\w./]+\.cpp", call[0])) if call else set()
        shared = [path for path in files if path.name not in alone]
        found[folder.name] = [shared[at:at + TOGETHER] for at in range(0, len(shared), TOGETHER)]
        found[folder.name] += [[path] for path in files if path.name in alone]
    return found


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    made, every = pathlib.Path(sys.argv[1]).resolve(), sources()
    pieces = [piece for name in sys.argv[2:] or every for piece in every.get(name, [[pathlib.Path(name).resolve()]])]
    with tempfile.TemporaryDirectory(prefix="sbpc-web-") as scratch:
        work = pathlib.Path(scratch)
        include = ["-isystem", str(build.headers(work)), "-include", str(build.HERE / "wasm/ranges.h")]
        for path in (ROOT / "grammar/shim", "/usr/include/antlr4-runtime"):
            include += ["-isystem", str(path)]
        for path in (ROOT / "compiler", ROOT / "runtime/include", made / "compiler", made / "grammar/parser"):
            include += ["-I", str(path)]
        command = ["em++", "-std=c++20", *build.FLAGS.split(), "-w", *DEFINES, *include, "-fsyntax-only"]

        def check(number):
            unit = work / f"{number}.cpp"
            unit.write_text("".join(f'#include "{path}"\n' for path in pieces[number]), encoding="utf-8")
            done = subprocess.run([*command, str(unit)], capture_output=True, text=True, check=False, env={**os.environ, "CCACHE_DISABLE": "1"})
            lines = [line for line in done.stderr.splitlines() if "error:" in line and not line.startswith("em++:")]
            return "\n".join(lines or [done.stderr]) if done.returncode else ""

        with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("SBPC_JOBS", os.cpu_count() or 1))) as pool:
            wrong = [text for text in pool.map(check, range(len(pieces))) if text]
    print("\n".join(wrong) or f"{sum(map(len, pieces))} files")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
