#!/usr/bin/env python3
"""What `sbpc -E` promises, on random policies: of several families of ABIs, with parameters, imports, `if`, `on`, `except`, `override`, `use`, commands,
and what values make of them. The expanded text compiles to the same bytes for each family, by the default optimiser and by none.

A random text is full of mistakes: statements that have errors are taken out, one line each, until none is left.

    expand_random.py --sbpc BINARY [--first SEED] [--count N]
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

QUIET = ("-Wno-libc", "-Wno-vdso")
ABIS = ("x86_64", "x86_64, i386", "x86_64, i386, x32", "x86_64, aarch64", "i386, x86_64, arm, aarch64", "x86_64, mips", "x86_64, s390x, i386",
        "mips64, mips64n32, mips, x86_64", "arm", "i386", "x86_64, ppc64le, riscv64")
CALLS = {
    "read": {"fd": ("0", "1", "3")},
    "lseek": {"fd": ("0", "1"), "offset": ("0", "1", "2"), "whence": ("SEEK_SET", "SEEK_END")},
    "openat": {"flags": ("O_CREAT", "O_RDONLY", "O_CLOEXEC | O_NONBLOCK"), "mode": ("0o644", "S_ISUID")},
    "fcntl": {"cmd": ("F_SETFD", "F_GETFD", "F_SETLK", "2"), "arg": ("1", "FD_CLOEXEC", "NULL", "0")},
    "prctl": {"option": ("PR_SET_NAME", "PR_SET_SECCOMP", "15"), "arg2": ("NULL", "0", "SECCOMP_MODE_FILTER"), "arg3": ("NULL", "1")},
    "keyctl": {"operation": ("KEYCTL_READ", "KEYCTL_REVOKE"), "arg2": ("0", "1"), "arg3": ("NULL", "1")},
    "socket": {"domain": ("AF_UNIX", "AF_INET"), "type & SOCK_TYPE_MASK": ("SOCK_STREAM", "SOCK_DGRAM"), "protocol": ("0", "1")},
    "listen": {"sockfd": ("3", "4"), "backlog": ("1", "2")},
    "shmat": {"shmid": ("1", "2"), "shmflg": ("SHM_EXEC", "SHM_RDONLY")},
    "kill": {"pid": ("1", "-1"), "sig": ("SIGKILL", "0")},
    "pread64": {"offset": ("0", "0x1_0000_0000"), "fd": ("1",)},
    "dup": {"fildes": ("1", "3")},
    "open": {"flags": ("O_CREAT",)},
    "clone3": {},
}
TYPES = ("u32", "u32", "fd", "bool", "{u32}", "action")
USES = {"u32": "allow futex(val == {});", "fd": "allow epoll_wait(epfd == {});", "bool": "allow sched_yield({});", "{u32}": "allow futex(val in {});",
        "action": "{} msync;"}


class Policy:
    """`text`, and `library`, which it may import: in an imported file more is only a warning."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.calls = self.r.sample(sorted(CALLS), self.r.randint(1, 5))
        self.abis = self.r.choice(ABIS)
        self.sets = []
        self.here = {}  # names in scope, by type
        own, library = [], []
        for index in range(self.r.randint(1, 4)):
            parameters = {f"p{i}": self.r.choice(TYPES) for i in range(self.r.randint(0, 3))}
            in_library = self.r.random() < 0.4
            self.in_library = in_library
            self.here = parameters
            body = self.body(1, 5)
            parameters = {name: kind for name, kind in parameters.items() if re.search(rf"\b{name}\b", body)}
            listed = ", ".join(f"{name}: {kind}" for name, kind in parameters.items())
            (library if in_library else own).append(f"rules r{index}{f'({listed})' if listed else ''} {{\n{body}\n}}\n")
            self.sets.append((f"r{index}", parameters, in_library))
        self.in_library = False
        self.here = {"n": "u32", "b": "bool", "s": "{u32}", "hole": "fd", "write": "fd", "net": "bool"}
        if self.r.random() < 0.7:
            self.here = {name: kind for name, kind in self.here.items() if name in "nbs"}
        body = self.body(2, 7)
        declared = {"n": f"param n: u32 = {self.r.randint(0, 3)};", "b": "param b: bool = true;", "s": "param s: {u32} = { 1 };",
                    "hole": "runtime param hole: fd;", "write": "runtime param write: fd;", "net": "runtime param net: bool;"}
        lines = [text for name, text in declared.items() if name in self.here and re.search(rf"\b{name}\b", body)]
        self.library = "".join(library)
        self.text = ('import "lib.sb" as lib;\n' if library else "") + "".join(own)
        self.text += f"policy p on {self.abis} {{\nkernel 6.12;\ndefault {self.r.choice(('kill_process', 'errno(ENOSYS)', 'allow'))};\n"
        self.text += "\n".join(lines + [body]) + "\n}\n"

    def named(self, kind, otherwise, chance=0.6):
        names = [name for name, its in self.here.items() if its == kind or (kind == "u32" and its == "fd" and name != "hole" and name != "write")]
        return self.r.choice(names) if names and self.r.random() < chance else otherwise

    def test(self, call):
        argument = self.r.choice(sorted(CALLS[call]))
        value = self.r.choice(CALLS[call][argument])
        form = self.r.random()
        if value == "NULL":
            return f"{argument} {self.r.choice(('==', '!='))} NULL"
        if form < 0.06:
            return self.r.choice(("", "!")) + self.named("bool", "true", 1)
        if form < 0.5 or "&" in argument:
            return f"{argument} {self.r.choice(('==', '==', '!='))} {self.named(self.r.choice(('u32', 'fd')), value)}"
        if form < 0.65:
            return f"{argument} {self.r.choice(('in', '!in'))} {self.named('{u32}', '{ 0, ' + value + ' }')}"
        if form < 0.75:
            return f"{argument} {self.r.choice(('<=', '>=', '<', '>'))} {self.named('u32', value)}"
        if form < 0.92:
            return f"{argument} {self.r.choice(('has', 'lacks', 'any', 'only'))} {self.named('u32', value)}"
        return f"{argument} & {self.named('u32', '3')} == {self.named('u32', '1')}"

    def condition(self, call, depth=0):
        form = self.r.random()
        if depth > 1 or form < 0.5:
            return self.test(call)
        if form < 0.9:
            return self.r.choice((" && ", " && ", " || ")).join(f"({self.condition(call, depth + 1)})" for _ in range(2))
        return f"!({self.condition(call, depth + 1)})"

    def targets(self, most=3):
        texts = []
        for _ in range(self.r.randint(1, most)):
            call = self.r.choice(self.calls)
            texts.append(call if not CALLS[call] or self.r.random() < 0.4 else f"{call}({self.condition(call)})")
        return ", ".join(texts)

    def argument(self, kind):
        plain = {"u32": ("0", "1", "2", "3"), "fd": ("1", "3"), "bool": ("true", "false"), "{u32}": ("{}", "{ 1 }", "{ 0..3 }"),
                 "action": ("allow", "trap", "errno(EPERM)")}
        return self.named(kind, self.r.choice(plain[kind]), 0.4)

    def use(self):
        known = [each for each in self.sets if each[2] or not self.in_library]
        if not known:
            return self.rule()
        name, parameters, in_library = self.r.choice(known)
        listed = ", ".join(f"{parameter}: {self.argument(kind)}" for parameter, kind in parameters.items())
        text = f"use {'lib.' if in_library and not self.in_library else ''}{name}{f'({listed})' if listed else ''}"
        return text + (f" except {self.targets()};" if self.r.random() < 0.5 else ";")

    def rule(self):
        action = self.named("action", self.r.choice(("allow", "allow", "allow", "errno(EPERM)", "trap", "log")), 0.2)
        text = f"{action} {self.targets()}"
        text += f" except {self.targets(2)}" if self.r.random() < 0.2 else ""
        return text + (" else errno(EIO);" if self.r.random() < 0.15 else ";")

    def block(self, depth):
        form = self.r.random()
        inner = self.body(1, 3, depth + 1)
        if form < 0.4:
            return f"override {{\n{inner}\n}}"
        if form < 0.6:
            return f"on {self.r.choice(self.abis.split(', '))} {{\n{inner}\n}} else {{\n{self.body(1, 1, depth + 1)}\n}}"
        question = self.named("bool", "kernel >= 5.9", 0.5) if form < 0.8 else f"{self.named('u32', '1')} == {self.r.randint(0, 3)}"
        return f"if ({question}) {{\n{inner}\n}} else {{\n{self.body(1, 1, depth + 1)}\n}}"

    def statement(self, depth):
        form = self.r.random()
        if form < 0.4:
            return self.rule()
        if form < 0.65:
            return self.use()
        if form < 0.7:
            return f"fallback errno(EIO) {self.r.choice(self.calls)};"
        if form < 0.76:
            return f"require {self.targets(2)} else {self.r.choice(('errno(EPERM)', 'trap'))};"
        if form < 0.8:
            return f"assert never allow {self.targets(2)};"
        return self.block(depth) if depth < 2 else self.rule()

    def body(self, least, most, depth=0):
        return "\n".join(self.statement(depth) for _ in range(self.r.randint(least, most)))


def without(text, line):
    """The text without the statement that begins on the line; None if no statement does."""
    lines = text.split("\n")
    if re.match(r"rules|policy|default|kernel|import|\}|$", lines[line - 1]):
        return None
    last, depth = line, lines[line - 1].count("{") - lines[line - 1].count("}")
    while depth > 0 and lines[line - 1].endswith("{"):
        depth += lines[last].count("{") - lines[last].count("}")
        depth += 0 if depth else lines[last].endswith("{")
        last += 1
    return "\n".join(lines[:line - 1] + lines[last:])


def with_use(text, line, message):
    """A parameter that nothing uses is used, or is gone."""
    lines = text.split("\n")
    parameters = re.match(r"rules \w+\((.*)\) \{", lines[line - 1])
    for parameter in parameters.group(1).split(", ") if parameters else ():
        name, kind = parameter.split(": ")
        if f"`{name}`" in message:
            lines.insert(line, USES[kind].format(name))
    return "\n".join(lines if parameters else lines[:line - 1] + lines[line:])


class Checker:
    def __init__(self, sbpc, folder):
        self.sbpc, self.folder, self.problems = sbpc, folder, []

    def run(self, *arguments):
        return subprocess.run([self.sbpc, *arguments, *QUIET], cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)

    def write(self, policy):
        (self.folder / "p.sb").write_text(policy.text, encoding="utf-8")
        (self.folder / "lib.sb").write_text(policy.library, encoding="utf-8")

    def mend(self, policy):
        for _ in range(60):
            self.write(policy)
            done = self.run("check", "--error-format", "json", "p.sb")
            if done.returncode == 0:
                return True
            errors = [each for each in json.loads(done.stdout or done.stderr)["diagnostics"] if each["severity"] == "error" and each.get("place")]
            before = policy.text, policy.library
            errors.sort(key=lambda each: -each["place"]["begin"]["line"])
            for error in errors:
                name = "library" if error["place"]["file"].endswith("lib.sb") else "text"
                text, line = getattr(policy, name), error["place"]["begin"]["line"]
                is_unused = error["code"] == "SB2041"
                if is_unused and (policy.text, policy.library) != before:
                    continue
                mended = with_use(text, line, error["message"]) if is_unused else without(text, line)
                setattr(policy, name, text if mended is None else mended)
                if is_unused:
                    break
            if (policy.text, policy.library) == before:
                return False
        return False

    def programs(self, path, level):
        out = self.folder / "out"
        out.mkdir(exist_ok=True)
        for old in out.iterdir():
            old.unlink()
        done = self.run(level, "--no-prove", "--split-output", "--emit", "asm", path, "-o", "out")
        return {each.name: each.read_text(encoding="utf-8") for each in out.iterdir()} if done.returncode == 0 else done.stderr

    def check(self, seed):
        policy = Policy(seed)
        if not self.mend(policy):
            return False
        expanded = self.run("-E", "p.sb")
        (self.folder / "e.sb").write_text(expanded.stdout, encoding="utf-8")
        for level in ("-O0", "-O2"):
            before, after = self.programs("p.sb", level), self.programs("e.sb", level)
            if isinstance(before, dict) and before != after:
                what = after if isinstance(after, str) else "other bytes"
                self.problems.append(f"seed {seed} {level}: {what}\n{policy.text}--- lib.sb\n{policy.library}--- expanded\n{expanded.stdout}")
                break
        return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True, type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sbpc-expand-") as scratch:
        checker = Checker(arguments.sbpc, pathlib.Path(scratch))
        count = sum(checker.check(seed) for seed in range(arguments.first, arguments.first + arguments.count))
    print("\n".join(checker.problems))
    print(f"{count} policies, {len(checker.problems)} wrong")
    return 1 if checker.problems or count * 2 < arguments.count else 0


if __name__ == "__main__":
    sys.exit(main())
