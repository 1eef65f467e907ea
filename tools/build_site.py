#!/usr/bin/env python3
"""Makes the documentation a small site: the Markdown of docs/, and the complaints of test/pain as a cookbook. No scripts, no requests.

    build_site.py OUT            writes OUT/*.html; exits 1 and names them if links lead nowhere

What the Markdown links to and is no page (examples of diagnostics, sources) is copied to OUT/files/ as text. The examples were compiled
by tools/check_docs.py. Needs markdown-it for Python (Debian: python3-markdown-it). Tested by test/docs/site.test.
"""
import html
import html.parser
import itertools
import pathlib
import re
import shutil
import sys
import urllib.parse

import markdown_it

import editor_tables

ROOT = pathlib.Path(__file__).resolve().parent.parent
STYLE = ROOT / "tools/site/page.css"
COOKBOOK = "test/pain"
# The pages, by the heading they stand under; the first one is the entrance.
SECTIONS = {
    "Begin": ["docs/getting-started.md", "docs/tutorial.md", COOKBOOK, "docs/editors.md"],
    "Reference": ["docs/language.md", "docs/stdlib.md", "docs/diagnostics.md", "docs/learn.md", "docs/import.md", "docs/export.md", "docs/reports.md", "docs/embedding.md", "docs/format.md"],
    "How it works": ["docs/architecture.md", "docs/ir.md", "docs/optimiser.md", "docs/proof.md", "docs/performance.md", "docs/adding.md"],
}
NAMES = {"docs/getting-started.md": "index.html", COOKBOOK: "cookbook.html"}


# A chapter that nobody placed is in the menu all the same.
SECTIONS["Reference"] += sorted({str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")} - {source for pages in SECTIONS.values() for source in pages})


def html_name(source):
    """The page that a source becomes; decisions and other Markdown have their folder in their name."""
    return NAMES.get(source) or source.removeprefix("docs/").replace("/", "-").removesuffix(".md").lower() + ".html"


def sources():
    """Every page: those of SECTIONS, and the other Markdown of docs/, README, CHANGELOG and CONTRIBUTING, reached by links."""
    listed = [source for pages in SECTIONS.values() for source in pages]
    others = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))] + ["README.md", "CHANGELOG.md", "CONTRIBUTING.md",
              "editors/tree-sitter-sb/README.md"]
    return listed + [source for source in others if source not in listed]


def anchor(heading):
    """As GitHub makes it, and tools/check_docs.py."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


class Highlighter:
    """SB as spans of the classes of page.css."""

    def __init__(self):
        words = editor_tables.words()
        plain = {"action": words["action"], "operator": words["condition"], "keyword": words["declaration"] + words["statement"],
                 "number": words["literal"]}
        named = [rf"(?P<{name}>(?<![\w.@$])(?:{'|'.join(list_)})\b(?!\s*:|\.\w))" for name, list_ in plain.items()]
        self.pattern = re.compile("|".join([r"(?P<comment>//[^\n]*|/\*.*?\*/|\A#![^\n]*)", r'(?P<string>"(?:[^"\\\n]|\\.)*")', *named,
                                            r"(?P<digits>(?<![\w$])[0-9]\w*(?:\.[0-9]+)*|'[^'\n]')", r"(?P<constant>\b_*[A-Z][A-Z0-9_]+\b)"]), re.DOTALL)

    def __call__(self, text):
        parts, at = [], 0
        for match in self.pattern.finditer(text):
            name = "number" if match.lastgroup == "digits" else match.lastgroup
            parts += [html.escape(text[at:match.start()]), f'<span class="{name}">{html.escape(match[0])}</span>']
            at = match.end()
        return "".join(parts) + html.escape(text[at:])


class Site:
    def __init__(self, out):
        self.out = out
        self.pages = {source: html_name(source) for source in sources()}
        self.copied = set()
        self.highlight = Highlighter()
        self.markdown = markdown_it.MarkdownIt("commonmark", {"highlight": self.code}).enable("table")

    def code(self, text, language, _):
        return self.highlight(text) if language.split(" ")[0] == "sb" else ""

    def address(self, source, target):
        """Where a link of `source` leads in the site."""
        if "://" in target or target.startswith("#") or target.startswith("mailto:"):
            return target
        path, _, fragment = urllib.parse.unquote(target).partition("#")
        found = ((ROOT / source).parent if source != COOKBOOK else ROOT / COOKBOOK) / path
        found = found.resolve()
        if not found.is_relative_to(ROOT) or not found.exists():
            return target  # check() names it
        name = str(found.relative_to(ROOT))
        if name in self.pages:
            return self.pages[name] + (f"#{fragment}" if fragment else "")
        if found.is_dir():
            return self.listing(found, name)
        copy = f"files/{name}" + ("" if found.suffix in (".png", ".svg") else ".txt")
        if copy not in self.copied:
            (self.out / copy).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, self.out / copy)
            self.copied.add(copy)
        return copy

    def listing(self, folder, name):
        """A folder is a list of what is in it."""
        copy = f"files/{name}/index.txt"
        (self.out / copy).parent.mkdir(parents=True, exist_ok=True)
        (self.out / copy).write_text("".join(f"{path.name}\n" for path in sorted(folder.iterdir())), encoding="utf-8")
        return copy

    def body(self, source, text):
        """Markdown -> (title, HTML)."""
        tokens = self.markdown.parse(text)
        title, seen = pathlib.Path(source).stem, {}
        for token, inside in zip(tokens, [*tokens[1:], None]):
            if token.type == "heading_open":
                words = "".join(child.content for child in inside.children)
                title = words if token.tag == "h1" else title
                name = anchor(words)
                seen[name] = seen.get(name, -1) + 1
                token.attrSet("id", name + (f"-{seen[name]}" if seen[name] else ""))
            for child in token.children or []:
                for attribute in ("href", "src"):
                    if child.attrGet(attribute) is not None:
                        child.attrSet(attribute, self.address(source, child.attrGet(attribute)))
        made = self.markdown.renderer.render(tokens, self.markdown.options, {})
        numbers = itertools.count(1)
        made = re.sub("<table>", lambda _: f'<div class="scroll" tabindex="0" role="region" aria-label="table {next(numbers)}"><table>', made)
        made = made.replace("</table>", "</table></div>")
        return title, made.replace("<pre>", '<pre tabindex="0">')

    def cookbook(self):
        """test/pain as one page: what went wrong elsewhere, a policy, and what sbpc says of it."""
        parts = ["# What others ran into\n\nSeccomp's known traps, each with a policy that meets it and what sbpc says. The tests compare every answer.\n"]
        for folder in sorted(path for path in (ROOT / COOKBOOK).iterdir() if path.is_dir()):
            text = re.sub(r"^# (.*)$", lambda match, number=int(folder.name[:2]): f"## {number}. {match[1]}", (folder / "README.md").read_text(encoding="utf-8"),
                          count=1, flags=re.MULTILINE)
            text = re.sub(r"\]\((?!\w+://)([^)#]+)", lambda match, name=folder.name: f"]({name}/{match[1]}", text)
            parts.append(text)
            for policy in sorted(folder.glob("*.sb")):
                shown = re.sub(r"^// ARGS: (.*)$", lambda match, name=policy.name: "// $ sbpc " + match[1].replace("%s", name),
                               policy.read_text(encoding="utf-8").rstrip(), flags=re.MULTILINE)
                shown = re.sub(r"^// ONLY: .*\n", "", shown, flags=re.MULTILINE)  # a word to the test
                parts.append(f"```sb\n{shown}\n```\n")
                said = policy.with_suffix(".expected")
                if said.exists():
                    parts.append("```text\n" + re.sub(r"^exit \d+\n?\Z", "", said.read_text(encoding="utf-8"), flags=re.MULTILINE).rstrip() + "\n```\n")
        return "\n".join(parts)

    def navigation(self, current):
        parts = ['<p>sbpc</p>']
        for heading, pages in SECTIONS.items():
            items = "".join(f'<li><a href="{self.pages[page]}"{" aria-current=page" if page == current else ""}>{html.escape(self.titles[page])}</a></li>'
                            for page in pages)
            parts.append(f"<p>{heading}</p><ul>{items}</ul>")
        return "".join(parts)

    def same_titles(self):
        """Pages of the menu that nobody could tell apart."""
        titles = [self.titles[source] for pages in SECTIONS.values() for source in pages]
        return {f"two pages of the menu are called `{title}`" for title in titles if titles.count(title) > 1}

    def build(self):
        self.out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STYLE, self.out / "page.css")
        texts = {source: self.cookbook() if source == COOKBOOK else (ROOT / source).read_text(encoding="utf-8") for source in self.pages}
        made = {source: self.body(source, text) for source, text in texts.items()}
        self.titles = {source: title.replace("`", "") for source, (title, _) in made.items()}
        for source, (title, body) in made.items():
            page = ('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                    f'<title>{html.escape(title.replace("`", ""))} - sbpc</title>\n<link rel="stylesheet" href="page.css">\n</head>\n<body>\n'
                    f'<a class="menu" href="#pages">all pages</a>\n<main>\n{body}</main>\n'
                    f'<nav id="pages" aria-label="pages">{self.navigation(source)}</nav>\n</body>\n</html>\n')
            (self.out / self.pages[source]).write_text(page, encoding="utf-8")


class Links(html.parser.HTMLParser):
    """The ids and the links of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag in ("img", "script", "link", "iframe"):
            self.loads.append(attributes.get("src") or attributes.get("href") or "")


def check(out):
    """What is wrong with the links of the site in `out`."""
    pages = {path.name: Links(path.read_text(encoding="utf-8")) for path in out.glob("*.html")}
    for name, page in pages.items():
        for doubled in {one for one in page.ids if page.ids.count(one) > 1}:
            yield f"{name}: two elements have the id `{doubled}`"
        for target in page.loads:
            if "//" in target or not (out / target).exists():
                yield f"{name}: loads `{target}`"
        for target in page.links:
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, fragment = urllib.parse.unquote(target).partition("#")
            if path and not (out / path).exists():
                yield f"{name}: the link `{target}` leads nowhere"
            elif fragment and fragment not in pages.get(path or name, page).ids:
                yield f"{name}: the link `{target}` leads to no heading"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    if out.exists() and any(out.iterdir()) and not (out / "page.css").exists():
        sys.exit(f"build_site.py: {out} holds something else; name a new folder")
    if out.exists():
        shutil.rmtree(out)
    site = Site(out)
    site.build()
    problems = sorted(set(check(out)) | site.same_titles())
    print("\n".join(problems) or f"{len(list(out.glob('*.html')))} pages")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
