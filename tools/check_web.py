#!/usr/bin/env python3
"""Every algorithm of std::ranges that the playground's compiler uses is in editors/web/wasm/ranges.h: its C++ library, Emscripten's,
has none of them; nor has it what LACKING names, or a std::span of two iterators. `./dev web` takes minutes and is built rarely; this says
the same in no time.

    check_web.py [ROOT]
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
ROOT = ROOT if len(sys.argv) > 1 else ROOT.parents[1]
HEADER = "editors/web/wasm/ranges.h"
SPAN_OF_TWO = re.compile(r"\bspan(?:<[^;()]*>)?(?: \w+)?[({][^;]*\bbegin\(\)")
LACKING = ("bit_cast", "format", "jthread", "source_location", "stop_token", "views")  # of namespace std
LEFT_OUT = {"lsp"}  # folders of compiler/ that web.cmake does not build


def main():
    there = set(re.findall(r"^(?:constexpr )?\w+ (\w+)\(", (ROOT / HEADER).read_text(encoding="utf-8"), re.MULTILINE))
    missing, spans = {}, []
    for path in sorted((ROOT / "compiler").rglob("*")):
        if path.suffix not in (".cpp", ".h") or path.relative_to(ROOT / "compiler").parts[0] in LEFT_OUT:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = line.partition("//")[0]
            if SPAN_OF_TWO.search(code):
                spans.append(f"{path.relative_to(ROOT)}:{number}: Emscripten's std::span is not made of two iterators; of the whole, subspan() is a part")
            for space, name in re.findall(r"std::(ranges::)?(\w+)", code):
                if name not in there and (space or name in LACKING):
                    missing.setdefault(name, f"{path.relative_to(ROOT)}:{number}: std::{space}{name} is not in {HEADER}; add it there")
    wrong = [*missing.values(), *spans]
    print("\n".join(wrong) or f"{len(there)} algorithms")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
