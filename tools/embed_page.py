#!/usr/bin/env python3
"""Writes the C++ file that holds the report's page: its one HTML file, its one CSS file, its scripts joined in the order given.

    embed_page.py --out FILE PART...

Tested by test/output/html.test: the page is written by the binary that embeds it.
"""
import argparse
import pathlib

from embed_stdlib import literal


def joined(parts, ending):
    return "".join(path.read_text(encoding="utf-8") for path in parts if path.suffix == ending)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("parts", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    rows = [f"const std::string_view {name} = {literal(joined(arguments.parts, ending))};\n"
            for name, ending in (("kPageHtml", ".html"), ("kPageStyle", ".css"), ("kPageScript", ".js"))]
    arguments.out.write_text("// Written by tools/embed_page.py from compiler/output/page/.\n"
                             '#include "output/report_page.h"\n\n'
                             f"namespace sbpc::output {{\n\n{''.join(rows)}\n}}  // namespace sbpc::output\n", encoding="utf-8")


if __name__ == "__main__":
    main()
