#!/usr/bin/env python3
"""libsbp's manual pages from sbp.h: its comments are the text, so that no sentence stands twice.

    gen_man.py --version 0.1.0 --out DIR sbp.h

A section of the header, `/* ---- Installing ---- */`, is a page, named after its first function; the section's other functions are pages that
refer to it. A section without functions belongs to the one behind it. What a comment calls `Errors:` and `Source:` are sections of the page, lines indented
by four blanks are shown as they are. DIR/done is written last. Tested by test/cli/manual.test, with mandoc.
"""
import argparse
import gzip
import pathlib
import re
import sys

DECLARATION = re.compile(r"SBP_API\b[^;]*;", re.DOTALL)
NAME = re.compile(r"\b(sbp_\w+)\(")


class Block:
    """A comment and the code behind it, up to the next comment that begins a line."""

    def __init__(self, comment, code):
        self.comment, self.code = comment, code.strip()
        found = [NAME.search(declaration).group(1) for declaration in DECLARATION.findall(self.code)]
        self.functions = list(dict.fromkeys(found))


def uncomment(text):
    lines = text.strip().removeprefix("/*").removesuffix("*/").strip().split("\n")
    return "\n".join(re.sub(r"^\s*\* ?", "", line).rstrip() for line in lines)


def sections(header):
    """[(title, [Block])] of the part for users, and the comment of the file."""
    top = uncomment(re.match(r"/\*.*?\*/", header, re.DOTALL).group())
    body = header[:header.rindex("#ifdef __cplusplus")]
    parts = re.split(r"^/\* ---- (.*?) ---- \*/$", body, flags=re.MULTILINE)
    result = []
    for title, text in zip(parts[1::2], parts[2::2]):
        pieces = re.split(r"^(/\*.*?\*/)$", text, flags=re.MULTILINE | re.DOTALL)
        blocks = [Block("", pieces[0])] if pieces[0].strip() else []
        blocks += [Block(uncomment(comment), code) for comment, code in zip(pieces[1::2], pieces[2::2])]
        result.append((title, blocks))
    joined, waiting = [], []
    for title, blocks in result:
        waiting += blocks
        if any(block.functions for block in waiting):
            joined.append((title, waiting))
            waiting = []
    return top, joined


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    return re.sub(r"\b(sbp_\w+)\(\)", r"\\fB\1\\fR()", text)


def shown(code):
    """The header's code without what is the compiler's; lines behind the first of a declaration move left with it."""
    plain = lambda match: re.sub(r"\n {8}", "\n", re.sub(r" *SBP_CHECKED\b", "", match.group().removeprefix("SBP_API ")))
    return DECLARATION.sub(plain, code)


def line_of(text):
    return ("\\&" if text[:1] in (".", "'") else "") + text


def paragraphs(comment):
    """roff of a comment; its `Errors:` and `Source:` parts apart."""
    out, parts = [], {"Errors": [], "Source": []}
    for paragraph in re.split(r"\n\s*\n", comment):
        if not paragraph.strip():
            continue
        named = re.match(r"(Errors|Source)[^:\n]*: *", paragraph)
        if named:
            parts[named.group(1)].append(" ".join(paragraph[named.end():].split()))
        elif all(line.startswith("    ") for line in paragraph.split("\n")):
            out += [".PP", ".nf", *(line_of(roff(line)) for line in paragraph.split("\n")), ".fi"]
        else:
            # A list is lines that are indented; the rest flows.
            out.append(".PP")
            for line in paragraph.split("\n"):
                out += [".br"] * line.startswith("  ") + [line_of(roff(line.strip()))]
    return out, parts


def page(title, blocks, header, version):
    functions = [name for block in blocks for name in block.functions]
    code = "\n\n".join(shown(block.code) for block in blocks if block.code)
    out = ['.\\" made by tools/gen_man.py from sbp.h', f'.TH {functions[0].upper()} 3 "" "libsbp {version}" "Library Functions Manual"', ".SH NAME",
           f"{', '.join(functions)} \\- libsbp: {title[0].lower()}{title[1:]}", ".SH SYNOPSIS", ".nf", "#include <sbp.h>", ""]
    out += [line_of(line.replace("\\", "\\e").replace("-", "\\-")) for line in code.split("\n")]
    out += [".fi", ".PP", "Link with \\fB\\-lsbp\\fR.", ".SH DESCRIPTION"]
    errors, sources = [], []
    for block in blocks:
        text, parts = paragraphs(block.comment)
        if not text and not any(parts.values()):
            continue
        name = ", ".join(block.functions)
        if name:
            out.append(f".SS {name}")
        out += text
        errors += [(name, roff(error)) for error in parts["Errors"]]
        sources += [roff(source) for source in parts["Source"]]
    for heading, rows in (("ERRORS", errors), ("NOTES", [("", f"In the kernel: {source}") for source in sources])):
        if rows:
            out.append(f".SH {heading}")
        for name, text in rows:
            out += [".TP", f"\\fB{name}\\fR", text] if name else [".PP", line_of(text)]
    others = [names for names in header if names != functions[0]]
    out += [".SH SEE ALSO", ", ".join(f"\\fB{name}\\fR(3)" for name in others) + ", \\fBsbpc\\fR(1), \\fBseccomp\\fR(2)"]
    kept = [line for at, line in enumerate(out) if line != ".PP" or not out[at - 1].startswith((".SH", ".SS"))]  # a heading begins a paragraph
    return functions, "\n".join(kept) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("header", type=pathlib.Path)
    arguments = parser.parse_args()
    header = arguments.header.read_text(encoding="utf-8")
    _, found = sections(header)
    if not found:
        sys.exit(f"{arguments.header}: no section with a function was found")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for old in arguments.out.iterdir():
        old.unlink()
    first = [next(name for block in blocks for name in block.functions) for _, blocks in found]
    end = ".3.gz" if arguments.gzip else ".3"
    for title, blocks in found:
        functions, text = page(title, blocks, first, arguments.version)
        content = text.encode()
        (arguments.out / f"{functions[0]}{end}").write_bytes(gzip.compress(content, mtime=0) if arguments.gzip else content)
        for name in functions[1:]:
            (arguments.out / f"{name}{end}").symlink_to(f"{functions[0]}{end}")
    (arguments.out / "done").write_text("", encoding="utf-8")


if __name__ == "__main__":
    main()
