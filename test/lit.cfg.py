"""lit: every .test, .sb and .ir file of test/ that has RUN lines, and the goldens of test/diag/.

    python3 /usr/lib/llvm-14/build/utils/lit/lit.py -sv --param build=build/release test        (./dev test does it)

Substitutions: %sbpc the binary, %src the checkout, %build the build folder, %python, %not_exit CODE COMMAND, and lit's own %s %t %T. FileCheck and not are in PATH.
Features (REQUIRES:): what this machine can do; see support/features.py. `slow` is there under ./dev test --all.
"""
import os
import pathlib
import sys

import lit.formats

source = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(source / "support"))
import features  # noqa: E402
from golden_format import GoldenTest  # noqa: E402

build = pathlib.Path(lit_config.params.get("build", source.parent / "build/release")).resolve()
sbpc = pathlib.Path(lit_config.params.get("sbpc", build / "bin/sbpc")).resolve()
llvm = "/usr/lib/llvm-14/bin"  # FileCheck and not

config.name = "sbpc"
config.test_source_root = str(source)
config.test_exec_root = str(build / "test/lit")
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".test", ".sb", ".ir"]
config.excludes = ["unit", "fuzz", "support", "agree", "inputs", "sample.sb"]
config.golden_format = GoldenTest(sbpc)

config.substitutions += [
    ("%sbpc", str(sbpc)),
    ("%src", str(source.parent)),
    ("%build", str(build)),
    ("%not_exit", str(build / "bin/not_exit")),
    ("%python", sys.executable),
]
# Nothing of the caller's environment changes what a test sees, but for where programs lie.
config.environment = {"PATH": f"{os.environ['PATH']}:{llvm}", "LC_ALL": "C", "HOME": str(build), "TERM": "dumb",
                      "ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
for name, folder in (("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo")):  # where rustup's cargo finds its compiler; HOME is the build's
    place = pathlib.Path(os.environ.get(name, pathlib.Path.home() / folder))
    if place.is_dir():
        config.environment[name] = str(place)
if features.go_sys():  # golang.org/x/sys of the caller's module cache, where emitted Go finds it without a network
    config.environment["GOMODCACHE"], config.environment["SBPC_GO_SYS"] = features.go_sys()
for name in ("SBPC_CORPUS", "SBPC_PEERS"):  # folders of policies and sources that are not ours to ship
    if os.environ.get(name):
        config.environment[name] = os.environ[name]
config.available_features.update(features.available(source.parent, build))
if lit_config.params.get("slow"):
    config.available_features.add("slow")
