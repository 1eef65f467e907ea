#!/usr/bin/env python3
"""Helix's and Zed's files are TOML, and name what is there."""
import re
import tomllib

from policies import ROOT


def main():
    helix = tomllib.loads((ROOT / "editors/helix/languages.toml").read_text(encoding="utf-8"))
    [language], [grammar] = helix["language"], helix["grammar"]
    assert language["name"] == grammar["name"] == "sb"
    assert language["language-servers"] == list(helix["language-server"]) == ["sbpc"]
    assert grammar["source"]["path"].endswith("/editors/tree-sitter-sb")

    zed = tomllib.loads((ROOT / "editors/zed/extension.toml").read_text(encoding="utf-8"))
    config = tomllib.loads((ROOT / "editors/zed/languages/sb/config.toml").read_text(encoding="utf-8"))
    assert config["grammar"] in zed["grammars"] and config["path_suffixes"] == language["file-types"] == ["sb"]
    assert (ROOT / zed["grammars"]["sb"]["path"] / "src/parser.c").exists()
    assert re.search(config["first_line_pattern"], "#!/usr/bin/env -S sbpc run")
    for folder in ("helix/queries/sb", "zed/languages/sb"):
        assert {path.name for path in (ROOT / "editors" / folder).glob("*.scm")} >= {"highlights.scm", "indents.scm"}, folder
    print("Helix and Zed")


if __name__ == "__main__":
    main()
