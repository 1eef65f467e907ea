#!/usr/bin/env python3
"""Holds what `--error-format=sarif` says of every policy of a folder against the published schema of SARIF 2.1.0.

    check_sarif.py --sbpc BINARY FOLDER

The schema is the OASIS committee's sarif-schema-2.1.0 (rtm.5), as the npm package @microsoft/jest-sarif ships it.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parents[1] / "sarif/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True, type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    logs = results = wrong = 0
    for path in sorted(arguments.folder.glob("*.sb")):
        command = [arguments.sbpc, "check", path.name, "--error-format=sarif"]
        done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=60, check=False)
        log = json.loads(done.stderr)
        logs += 1
        results += len(log["runs"][0]["results"])
        for error in validator.iter_errors(log):
            wrong += 1
            print(f"{path.name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    print(f"{logs} logs with {results} results, {wrong} wrong")
    return 1 if wrong or not results else 0


if __name__ == "__main__":
    sys.exit(main())
