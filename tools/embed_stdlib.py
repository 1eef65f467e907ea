#!/usr/bin/env python3
"""Writes the C++ file that holds the standard library's modules (stdlib/*.sb) as string literals, sorted by name.

    embed_stdlib.py --out FILE MODULE.sb...

Tested by test/cli/: every module is compiled through the binary that embeds it.
"""
import argparse
import pathlib

CHUNK = 8000  # bytes: compilers limit the length of one literal (MSVC 16 kB; the standard asks for 65,536)


def literal(text: str) -> str:
    """Adjacent raw string literals that hold `text`."""
    delimiter = "sb"
    while f"){delimiter}\"" in text:
        delimiter += "_"
    chunks = [text[i:i + CHUNK] for i in range(0, len(text), CHUNK)] or [""]
    return "\n".join(f'R"{delimiter}({chunk}){delimiter}"' for chunk in chunks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("modules", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    rows = [f'  StandardModule{{"std.{path.stem}", {literal(path.read_text(encoding="utf-8"))}}},\n'
            for path in sorted(arguments.modules, key=lambda path: path.stem)]
    arguments.out.write_text(
        "// Written by tools/embed_stdlib.py from stdlib/*.sb.\n"
        '#include "driver/stdlib_table.h"\n\n#include <array>\n\n'
        "namespace sbpc::driver {\n\n"
        f"static constexpr std::array<StandardModule, {len(rows)}> kModules = {{{{\n{''.join(rows)}}}}};\n\n"
        "std::span<const StandardModule> standard_library() { return kModules; }\n\n"
        "}  // namespace sbpc::driver\n", encoding="utf-8")


if __name__ == "__main__":
    main()
