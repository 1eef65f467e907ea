#!/usr/bin/env python3
"""What libsbp and emitted sources do in a real aarch64 kernel, in QEMU: aarch64.py --sbpc BINARY --kernel VMLINUZ --work DIR [--units]

Prints a line for each part: `NAME: as it should be`, what was wrong, or `NAME: left out: WHY`. The exit code is 1 if anything was wrong.
--units: also libsbp's unit tests and those of `sbpc run` under ptrace, compiled for aarch64, which takes minutes.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))
import aarch64_vm  # noqa: E402
import features  # noqa: E402

CC = [aarch64_vm.COMPILER, "-static", "-O1", f"-I{ROOT}/runtime/include", f"-I{ROOT}/compiler"]
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
CXX = "aarch64-linux-gnu-g++"
GOOGLETEST = pathlib.Path("/usr/src/googletest/googletest")
RUST_TARGET = "aarch64-unknown-linux-gnu"
FINE = "as it should be"
NEED_A_SHELL = ("RunChildWatched.DeathsInTheTreeAreTold", "RunChildWatched.OtherSigsysIsNotBlamedOnThePolicy")  # and the machine has none


class LeftOut(Exception):
    pass


def sh(command, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Machine:
    def __init__(self, arguments):
        self.sbpc, self.work = arguments.sbpc.resolve(), arguments.work.resolve()
        self.root = self.work / "root"
        shutil.rmtree(self.work, ignore_errors=True)
        self.root.mkdir(parents=True)
        self.runtime = sorted((ROOT / "runtime/src").glob("*.c"))
        self.names = ["-DSBP_HAS_NAMES", f"-I{self.work}"]
        sh([sys.executable, ROOT / "tools/embed_names.py", "--data", ROOT / "compiler/target/data", "--out", self.work / "syscall_names.h"])

    def c(self, name, *sources, flags=STRICT):
        sh([*CC, "-std=gnu11", *flags, *self.names, "-o", self.root / name, *sources, *self.runtime])

    def policy(self, source, *options):
        sh([self.sbpc, source, "-Wno-io-uring", "-Wno-prctl", *options])


# Each part: what it is built of, then [(command, wanted exit code, what it must say)].

def emitted_c(m):
    m.policy(ROOT / "test/output/inputs/embedded.sb", "--emit", f"c={m.work}/embedded.h")
    for name, std in (("c99", "-std=c99"), ("cxx", "-std=c++17")):
        compiler = [CXX, "-x", "c++"] if name == "cxx" else [aarch64_vm.COMPILER]
        if name == "cxx" and not shutil.which(CXX):
            continue
        sh([*compiler, "-static", std, *STRICT, f"-I{m.work}", "-o", m.root / name, ROOT / "test/output/inputs/embedded.c"])
    return [([f"/{name}"], 0, FINE) for name in ("c99", "cxx") if (m.root / name).exists()]


def emitted_rust(m):
    if not shutil.which("rustc"):
        raise LeftOut("rustc is not installed")
    libraries = subprocess.run(["rustc", "--print", "target-libdir", "--target", RUST_TARGET], capture_output=True, text=True, check=False).stdout.strip()
    if not pathlib.Path(libraries or "/none").is_dir():
        raise LeftOut(f"rustc has no library for {RUST_TARGET} (rustup target add {RUST_TARGET})")
    folder = m.work / "rust"
    folder.mkdir()
    m.policy(ROOT / "test/output/inputs/embedded.sb", "--emit", f"rust={folder}/policy.rs")
    shutil.copy(ROOT / "test/output/inputs/embedded.rs", folder)
    sh(["rustc", "--edition", "2021", "-D", "warnings", "-O", "-C", "target-feature=+crt-static", "-C", f"linker={aarch64_vm.COMPILER}", "--target", RUST_TARGET,
        folder / "embedded.rs", "-o", m.root / "rust"])
    return [(["/rust"], 0, FINE)]


def emitted_go(m):
    if not shutil.which("go") or not features.go_sys():
        raise LeftOut("go, or golang.org/x/sys in its module cache, is missing (./dev setup embed)")
    folder = m.work / "go"
    (folder / "policy").mkdir(parents=True)
    m.policy(ROOT / "test/output/inputs/embedded.sb", "--emit", f"go={folder}/policy/policy.go")
    shutil.copy(ROOT / "test/output/inputs/embedded.go", folder / "main.go")
    (folder / "go.mod").write_text(f"module example.test/embedded\n\ngo 1.18\n\nrequire golang.org/x/sys {features.go_sys()[1]}\n", encoding="utf-8")
    sh(["go", "build", "-o", m.root / "go", "."], cwd=folder,
       env={**os.environ, "GOARCH": "arm64", "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOSUMDB": "off"})
    return [(["/go"], 0, FINE)]


def cache(m):
    m.c("cached", HERE / "inputs/cached.c")
    m.policy(HERE / "inputs/cached.sb", "-o", m.root / "cached.sbp")
    return [(["/cached", "/cached.sbp", "1"], 0, "getppid is cached"), (["/cached", "/cached.sbp", "0"], 0, "getppid is denied")]


def parameters(m):
    m.c("loops", HERE / "inputs/loops.c")
    m.policy(HERE / "inputs/loops.sb", "-o", m.root / "loops.sbp")
    return [(["/loops", "/loops.sbp", "set", "1000"], 0, "nothing is left over"), (["/loops", "/loops.sbp", "install", "200"], 0, "nothing is left over")]


def reporter(m):
    m.c("report", HERE / "inputs/source_map.c")
    (m.work / "map.sb").write_text("policy map on aarch64 {\n  kernel 6.12;\n  default allow;\n  /// who started it is nobody's business\n  trap getppid;\n"
                                   "  runtime param out: fd;\n  trap fsync(fd == out);\n}\n", encoding="utf-8")
    m.policy(m.work / "map.sb", "-o", m.root / "map.sbp")
    return [(["/report", "/map.sbp", "173", "0"], 128 + 31, "denied call getppid (173) on aarch64: args 0x0 "),
            (["/report", "/map.sbp", "173", "0"], 128 + 31, "map.sb:5: `trap getppid;`: who started it is nobody's business"),
            (["/report", "/map.sbp", "82", "77"], 128 + 31, "denied call fsync (82) on aarch64: args 0x4d ")]


def supervisor(m):
    m.c("supervisor", ROOT / "examples/supervisor.c", flags=["-Wall", "-Wextra", "-Werror"])
    (m.work / "cat.c").write_text('#include <fcntl.h>\n#include <stdio.h>\n#include <unistd.h>\nint main(int argc, char** argv) {\n  char text[64] = "";\n'
                                  "  int fd = open(argv[argc - 1], O_RDONLY);\n  if (fd < 0 || read(fd, text, sizeof text - 1) < 0) return 1;\n"
                                  "  puts(text);\n  return 5;\n}\n", encoding="utf-8")
    m.c("cat", m.work / "cat.c")
    m.policy(ROOT / "examples/supervisor.sb", "--target", "aarch64", "-o", m.root / "supervisor.bpf")
    (m.root / "told").write_text("it is told\n", encoding="utf-8")
    return [(["/supervisor", "/supervisor.bpf", "/told", "--", "/cat", "/told"], 5, "it is told"), (["/supervisor", "/supervisor.bpf", "/tmp", "--", "/cat", "/told"], 1, "")]


def wrong_machine(m):
    m.c("loops2", HERE / "inputs/loops.c")
    m.policy(ROOT / "examples/supervisor.sb", "--target", "x86_64", "-o", m.root / "x86.bpf")
    return [(["/loops2", "/x86.bpf", "set", "1"], 1, "the program is for another machine, and answers every call of aarch64 with `kill_process`")]


PARTS = {"emitted C and C++": emitted_c, "emitted Rust": emitted_rust, "emitted Go": emitted_go, "the kernel's cache": cache, "run-time parameters": parameters,
         "the reporter": reporter, "a supervisor": supervisor, "a program of another machine": wrong_machine}


# ---- unit tests ----

def units(m):
    if not shutil.which(CXX) or not GOOGLETEST.is_dir():
        raise LeftOut("g++-aarch64-linux-gnu or googletest is not installed")
    headers = m.work / "headers"
    headers.mkdir()
    for name in ("fmt", "tl"):  # that hold for every machine; the rest of /usr/include does not
        (headers / name).symlink_to(f"/usr/include/{name}")
    tables = m.work / "tables.cpp"
    shutil.copy(m.sbpc.parents[1] / "compiler/target/tables.cpp", tables)
    of = lambda folder, *names: [path for name in names for path in sorted((ROOT / folder).glob(f"{name}.cpp"))]
    shared = [*of("compiler/base", "*"), *of("compiler/bpf", "encode", "verify", "opcode", "interpret", "disasm"), *of("compiler/target", "*"), tables,
              GOOGLETEST / "src/gtest-all.cc", GOOGLETEST / "src/gtest_main.cc"]
    runtime = [*of("test/unit/runtime", "*"), *of("compiler/output", "container_read", "container_write")]
    watched = [*of("test/unit/driver", "run_child_test", "run_fixture", "run_terminal"), *of("compiler/driver", "run_child", "run_command", "run_wait", "run_watch", "run_registers"),
               *of("compiler/diag", "render_parts")]
    flags = ["-std=c++20", "-O1", "-DFMT_HEADER_ONLY", "-ffunction-sections", f"-I{headers}", f"-I{ROOT}/compiler", f"-I{ROOT}/runtime/include", f"-I{ROOT}/test",
             f"-I{ROOT}/test/unit/runtime", f"-I{GOOGLETEST}", f"-I{GOOGLETEST}/include"]
    launcher = ["ccache"] if shutil.which("ccache") else []
    objects = {}
    for source in {*shared, *runtime, *watched}:
        objects[source] = m.work / (str(source).replace("/", "_") + ".o")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda source: sh([*launcher, CXX, *flags, "-c", source, "-o", objects[source]]), list(objects)))
    for source in m.runtime:
        sh([aarch64_vm.COMPILER, "-std=c11", "-O1", "-Wshadow", "-Wconversion", *STRICT, *m.names, f"-I{ROOT}/runtime/include", f"-I{ROOT}/compiler", "-c", source, "-o",
            m.work / f"{source.name}.o"])
        objects[source] = m.work / f"{source.name}.o"
    for name, sources in (("unit_runtime", runtime), ("unit_run", watched)):
        sh([CXX, "-static", "-s", "-Wl,--gc-sections", "-o", m.root / name, *(objects[source] for source in [*shared, *sources, *m.runtime])])
    return [(["/unit_runtime", "--gtest_brief=1"], 0, "PASSED"), (["/unit_run", "--gtest_brief=1", f"--gtest_filter=RunChildWatched.*-{':'.join(NEED_A_SHELL)}"], 0, "PASSED")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", type=pathlib.Path, required=True)
    parser.add_argument("--kernel", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--units", action="store_true")
    arguments = parser.parse_args()
    if why := aarch64_vm.missing():
        sys.exit(why)
    machine = Machine(arguments)
    asked, failures = [], 0
    for name, part in {**PARTS, **({"unit tests": units} if arguments.units else {})}.items():
        try:
            asked += [(name, *row) for row in part(machine)]
        except LeftOut as why:
            print(f"{name}: left out: {why}")
    results = aarch64_vm.run_all([command for _, command, _, _ in asked], machine.root, arguments.kernel)
    wrong = {}
    for (name, command, wanted, says), (code, output) in zip(asked, results):
        wrong.setdefault(name, [])
        if code != wanted or says not in output:
            wrong[name].append(f"{' '.join(command)}: exit code {code}, {wanted} wanted, and `{says}`:\n{output}")
    for name, complaints in wrong.items():
        print(f"{name}: {FINE}" if not complaints else f"{name}: WRONG\n" + "\n".join(complaints))
        failures += len(complaints)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
