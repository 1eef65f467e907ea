#!/usr/bin/env python3
"""Holds a test report on standard input against the grammar of its form.

    check_reports.py tap|junit|json PASSED FAILED

tap    TAP 14 (https://testanything.org/tap-version-14-specification.html): the version line, one plan before the points, numbered points,
       YAML blocks indented by two under a point, comments; `#` and `\\` escaped in descriptions.
junit  the elements, attributes and their order that the schema of Jenkins' xUnit plugin allows (junit-10.xsd), and counts that add up.
json   the fields that compiler/output/test_json.cpp documents.
"""
import json
import re
import sys
import xml.etree.ElementTree as ET

POINT = re.compile(r"(ok|not ok) ([0-9]+) - ((?:[^#\\]|\\[#\\])*)(?: # (?:SKIP|TODO)(?: .*)?)?$")
SCALAR = r'"(?:[^"\\\x00-\x1f]|\\["\\])*"'
YAML = re.compile(rf"  (?: *- )*(?:[a-z]+:(?: {SCALAR})?|{SCALAR}| *- (?:[a-z]+: )?{SCALAR}| *[a-z]+:(?: {SCALAR})?)$")


def tap(text):
    lines = text.splitlines()
    assert lines[0] == "TAP version 14", lines[0]
    plan = re.fullmatch(r"1\.\.([0-9]+)", lines[1])
    assert plan, lines[1]
    number, failed, in_yaml, after_point = 0, 0, False, False
    for line in lines[2:]:
        if in_yaml:
            assert line.startswith("  "), f"a YAML line is not indented: {line}"
            in_yaml = line != "  ..."
            assert not in_yaml or YAML.match(line), f"not the YAML we write: {line}"
            continue
        if line == "  ---":
            assert after_point, "a YAML block without a point"
            in_yaml = True
        elif line.startswith("#"):
            pass
        else:
            point = POINT.match(line)
            assert point, f"not a line of TAP: {line}"
            number += 1
            assert int(point[2]) == number, line
            failed += point[1] == "not ok"
        after_point = not line.startswith("#") and not in_yaml
    assert not in_yaml, "a YAML block is not closed"
    assert number == int(plan[1]), f"{number} points, {plan[0]} planned"
    return number - failed, failed


# element: (attributes that must be there, that may be, children in their order)
JUNIT = {
    "testsuites": ((), {"name", "time", "tests", "failures", "disabled", "errors"}, ["testsuite"]),
    "testsuite": (("name", "tests", "failures", "errors"), {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "version"},
                  ["properties", "testcase", "system-out", "system-err"]),
    "testcase": (("name", "classname"), {"time", "group", "assertions", "status", "file", "line"},
                 ["skipped", "error", "failure", "system-out", "system-err"]),
    "failure": ((), {"type", "message"}, []),
    "error": ((), {"type", "message"}, []),
}


def junit_element(element):
    must, may, children = JUNIT[element.tag]
    assert set(must) <= set(element.attrib) <= set(must) | may, (element.tag, element.attrib)
    for child in element:
        assert child.tag in children, f"<{child.tag}> in <{element.tag}>"
        junit_element(child)


def junit(text):
    root = ET.fromstring(text)
    assert root.tag == "testsuites"
    junit_element(root)
    for suite in [*root, root]:
        cases = list(suite.iter("testcase"))
        failed = sum(case.find("failure") is not None for case in cases)
        errors = sum(case.find("failure") is None and case.find("error") is not None for case in cases)
        counts = tuple(int(suite.get(name)) for name in ("tests", "failures", "errors"))
        assert counts == (len(cases), failed, errors), (suite.attrib, counts, len(cases), failed, errors)
    return len(cases) - failed - errors, failed


def place(value):
    assert set(value) == {"file", "line", "text"} and isinstance(value["line"], int), value


def json_(text):
    report = json.loads(text)
    assert report["schema"] == "sbpc-tests" and report["version"] == 1 and report["tool"]["name"] == "sbpc", report
    for test in report["tests"]:
        assert set(test) == {"title", "policy", "abis", "place", "outcome", "expectations"}, test
        place(test["place"])
        for expectation in test["expectations"]:
            place(expectation["place"])
            assert (expectation["outcome"] == "failed") == bool(expectation["failures"]), expectation
            for failure in expectation["failures"]:
                assert {"abi", "call", "answer", "deciders", "inKernel"} <= set(failure), failure
                list(map(place, failure["deciders"]))
    outcomes = [test["outcome"] for test in report["tests"]]
    counts = [outcomes.count("passed"), outcomes.count("failed") + ("errors" in report), outcomes.count("undecided")]
    assert counts == [report["passed"], report["failed"], report["undecided"]]
    return report["passed"], report["failed"]


def main():
    form, passed, failed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    found = {"tap": tap, "junit": junit, "json": json_}[form](sys.stdin.read())
    assert found == (passed, failed), f"passed, failed: {found}"


if __name__ == "__main__":
    main()
