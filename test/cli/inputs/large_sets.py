"""Policies whose sets or unknown names are many, written into a directory."""
import pathlib
import sys

OUT = pathlib.Path(sys.argv[1])
HEAD = "  kernel 6.12;\n  default kill_process;\n"


def numbers(count, step=3, start=0):
    return "{" + ",".join(str(start + step * i) for i in range(count)) + "}"


def write(name, text):
    (OUT / name).write_text(text, encoding="utf-8")


def policy(body, abis="x86_64"):
    return f"policy p on {abis} {{\n{HEAD}{body}}}\n"


names = [f"const c0 = {numbers(30000)};"] + [f"const c{i} = {{ c{i - 1} }};" for i in range(1, 251)]
write("names.sb", "\n".join(names) + "\n" + policy("  allow read(count in c250);\n"))
write("abis.sb", f"const c = {numbers(30000)};\n" + policy("  if (4 in c) { allow read; }\n", "x86_64, i386, x32, aarch64, arm, riscv64, s390x, ppc64le, mips, mipsel"))
write("uses.sb", f"const c = {numbers(100000)};\nrules r(s: {{u64}}) {{ allow read(count in s); }}\n"
      + policy("".join(f"  use r(s: {{ c, {400000 + i} }});\n" for i in range(15))))
write("subset.sb", f"const a = {numbers(60000)};\nconst b = {{ a, 1 }};\n" + policy("  if (a in b) { allow read; }\n"))
write("asked.sb", f"const a = {numbers(100000)};\n" + policy("".join(f"  if ({i} in a) {{ allow read; }}\n" for i in range(0, 6000, 3))))
write("unknown.sb", policy("".join(f"  allow openat(flags has O_CRAET{i});\n" for i in range(5000)), "x86_64, aarch64, riscv64"))
write("rules.sb", "".join(f"rules set{i} {{ allow read; }}\n" for i in range(3000)) + policy("".join(f"  use sett{i};\n" for i in range(3000))))
