"""check_links.py BUILD BINARY: no product target links libseccomp, and neither does the binary."""
import pathlib
import re
import subprocess
import sys

build, binary = pathlib.Path(sys.argv[1]), sys.argv[2]
problems = []

# The link lines that CMake wrote: everything but what is built under test/.
text = (build / "build.ninja").read_text(encoding="utf-8")
targets = 0
for statement in re.split(r"\n(?=build )", text):
    match = re.match(r"build ([^:]+): (\w+_(?:EXECUTABLE|STATIC_LIBRARY|SHARED_LIBRARY)_LINKER\w*)", statement)
    if not match:
        continue
    outputs = match[1]
    if "/test/" in statement or re.search(r"\b(unit_\w+|agree\w*|fuzz_\w+)\b", outputs):
        continue
    targets += 1
    if re.search(r"libseccomp\.|-lseccomp", statement):  # not a source that is called after it
        problems.append(f"{outputs.split()[0]} links libseccomp")

dynamic = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True, check=True).stdout
if "libseccomp" in dynamic:
    problems.append(f"{binary} needs libseccomp")
symbols = subprocess.run(["readelf", "-sW", binary], capture_output=True, text=True, check=True).stdout
if re.search(r"\bseccomp_(init|rule_add|export_bpf|load)\b", symbols):
    problems.append(f"{binary} holds libseccomp's code")
if targets == 0:
    problems.append("no product target was found in build.ninja")
print("\n".join(problems) or f"{targets} product targets: none links libseccomp")
sys.exit(1 if problems else 0)
