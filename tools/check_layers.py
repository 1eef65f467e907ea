#!/usr/bin/env python3
"""Holds every #include of compiler/ against the layer rules; prints what breaks them.

    check_layers.py [ROOT]

1. A folder includes only itself and what the DEPS of its sbpc_library line in the root CMakeLists.txt name.
2. A DEPS line names only folders that stand above it: the line is straight, nobody calls back.
3. What the DEPS could say but must not: ir and bpf know no front end, bpf no ir, prove neither codegen nor opt, target no policies.
4. Heavy or unwanted headers only where they are named below.
5. What a source file declares in an unnamed namespace has a name of its own in its folder (except in the ALONE files of that
   line): SBPC_UNITY compiles several files as one.
6. What compiler/, runtime/ and tools/ say they are tested by is there.
Tested by test/cli/layers.test.
"""
import pathlib
import re
import sys

NEVER = {  # folder -> what it may not depend on, whatever its DEPS line says
    "base": {"*"},
    "target": {"ast", "parse", "sema", "ir", "bpf", "diag"},
    "ir": {"ast", "parse", "sema", "diag", "lower"},
    "bpf": {"ast", "parse", "sema", "diag", "ir", "lower", "opt"},
    "opt": {"ast", "parse", "sema", "diag", "lower", "bpf", "codegen"},
    "codegen": {"ast", "parse", "sema", "diag", "opt"},
    "prove": {"ast", "parse", "sema", "diag", "opt", "codegen"},
}
ONLY = {  # header pattern -> files (or folders, ending in /) that may include it
    r"(antlr4-runtime|SbLexer|SbParser|SbBase\w*)\.h": ["parse/parse.cpp"],
    r"CLI/.*": ["driver/arguments.cpp"],
    r"nlohmann/.*": ["diag/render_json.cpp", "sema/frequency.cpp", "import/json.cpp", "output/", "lsp/json.h", "lsp/json_fwd.h"],
    r"(unistd|fcntl|dirent|sys/(stat|mman|types|wait|socket|prctl|ioctl|syscall|ptrace))\.h|fstream|filesystem": ["driver/"],
    r"yaml\.h": ["import/yaml.cpp"],
    r"iostream|regex": [],
    r"seccomp\.h": [],
    r"linux/.*": ["driver/"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
LINE_LIMIT = 500


def dependencies(root):
    """{folder: [folders]} in the order of the root CMakeLists.txt."""
    text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    found = {}
    for name, rest in re.findall(r"^sbpc_library\((\w+)([^)]*)\)", text, re.MULTILINE):
        deps = re.search(r"DEPS\s+((?:[\w]+\s*)+?)(?:LIBS|OWN_LIBS|ALONE|$)", rest.strip())
        found[name] = deps[1].split() if deps else []
    return found


def check_table(deps):
    seen = []
    for name, wanted in deps.items():
        for dep in wanted:
            if dep not in seen:
                yield f"CMakeLists.txt: {name} depends on {dep}, which does not stand above it"
            if dep in NEVER.get(name, set()) or "*" in NEVER.get(name, set()):
                yield f"CMakeLists.txt: {name} must never depend on {dep}"
        seen.append(name)


def check_file(path, relative, deps):
    text = path.read_text(encoding="utf-8")
    folder = relative.parts[0]
    lines = text.count("\n")
    if lines > LINE_LIMIT and path.suffix in (".cpp", ".h"):
        yield f"{relative}: {lines} lines; {LINE_LIMIT} is the limit"
    for quote, header in INCLUDE.findall(text):
        for pattern, allowed in ONLY.items():
            if re.fullmatch(pattern, header) and not any(str(relative) == a or (a.endswith("/") and str(relative).startswith(a)) for a in allowed):
                yield f"{relative}: includes {header}, which only {', '.join(allowed) or 'nobody'} may"
        if quote != '"' or "/" not in header:
            continue
        target = header.split("/")[0]
        if target in deps and target != folder and target not in deps.get(folder, []):
            yield f"{relative}: includes {header}, but {folder} does not depend on {target}"
        if folder not in deps:
            yield f"{relative}: {folder} has no sbpc_library line"


DECLARATIONS = [  # at the left edge of an unnamed namespace, as clang-format leaves them
    re.compile(r"^constexpr\b[^=({;]*?\b(k[A-Z]\w*)"),
    re.compile(r"^(?:struct|class|enum class)\s+(\w+)\b(?!.*;$)"),
    re.compile(r"^(using\s+\w+\s*=)"),
    re.compile(r"^(?:\[\[\w+\]\] )?[\w:<>,&*\s\[\]]+?[\s&*](\w+\([^)]*)\)?.*\{"),
]


def own_names(path):
    """The names of a file's unnamed namespaces; functions with their parameters, for those may be overloaded; the same alias may stand twice."""
    unnamed = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line in ("namespace {", "}  // namespace"):
            unnamed = line == "namespace {"
        elif unnamed and line and not line[0].isspace():
            match = next(filter(None, (pattern.match(line) for pattern in DECLARATIONS)), None)
            if match and match[1].startswith("using"):
                yield match[1].split()[1].rstrip("="), line
            elif match:
                yield re.sub(r"\s*\w+(,|$)", r"\1", match[1]) if "(" in match[1] else match[1], path.name


def check_own_names(folder, alone):
    seen = {}
    for path in sorted(folder.rglob("*.cpp")):
        if path.name in alone:
            continue
        for name, what in set(own_names(path)):
            first = seen.setdefault(name, (what, path))
            if first[0] != what:
                yield f"{folder.name}: {first[1].name} and {path.name} both declare {name} in an unnamed namespace; one of them needs a name of its own"


def tests_named(path):
    """The paths that a file says it is tested by, to the end of that comment; `<Kind>` stands for any name."""
    text = path.read_text(encoding="utf-8")
    for start in re.finditer(r"\b[Tt]ested (?:by|in) ", text):
        said = re.match(r".*(?:\n\s*(?://|\*|[a-z]).*)*", text[start.end() :])[0]
        yield from (re.sub(r"<\w+>", "*", name) for name in re.findall(r"(?<![\w/])test/[\w/.*<>-]*[\w/>]", said))


def check_tests(root):
    if not (root / "test").is_dir():  # compiler/ alone
        return
    for folder in ("compiler", "runtime", "tools"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".c", ".def", ".py"):
                continue
            for name in tests_named(path):
                if not any(root.glob(name)):
                    yield f"{path.relative_to(root)}: tested by {name}, which is not there"


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1]
    deps = dependencies(root)
    problems = list(check_table(deps))
    listed = dict(re.findall(r"^sbpc_library\((\w+)[^)]*?ALONE\s+([^)]*)\)", (root / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE))
    for folder in deps:
        problems += check_own_names(root / "compiler" / folder, listed.get(folder, "").split())
    files = 0
    for path in sorted((root / "compiler").rglob("*")):
        if path.suffix in (".h", ".cpp", ".def", ".inc"):
            files += 1
            problems += check_file(path, path.relative_to(root / "compiler"), deps)
    problems += check_tests(root)
    for problem in problems:
        print(problem)
    print(f"{files} files, {len(deps)} folders: {len(problems)} problems")
    return 1 if problems or not files or not deps else 0


if __name__ == "__main__":
    sys.exit(main())
