#!/usr/bin/env python3
"""Writes a .rules file from a report: the calls that are always answered alike come from it, those with conditions from CONDITIONS below.

    make.py SBPC POLICY.sb > POLICY.rules
"""
import json
import pathlib
import re
import subprocess
import sys

CONDITIONS = {  # policy -> call -> lines; the .sb says the same, and run.py holds both against each other
    "docker_default": {
        "socket": ["0 lt32 38", "0 eq32 39", "0 gt32 40"],
        "personality": [f"0 eq32 {value}" for value in ("0", "8", "0x20000", "0x20008", "0xffffffff")],
        "clone": ["0 masked_eq32 0x7e020000 0"],
    },
    "vmm": {
        "ioctl": [f"1 eq32 {value:#x}" for value in (0xAE01, 0xAE03, 0xAE41, 0xAE80, 0x4008AE61, 0x4020AE46, 0x4040AE77, 0x4040AE79, 0x8138AE83, 0x8090AE81,
                                                   0x4090AE82, 0x4138AE84, 0x4008AE89, 0x5421, 0x5452, 0x400454CA, 0x400454D8, 0x400454D0)],
        "fcntl": ["1 eq32 1", "1 eq32 2 2 eq32 1", "1 eq32 3"],
        "mmap": ["2 masked_eq32 4 0"],
        "socket": ["0 eq32 1 1 eq32 0x80001"],
        "futex": [f"1 eq32 {value}" for value in (0, 1, 9, 0x80, 0x81, 0x89)],
        "madvise": ["2 eq32 4"],
        "openat": ["2 masked_eq32 0x40 0"],
        "kill": ["1 eq32 6"],
    },
    "ioctl64": {},
}


def main():
    sbpc, policy = sys.argv[1:]
    report = json.loads(subprocess.run([sbpc, "--report=json", policy], capture_output=True, text=True, check=True).stdout)
    name = report["policy"]
    conditions = dict(CONDITIONS[name])
    if name == "ioctl64":
        values = re.findall(r"0x[0-9a-f]{8}", pathlib.Path(policy).read_text(encoding="utf-8"))
        conditions["ioctl"] = [f"1 eq32 {value}" for value in values]
    action = lambda verdict: verdict.replace("errno(EPERM)", "errno 1").replace("errno(ENOSYS)", "errno 38")
    print(f"arch x86_64\ndefault {action(report['unruled'])}")
    for call in report["abis"][0]["calls"]:
        if call["name"] in conditions:
            for line in conditions[call["name"]]:
                print(f"allow {call['number']} {call['name']} {line}")
        elif len(call["verdicts"]) > 1:
            sys.exit(f"{call['name']} has conditions that CONDITIONS does not name")
        elif call["named"] and call["verdicts"][0] != report["unruled"]:
            print(f"{action(call['verdicts'][0])} {call['number']} {call['name']}")


if __name__ == "__main__":
    main()
