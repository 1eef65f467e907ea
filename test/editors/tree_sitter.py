#!/usr/bin/env python3
"""The tree-sitter grammar through libtree-sitter itself, without the command line tool.

    tree_sitter.py corpus WORK          every entry of editors/tree-sitter-sb/test/corpus: the tree is what the entry says
    tree_sitter.py files WORK SBPC      every .sb file of the checkout: an error where the compiler's parser has one, none where not
    tree_sitter.py queries WORK         every query compiles, Helix's and Zed's too
    tree_sitter.py drift [CLI]          parser.c was made of this grammar.js; with the tree-sitter program, it is made again
    tree_sitter.py record               notes what parser.c was made of, after `tree-sitter generate --abi 14`

WORK is a folder for the compiled parser. `drift` without CLI compares editors/tree-sitter-sb/src/made_of.json.
"""
import ctypes
import ctypes.util
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import policies

GRAMMAR = policies.ROOT / "editors/tree-sitter-sb"
RECORD = GRAMMAR / "src/made_of.json"
SOURCES, MADE = ["grammar.js", "words.js"], ["src/parser.c", "src/grammar.json", "src/node-types.json"]
ABI = 14


class Node(ctypes.Structure):
    _fields_ = [("context", ctypes.c_uint32 * 4), ("id", ctypes.c_void_p), ("tree", ctypes.c_void_p)]


def load_library():
    name = ctypes.util.find_library("tree-sitter")
    if not name:
        sys.exit("libtree-sitter is not installed (./dev setup editors)")
    library = ctypes.CDLL(name)
    for function, result, *arguments in [
            ("ts_parser_new", ctypes.c_void_p), ("ts_parser_delete", None, ctypes.c_void_p),
            ("ts_parser_set_language", ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p),
            ("ts_parser_parse_string", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32),
            ("ts_tree_root_node", Node, ctypes.c_void_p), ("ts_tree_delete", None, ctypes.c_void_p),
            ("ts_node_has_error", ctypes.c_bool, Node), ("ts_node_string", ctypes.c_void_p, Node),
            ("ts_query_delete", None, ctypes.c_void_p), ("ts_query_pattern_count", ctypes.c_uint32, ctypes.c_void_p),
            ("ts_query_new", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32, ctypes.POINTER(ctypes.c_uint32),
             ctypes.POINTER(ctypes.c_uint32))]:
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    return library


def compile_parser(work):
    """The path of the parser as a shared library in `work`, compiled with every warning an error."""
    work.mkdir(parents=True, exist_ok=True)
    target = work / "sb.so"
    digest = hashlib.sha256((GRAMMAR / "src/parser.c").read_bytes()).hexdigest()
    stamp = work / "sb.stamp"
    if target.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return target
    with tempfile.TemporaryDirectory(dir=work) as scratch:  # tests run side by side: each moves a finished file into place
        made = pathlib.Path(scratch) / "sb.so"
        subprocess.run(["cc", "-std=c11", "-O1", "-Wall", "-Werror", "-Wno-unused-value", "-shared", "-fPIC", f"-I{GRAMMAR}/src",
                        str(GRAMMAR / "src/parser.c"), "-o", str(made)], check=True)
        made.replace(target)
    stamp.write_text(digest, encoding="utf-8")
    return target


class Parser:
    def __init__(self, work):
        self.library = load_library()
        self.shared = ctypes.CDLL(str(compile_parser(work)))  # kept: the language lies in it
        self.shared.tree_sitter_sb.restype = ctypes.c_void_p
        self.language = self.shared.tree_sitter_sb()
        self.parser = self.library.ts_parser_new()
        if not self.library.ts_parser_set_language(self.parser, self.language):
            sys.exit(f"this libtree-sitter does not take parsers of ABI {ABI}")
        self.libc = ctypes.CDLL(None)
        self.libc.free.argtypes = [ctypes.c_void_p]

    def parse(self, text):
        """(has an error, the tree as text)"""
        tree = self.library.ts_parser_parse_string(self.parser, None, text, len(text))
        root = self.library.ts_tree_root_node(tree)
        pointer = self.library.ts_node_string(root)
        string = ctypes.string_at(pointer).decode()
        self.libc.free(pointer)
        result = self.library.ts_node_has_error(root), string
        self.library.ts_tree_delete(tree)
        return result

    def query_problem(self, text):
        """Why a query does not compile, or ""."""
        offset, kind = ctypes.c_uint32(), ctypes.c_uint32()
        query = self.library.ts_query_new(self.language, text, len(text), ctypes.byref(offset), ctypes.byref(kind))
        if not query:
            names = ["", "syntax", "no such node", "no such field", "no such capture", "impossible pattern"]
            return f"{names[kind.value]} at `{text[offset.value:offset.value + 30].decode()}`"
        count = self.library.ts_query_pattern_count(query)
        self.library.ts_query_delete(query)
        return "" if count else "it has no patterns"


ENTRY = re.compile(r"^={3,}\n(?P<name>[^\n]+)\n(?P<marks>(?::\w+\n)*)={3,}\n(?P<source>.*?)^-{3,}\n(?P<tree>.*?)(?=^={3,}\n|\Z)",
                   re.MULTILINE | re.DOTALL)


def flat(tree):
    return re.sub(r"\s+(?=\))", "", re.sub(r"\s+", " ", tree.strip()))


def corpus(work):
    parser, wrong, count = Parser(work), [], 0
    for path in sorted((GRAMMAR / "test/corpus").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        entries = list(ENTRY.finditer(text))
        if not entries or "".join(entry[0] for entry in entries) != text:
            sys.exit(f"{path}: not in the form of a corpus")
        for entry in entries:
            count += 1
            has_error, tree = parser.parse(entry["source"].strip("\n").encode())
            if ":error" in entry["marks"]:
                if not has_error:
                    wrong.append(f"{entry['name']}: no error")
            elif flat(tree) != flat(entry["tree"]):
                wrong.append(f"{entry['name']}:\n  is       {flat(tree)}\n  not      {flat(entry['tree'])}")
    report(wrong, f"{count} entries")


def files(work, sbpc):
    parser, wrong = Parser(work), []
    every = policies.paths()
    errors = policies.syntax_errors(sbpc, every)
    for path in every:
        has_error, tree = parser.parse(path.read_bytes())
        name = path.relative_to(policies.ROOT)
        kinds = errors.get(path, set())
        if has_error and not kinds:
            wrong.append(f"{name}: an error that the compiler's parser does not have: {tree[:2000]}")
        if kinds and not has_error:
            wrong.append(f"{name}: no error, though the compiler reports {', '.join(sorted(kinds))}")
    if len(errors) < 20 or len(every) - len(errors) < 200:
        wrong.append(f"only {len(every)} files, {len(errors)} of them with syntax errors: are these all?")
    report(wrong, f"{len(every) - len(errors)} files without and {len(errors)} with syntax errors")


def queries(work):
    parser, found = Parser(work), sorted((policies.ROOT / "editors").rglob("*.scm"))
    found = [path for path in found if "node_modules" not in path.parts]
    names = {path.stem for path in found if path.parent == GRAMMAR / "queries"}
    wrong = [f"there is no {name}.scm" for name in ("highlights", "locals", "folds", "indents", "injections", "tags") if name not in names]
    wrong += [f"{path.relative_to(policies.ROOT)}: {why}" for path in found if (why := parser.query_problem(path.read_bytes()))]
    report(wrong, f"{len(found)} queries")


def digests(names):
    return {name: hashlib.sha256((GRAMMAR / name).read_bytes()).hexdigest() for name in names}


def record():
    RECORD.write_text(json.dumps(digests(SOURCES + MADE), indent=2) + "\n", encoding="utf-8")


def drift(cli):
    noted = json.loads(RECORD.read_text(encoding="utf-8"))
    wrong = [f"{name} is not what src/made_of.json notes: generate parser.c anew (README.md there)"
             for name, digest in digests(SOURCES + MADE).items() if noted.get(name) != digest]
    if f"#define LANGUAGE_VERSION {ABI}\n" not in (GRAMMAR / "src/parser.c").read_text(encoding="utf-8"):
        wrong.append(f"parser.c is not of ABI {ABI}, which Debian 12's libtree-sitter takes")
    if cli:
        with tempfile.TemporaryDirectory() as scratch:
            for name in [*SOURCES, "package.json"]:
                shutil.copy(GRAMMAR / name, scratch)
            subprocess.run([cli, "generate", "--abi", str(ABI)], cwd=scratch, check=True, capture_output=True)
            wrong += [f"{name} is not what grammar.js makes" for name in MADE
                      if (pathlib.Path(scratch) / name).read_bytes() != (GRAMMAR / name).read_bytes()]
    report(wrong, "parser.c was made of this grammar" + (", and made again it is the same" if cli else ""))


def report(wrong, what):
    if wrong:
        sys.exit("\n".join(wrong))
    print(what)


def main():
    match sys.argv[1:]:
        case ["corpus", work]:
            corpus(pathlib.Path(work))
        case ["files", work, sbpc]:
            files(pathlib.Path(work), sbpc)
        case ["queries", work]:
            queries(pathlib.Path(work))
        case ["drift", *cli] if len(cli) < 2:
            drift(cli[0] if cli else None)
        case ["record"]:
            record()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
