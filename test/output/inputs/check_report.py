"""Holds a JSON report against the schema, and its numbers against each other: check_report.py SCHEMA REPORT."""
import json
import pathlib
import sys


def check(schema, value, where):
    """What of JSON Schema docs/report-schema.json uses: type, required, properties, items, additionalProperties, $ref, enum, minimum."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(isinstance(value, kinds[kind]) and not (kind in ("integer", "number") and isinstance(value, bool)) for kind in wanted), f"{where}: {value!r} is no {wanted}"
    assert value in schema.get("enum", [value]), f"{where}: {value!r}"
    if isinstance(value, (int, float)) and "minimum" in schema:
        assert value >= schema["minimum"], f"{where}: {value}"
    if isinstance(value, dict):
        for name in schema["required"]:
            assert name in value, f"{where}: {name} is missing"
        for name, part in value.items():
            assert name in schema["properties"], f"{where}: {name} is not in the schema"
            check(schema["properties"][name], part, f"{where}.{name}")
    if isinstance(value, list):
        for index, part in enumerate(value):
            check(schema["items"], part, f"{where}[{index}]")


def close(a, b, what):
    assert abs(a - b) < 1e-3, f"{what}: {a} and {b}"


SCHEMA = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
REPORT = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
check(SCHEMA, REPORT, "report")
totals = REPORT["totals"]
calls = [call for abi in REPORT["abis"] for call in abi["calls"]]
assert len(calls) == totals["calls"] and sum(call["cached"] for call in calls) == totals["cached_calls"]
assert len(REPORT["program"]) == totals["instructions"]
close(sum(call["share"] for call in calls), 1, "shares")
close(sum(call["share"] * call["mean"]["instructions"] for call in calls), totals["mean"]["instructions"], "mean over calls")
close(sum(line["executed"] for line in REPORT["lines"]), totals["mean"]["instructions"], "mean over lines")
close(sum(insn["executed"] for insn in REPORT["program"]), totals["mean"]["instructions"], "mean over instructions")
close(sum(call["share"] for call in calls if not call["cached"]), totals["running_share"], "share of the calls that run")
assert max(call["worst"]["instructions"] for call in calls if not call["cached"]) == totals["worst"]["instructions"]
for call in calls:
    assert call["best"]["instructions"] <= call["mean"]["instructions"] + 1e-6 <= call["worst"]["instructions"] + 2e-6, call["name"]
    lengths = [len(way["path"]) for way in call["ways"]]
    assert lengths == [way["instructions"] for way in call["ways"]], call["name"]
    if len(call["ways"]) == call["way_count"]:
        close(sum(way["share"] for way in call["ways"]), 1, call["name"])
        assert (min(lengths), max(lengths)) == (call["best"]["instructions"], call["worst"]["instructions"]), call["name"]
        assert sorted({way["verdict"] for way in call["ways"]}) == sorted(call["verdicts"]), call["name"]
print(f"{len(calls)} calls")
