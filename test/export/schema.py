"""Holds OCI tables against the schema of opencontainers/runtime-spec, which Debian's golang-github-opencontainers-specs-dev or $SBPC_CORPUS has.

    schema.py PROFILE.json...     prints `SKIPPED: why` where there is no schema
"""
import json
import os
import pathlib
import sys

PLACES = [pathlib.Path("/usr/share/gocode/src/github.com/opencontainers/runtime-spec/schema")]


def resolver(folder):
    """Reads what a schema refers to, of the same folder; Debian's and the corpus' names differ."""
    import jsonschema
    store = {}
    for path in folder.rglob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            store[path.name.removeprefix("schema-")] = content
    return store, jsonschema


def main():
    folders = PLACES + ([pathlib.Path(os.environ["SBPC_CORPUS"]) / "oci"] if os.environ.get("SBPC_CORPUS") else [])
    try:
        import jsonschema  # noqa: F401
    except ImportError:
        print("SKIPPED: python3-jsonschema is not installed")
        return 0
    for folder in folders:
        store, jsonschema = resolver(folder) if folder.is_dir() else ({}, None)
        if "config-linux.json" in store and "defs-linux.json" in store:
            break
    else:
        print("SKIPPED: no schema of runtime-spec here (golang-github-opencontainers-specs-dev, or SBPC_CORPUS)")
        return 0
    table = store["config-linux.json"]["linux"]["properties"]["seccomp"]
    # All definitions that it refers to are in two files.
    definitions = {name: store[name].get("definitions", {}) for name in ("defs-linux.json", "defs.json") if name in store}
    text = json.dumps({**table, "definitions": {**definitions.get("defs.json", {}), **definitions["defs-linux.json"]}})
    for name in ("defs-linux.json", "defs.json"):
        text = text.replace(f'"{name}#/definitions/', '"#/definitions/')
    for name in sys.argv[1:]:
        jsonschema.Draft4Validator(json.loads(text)).validate(json.loads(pathlib.Path(name).read_text(encoding="utf-8")))
        print(f"{pathlib.Path(name).name} is valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
