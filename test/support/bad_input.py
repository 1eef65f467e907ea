#!/usr/bin/env python3
"""What is given as a policy by mistake or in bad faith: one clear error with a code and a place, the right exit code, no output file, an old
output untouched, no crash.

    bad_input.py SBPC [WORD...]     any build, one with sanitizers too; with words: only what has one of them in its name

Each input is compiled twice: once where no output lies and once over an old one. Prints a line each; fails if any was answered otherwise.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PATIENCE = 600  # seconds of wall time: a busy machine, a build with sanitizers
HEAD = "policy p on x86_64 { kernel 6.12; default kill_process; "


def policy(body, before=""):
    return before + HEAD + body + " }\n"


# name: (text, code, words the error must have). Files of an input beside the policy are a dict, `p.sb` among them.
TEXTS = {
    # not a policy
    "empty": ("", "SB0004", "is empty"),
    "only spaces": (" \n\t\n", "SB0004", "is empty"),
    "only a comment": ("// nothing\n", "", ""),
    "binary": (bytes(range(256)) * 40, "SB0003", "is not text"),
    "a zero byte": (b"policy p\0 {}", "SB0003", "is not text"),
    "not UTF-8": (b"policy p \303\050 {}", "SB0003", "is not text: byte"),
    "UTF-16": ("policy p {}".encode("utf-16"), "SB0003", "is not text"),
    "a surrogate": (b"policy p {} // \xed\xa0\x80", "SB0003", "is not text"),
    "an overlong letter": (b"policy p {} // \xc1\xa1", "SB0003", "is not text"),
    "Seatbelt": ("(version 1)\n(deny default)\n(allow file-read*)\n", "SB0005", "Seatbelt"),
    "Seatbelt after a comment": (";; comment\n(version 1)\n", "SB0005", "Seatbelt"),
    "JSON": ('{"defaultAction": "SCMP_ACT_ERRNO"}\n', "SB0006", "JSON"),
    # too much
    "17 MB": (b"//" + b"x" * (17 << 20) + b"\n", "SB0002", "larger than 16 MiB"),
    "100,000 brackets": (policy("allow read(" + "(" * 100000 + "fd == 1" + ")" * 100000 + ");"), "SB1018", "more than 256 brackets"),
    "100,000 blocks": (policy("override { " * 100000 + "allow read; " + "} " * 100000), "SB1018", "more than 256 brackets"),
    "100,000 sets": (policy("allow read(fd in " + "{" * 100000 + "1" + "}" * 100000 + ");"), "SB1018", "more than 256 brackets"),
    "100,000 nots": (policy("allow read(" + "!" * 100000 + "(fd == 1));"), "SB", "deep"),
    "100,000 minuses": (policy("allow read(fd == A);", "const A = " + "-" * 100000 + "1;\n"), "SB", "deep"),
    # names
    "an unknown call": (policy("allow opennat;"), "SB", "`openat`"),
    "an unknown argument": (policy("allow openat(flasg == 0);"), "SB", "`flags`"),
    "an unknown constant": (policy("allow openat(flags has O_CREATE);"), "SB", "`O_CREAT`"),
    "an unknown group": (policy("allow @raeders;", "group readers = { read };\n"), "SB", "`readers`"),
    "an unknown rule set": (policy("use raeders;", "rules readers { allow read; }\n"), "SB", "`readers`"),
    "an unknown ABI": ("policy p on x86_46 { default allow; }\n", "SB", "`x86_64`"),
    "a call that the ABI lacks": (policy("allow mmap2;"), "SB", ""),
    "a duplicate": (policy("allow read;", "const A = 1; const A = 2;\n"), "SB", "`A`"),
    "a duplicate policy": (policy("") + policy(""), "SB", "`p`"),
    # types
    "an argument too many": (policy("use r(1, 2);", "rules r(a: fd) { allow read(fd == a); }\n"), "SB", ""),
    "an unknown parameter": (policy("use r(b: 2, a: 1);", "rules r(a: fd) { allow read(fd == a); }\n"), "SB", "`b`"),
    "an argument missing": (policy("use r;", "rules r(a: fd) { allow read(fd == a); }\n"), "SB", "`a`"),
    "a value too wide": (policy("allow read(fd == 0x1_0000_0000);"), "SB", "32"),
    "a value past 64 bits": (policy("allow read(count == 0x1_0000_0000_0000_0000);"), "SB", ""),
    "a pointer compared": (policy("allow openat(pathname == 5);"), "SB", "pointer"),
    "a string compared": (policy('allow openat(pathname == "/etc");'), "SB", ""),
    "a slot that is not there": (policy("allow read($6 == 1);"), "SB", "$6"),
    "the wrong argument's constant": (policy("allow mmap(flags has PROT_EXEC);"), "SB", "`prot`"),
    "an errno too large": (policy("errno(4096) read;"), "SB", "4095"),
    # structure
    "no default": ("policy p on x86_64 { allow read; }\n", "SB", "default"),
    "no policy": ("rules r { allow read; }\n", "SB", "policy"),
    "an end too early": ("policy p on x86_64 { default allow; allow read", "SB", ""),
    "a string without an end": ('import "x', "SB", ""),
    "a comment without an end": (policy("allow read; /* "), "SB", ""),
    "an import of nothing": ('import "none.sb";\n' + policy(""), "SB", "none.sb"),
    "an import of a module that is not": ("import std.nett;\n" + policy(""), "SB", "`std.net`"),
    "an import of itself": ('import "p.sb";\n' + policy(""), "SB", "p.sb"),
    "an import of a folder": ('import "/" as root;\n' + policy(""), "SB0001", "directory"),
    "an import of what never ends": ('import "/dev/zero" as z;\n' + policy(""), "SB0001", "pipe or a device"),
    "an import cycle": ({"p.sb": 'import "a.sb";\n' + policy(""), "a.sb": 'import "b.sb";\n', "b.sb": 'import "a.sb";\n'}, "SB", "a.sb"),
    "an import that is binary": ({"p.sb": 'import "a.sb";\n' + policy(""), "a.sb": bytes(range(256))}, "SB0003", "is not text"),
    "an import that is JSON": ({"p.sb": 'import "a.sb";\n' + policy(""), "a.sb": "{}"}, "SB0006", "JSON"),
    "a rule set that uses itself": (policy("use a;", "rules a { use b; }\nrules b { use a; }\n"), "SB", "`a`"),
    "a constant that is itself": (policy("allow read(count == A);", "const A = B + 1; const B = A;\n"), "SB", "`A`"),
}


def make_special(folder):
    """Paths that are not texts: name: (path, exit code, code, words)."""
    large = folder / "large.sb"
    with open(large, "wb") as file:
        file.truncate(100 << 20)
    loop = folder / "loop.sb"
    loop.symlink_to(loop)
    pipe = folder / "dangling.sb"
    pipe.symlink_to(folder / "nowhere")
    below = folder / "empty.txt"
    below.write_text("")
    return {
        "a missing file": (folder / "none.sb", 3, "SB0001", "No such file"),
        "a folder": (folder, 3, "SB0001", "directory"),
        "a file of 100 MB": (large, 1, "SB0002", "larger than 16 MiB"),
        "a device without an end": ("/dev/zero", 1, "SB0002", "larger than 16 MiB"),
        "a device without content": ("/dev/null", 1, "SB0004", "is empty"),
        "a link to itself": (loop, 3, "SB0001", ""),
        "a link to nothing": (pipe, 3, "SB0001", "No such file"),
        "a path below a file": (below / "p.sb", 3, "SB0001", "Not a directory"),
        "a name of 5,000 letters": (folder / ("a" * 5000), 3, "SB0001", "too long"),
        "a path of 1,000 folders": (str(folder) + "/." * 3000, 3, "SB0001", ""),
    }


def complaint(done, expected, code, words):
    """What is wrong with an answer, or nothing."""
    said = done.stderr.decode(errors="replace")
    if done.returncode != expected:
        return f"exit {done.returncode} instead of {expected}: {said[-600:]}"
    errors = re.findall(r"^(?:\S+:\d+:\d+: |.*?: )?error\[(SB\d+)\]", said, re.MULTILINE)
    if len(errors) != 1:
        return f"{len(errors)} errors instead of one: {said[:600]}"
    if not errors[0].startswith(code):
        return f"{errors[0]} instead of {code}: {said[:600]}"
    if words not in said:
        return f"no word of {words!r}: {said[:600]}"
    if "AddressSanitizer" in said or "runtime error" in said:
        return f"a sanitizer has something to say: {said[:2000]}"
    if done.stdout:
        return f"data on stdout: {done.stdout[:200]!r}"
    if len(said) > 20000:
        return f"{len(said)} bytes of text"
    return None


def compile_over(sbpc, path, out):
    return subprocess.run([sbpc, str(path), "-o", str(out)], capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)


def attack(sbpc, path, expected, code, words):
    with tempfile.TemporaryDirectory(prefix="sbpc-bad-out-") as name:
        out = pathlib.Path(name) / "out.bpf"
        wrong = complaint(compile_over(sbpc, path, out), expected, code, words)
        if wrong:
            return wrong
        if os.listdir(name):
            return f"left {os.listdir(name)}"
        out.write_text("old")
        wrong = complaint(compile_over(sbpc, path, out), expected, code, words)
        if not wrong and (os.listdir(name) != ["out.bpf"] or out.read_text() != "old"):
            wrong = f"an old output was touched: {os.listdir(name)}"
        return wrong


def write(folder, content):
    files = content if isinstance(content, dict) else {"p.sb": content}
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "p.sb"


def main():
    sbpc, wanted = sys.argv[1], sys.argv[2:]
    problems = []

    def look(name, make):
        if wanted and not any(word in name for word in wanted):
            return
        wrong = attack(sbpc, *make())
        print(f"{name}: {'WRONG' if wrong else 'refused'}", flush=True)
        if wrong:
            problems.append(f"{name}: {wrong}")

    with tempfile.TemporaryDirectory(prefix="sbpc-bad-") as scratch:
        for name, (path, expected, code, words) in make_special(pathlib.Path(scratch)).items():
            look(name, lambda row=(path, expected, code, words): row)
    for name, (content, code, words) in TEXTS.items():
        with tempfile.TemporaryDirectory(prefix="sbpc-bad-") as scratch:
            look(name, lambda: (write(pathlib.Path(scratch), content), 1, code, words))
    print("\n".join(problems) or "all refused")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
