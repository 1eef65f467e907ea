#!/usr/bin/env python3
"""Builds the playground: the compiler as WebAssembly, the page's scripts, and one HTML file that needs neither a server nor a network.

    build.py [--work DIR] [compiler] [page]      both without a word; DIR is build/web; the result is DIR/playground.html

Needs emscripten, ninja and antlr4 (Debian), and npm's packages of editors/web (`./dev setup web`). ANTLR's run-time is compiled from the
sources of Debian's package, fetched with apt into DIR; apt's own lists are left as they are.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "editors/web"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SOURCES = f"deb-src [signed-by={KEYRING}] http://deb.debian.org/debian bookworm main\n"
HEADERS = ["fmt", "tl", "CLI", "nlohmann"]  # libraries that are headers alone, or can be
# The multipliers of hashes are cut to 32 bits; the table of diagnostics is sorted when compiled, by wasm/ranges.h in more steps than 2^20.
FLAGS = "-fwasm-exceptions -O2 -Wno-c++11-narrowing -fconstexpr-steps=16777216"


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def antlr_sources(work):
    """The folder of the run-time's sources."""
    folder = work / "antlr"
    if not list(folder.glob("antlr4-cpp-runtime-*/runtime/src")):
        lists = folder / "lists"
        (lists / "partial").mkdir(parents=True, exist_ok=True)
        (folder / "sources.list").write_text(SOURCES, encoding="utf-8")
        options = [word for name, value in (("Dir::Etc::SourceList", folder / "sources.list"), ("Dir::Etc::SourceParts", "/dev/null"),
                                            ("Dir::State::Lists", lists)) for word in ("-o", f"{name}={value}")]
        run("apt-get", "-q", *options, "update", cwd=folder)
        run("apt-get", "-q", *options, "source", "antlr4-cpp-runtime", cwd=folder)
    found = list(folder.glob("antlr4-cpp-runtime-*/runtime/src"))
    if len(found) != 1:
        sys.exit(f"build.py: {folder} holds {len(found)} versions of ANTLR's run-time, where one was meant")
    return found[0]


def headers(work):
    """A folder of the header libraries alone: the system's include folder would hide Emscripten's."""
    folder = work / "include"
    folder.mkdir(parents=True, exist_ok=True)
    for name in HEADERS:
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(pathlib.Path("/usr/include") / name)
    return folder


def build_compiler(work):
    if not shutil.which("emcmake"):
        sys.exit("build.py: emscripten is not installed (./dev setup web)")
    antlr, build = antlr_sources(work), work / "wasm"
    flags = f"{FLAGS} -isystem {headers(work)} -include {HERE}/wasm/ranges.h"
    # Emscripten's tools want Debian's acorn, which a node from elsewhere does not look for where Debian puts it.
    environment = {**os.environ, "NODE_PATH": "/usr/share/nodejs", "CCACHE_DISABLE": "1"}
    run("emcmake", "cmake", "-G", "Ninja", "-S", ROOT, "-B", build, "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_CXX_FLAGS={flags}",
        f"-DCMAKE_C_FLAGS={flags}", "-DSBPC_TESTS=OFF", "-DSBPC_STATIC=OFF", "-DSBPC_UNITY=ON", f"-DSBPC_ANTLR_SOURCE={antlr}", f"-DANTLR4_INCLUDE={antlr}",
        "-DANTLR4_RUNTIME=sbpc_antlr", "-DCCACHE=", env=environment)
    run("ninja", "-C", build, "-j", os.environ.get("SBPC_JOBS", os.cpu_count() or 1), "-k", 0, "sbpc", env=environment)


def build_page(work):
    run("node", HERE / "build.mjs", work / "wasm/bin/sbpc.js", work / "playground.html", cwd=HERE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/web")
    parser.add_argument("parts", nargs="*", choices=["compiler", "page", []], default=[])
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    for name, build in (("compiler", build_compiler), ("page", build_page)):
        if not arguments.parts or name in arguments.parts:
            build(work)


if __name__ == "__main__":
    main()
