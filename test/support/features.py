"""What this machine can do, for `REQUIRES:` lines. Run as a program it prints each feature with the reason where it is missing."""
import ctypes.util
import functools
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

import aarch64_vm

ANSWER_SECONDS = 20
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
PTRACE_SEIZE = 0x4206


@functools.cache
def seccomp_refused():
    """Why this kernel (or container) does not let a process install a filter; empty if it does."""
    script = (
        "import ctypes, struct, sys\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        f"if libc.prctl({PR_SET_NO_NEW_PRIVS}, 1, 0, 0, 0): sys.exit('no_new_privs is refused')\n"
        "insns = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))\n"
        "class Prog(ctypes.Structure): _fields_ = [('len', ctypes.c_ushort), ('filter', ctypes.c_void_p)]\n"
        "prog = Prog(1, ctypes.addressof(insns))\n"
        f"if libc.prctl({PR_SET_SECCOMP}, {SECCOMP_MODE_FILTER}, ctypes.byref(prog), 0, 0):\n"
        "    import os; sys.exit(os.strerror(ctypes.get_errno()))\n")
    # Not subprocess.run: a kernel whose BPF memory is stuck never answers, and such a child can be neither killed nor waited for.
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                                 start_new_session=True)
        deadline = time.monotonic() + ANSWER_SECONDS
        while child.poll() is None:
            if time.monotonic() > deadline:
                return f"this kernel is stuck: installing a filter has not returned for {ANSWER_SECONDS} s"
            time.sleep(0.01)
        errors.seek(0)
        return "" if child.returncode == 0 else errors.read().strip() or "prctl failed"


@functools.cache
def ptrace_refused():
    """Why a process may not watch its own children here; empty if it may."""
    script = (
        "import ctypes, os, sys, time\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "child = os.fork()\n"
        "if child == 0: time.sleep(20); os._exit(0)\n"
        f"failed = libc.ptrace({PTRACE_SEIZE}, child, None, None)\n"
        "why = os.strerror(ctypes.get_errno())\n"
        "os.kill(child, 9)\n"
        "if failed: sys.exit(why)\n")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else "ptrace is refused: " + done.stderr.strip()


def cache_missing():
    """The bitmap of calls that are always allowed: kernel/seccomp.c: seccomp_cache_check_allow()."""
    version = tuple(int(word) for word in re.match(r"(\d+)\.(\d+)", platform.release()).groups())
    return "" if version >= (5, 11) else f"Linux {platform.release()} has no cache of allowed calls (5.11)"


def bwrap_refused():
    if not shutil.which("bwrap"):
        return "bubblewrap is not installed"
    done = subprocess.run(["bwrap", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip() or "bwrap failed"


def icount_missing():
    for name in ("qemu-system-x86_64", "cpio", "gcc"):
        if not shutil.which(name):
            return f"{name} is not installed"
    return "" if any(pathlib.Path("/boot").glob("vmlinuz-*")) else "there is no kernel in /boot to start in QEMU"


def aarch64_missing(source):
    if why := aarch64_vm.missing():
        return why
    return "" if any((source / "build/aarch64/boot").glob("vmlinuz-*")) else "there is no kernel in build/aarch64/boot (./dev setup aarch64)"


def browser_missing(source):
    for name in ("chromium", "node"):
        if not shutil.which(name):
            return f"{name} is not installed (./dev setup browser)"
    return "" if (source / "test/browser/node_modules/playwright-core").exists() else "playwright-core is not installed (./dev setup browser)"


def sarif_missing(source):
    if not (source / "test/sarif/node_modules/@microsoft/jest-sarif").exists():
        return "the schema of SARIF is not installed (./dev setup sarif)"
    done = subprocess.run([sys.executable, "-c", "import jsonschema"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "python3-jsonschema is not installed (./dev setup sarif)"


def has_command(build, name):
    try:
        done = subprocess.run([build / "bin/sbpc", name, "--help"], capture_output=True, text=True, check=False)
        return done.stdout.startswith(f"usage: sbpc {name} ")  # of a command it does not know, the word is a file
    except OSError:
        return False


def markdown_missing():
    done = subprocess.run(["/usr/bin/python3", "-c", "import markdown_it"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "python3-markdown-it is not installed (./dev site installs it)"


def vscode_missing(source):
    if not shutil.which("node"):
        return "node is not installed"
    tools = ("vscode-tmgrammar-snap", "esbuild", "tsc", "vsce")
    there = all((source / "editors/vscode/node_modules/.bin" / tool).exists() for tool in tools)
    return "" if there else "what the Visual Studio Code extension is made with is not installed (./dev setup editors)"


def tree_sitter_missing():
    for name, what in (("cc", "a C compiler"), ("ldconfig", "ldconfig")):
        if not shutil.which(name, path=os.environ.get("PATH", "") + ":/sbin:/usr/sbin"):
            return f"{what} is not installed"
    return "" if ctypes.util.find_library("tree-sitter") else "libtree-sitter is not installed (./dev setup editors)"


def postgres_missing():
    """Debian has the server's programs in a folder of their version, outside of PATH."""
    return runtime("" if any(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench")) else "there is no /usr/lib/postgresql/*/bin/pgbench")


def runtime(why):
    return why and f"{why} (./dev setup runtimes)"


@functools.cache
def go_sys():
    """(Go's module cache, the newest version of golang.org/x/sys in it), or None."""
    cache_folder = pathlib.Path(os.environ.get("GOMODCACHE", pathlib.Path(os.environ.get("GOPATH", pathlib.Path.home() / "go")) / "pkg/mod"))
    versions = [path.name.removeprefix("sys@") for path in (cache_folder / "golang.org/x").glob("sys@v*")]
    number = lambda version: [int(part) for part in version.removeprefix("v").split("-")[0].split(".")]
    return (str(cache_folder), max(versions, key=number)) if versions else None


def libc_crate_missing():
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
    return "" if any(home.glob("registry/cache/*/libc-0.2.*.crate")) else "the crate libc is not in cargo's registry (./dev setup embed)"


def pledge_missing(build):
    if "SBPC_SANITIZE:BOOL=OFF" not in cache(build):
        return "a build with sanitizers is not installed"
    if "--coverage" in cache(build):
        return "a build that counts lines is not installed"
    return "" if (build / "runtime/libsbp.a").exists() and (build / "runtime/pledge_policy.h").exists() else "libsbp.a is not built, or without sbp_pledge()"


def packaging_missing(build):
    if "SBPC_SANITIZE:BOOL=OFF" not in cache(build):
        return "a build with sanitizers is not installed"
    needed = ("packaging/sbpc.1.gz", "packaging/man3/done", "runtime/libsbp.so", "runtime/libsbp.a", "bin/sbpc")
    absent = [name for name in needed if not (build / name).exists()]
    return f"{', '.join(absent)} is not built" if absent else ""


def sshd_refused():
    """As root sshd wants a folder that its service makes."""
    return "" if os.geteuid() != 0 or pathlib.Path("/run/sshd").is_dir() else "there is no /run/sshd, which sshd wants of root"


def sanitizers_missing(build):
    cache = build / "CMakeCache.txt"
    text = cache.read_text(encoding="utf-8") if cache.exists() else ""
    return "" if "SBPC_SANITIZE:BOOL=ON" in text or "SBPC_FUZZ:BOOL=ON" in text else "built without sanitizers"


def missing(source, build):
    """{feature: why it is missing, or ""}."""
    # Servers lie in sbin, which is not in everyone's PATH.
    program = lambda *names: "".join(f"{name} is not installed; " for name in names
                                     if not shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")).rstrip("; ")
    return {
        "seccomp": seccomp_refused(),
        "seccomp_cache": cache_missing(),
        "ptrace": ptrace_refused(),
        "x86_64": "" if platform.machine() == "x86_64" else f"this is {platform.machine()}",
        "root": "" if os.geteuid() == 0 else "not root",
        "asan": sanitizers_missing(build),
        "bwrap": bwrap_refused(),
        "git": program("git"),
        "clang_format": program("clang-format-14", "git") or ("" if (source / ".git").exists() else "this is not a clone"),
        "vim": program("vim"),
        "emscripten": program("em++") and f"{program('em++')} (./dev setup web)",
        "strace": program("strace"),
        "z3": program("z3"),
        "valgrind": program("valgrind"),
        "sqlite3": program("sqlite3"),
        "nginx": program("nginx", "ab"),
        "redis": program("redis-server", "redis-benchmark", "redis-cli"),
        "node": program("node"),
        "curl": program("curl", "openssl"),
        "rsync": program("rsync"),
        "ssh": program("ssh", "ssh-keygen", "sshd") or sshd_refused(),
        "musl": program("musl-gcc"),
        "java": runtime(program("java", "javac")),
        "go": runtime(program("go")),
        "go_sys": "" if go_sys() else "golang.org/x/sys is not in Go's module cache (./dev setup embed)",
        "libc_crate": libc_crate_missing(),
        "rustc": runtime(program("rustc")),
        "postgres": postgres_missing(),
        "corpus": "" if os.environ.get("SBPC_CORPUS") else "SBPC_CORPUS names no folder of foreign policies",
        "peers": "" if os.environ.get("SBPC_PEERS") else "SBPC_PEERS names no folder of other sandboxes' sources",
        "icount": icount_missing(),
        "aarch64_kernel": aarch64_missing(source),
        "browser": browser_missing(source),
        "axe": "" if (source / "test/browser/node_modules/axe-core").exists() else "axe-core is not installed (./dev setup browser)",
        "sarif": sarif_missing(source),
        "dpkg": program("dpkg-deb", "cpack"),
        "debootstrap": program("debootstrap", "cpack") or ("" if os.geteuid() == 0 else "not root"),
        "meson": program("meson", "pkg-config"),
        "cargo": program("cargo", "rustc"),
        "pledge": pledge_missing(build),
        "packaging": packaging_missing(build),
        "static": "" if "SBPC_STATIC:BOOL=ON" in cache(build) else "this build is not static",
        "release": "" if "CMAKE_BUILD_TYPE:STRING=Release" in cache(build) else "this is not a release build",
        "nvim": program("nvim"),
        "emacs": program("emacs"),
        "kakoune": program("kak"),
        "eglot": "" if any(pathlib.Path("/usr/share/emacs/site-lisp/elpa").glob("eglot-*")) else "elpa-eglot is not installed (./dev setup editors)",
        "lsp": "" if has_command(build, "lsp") else "this sbpc has no language server",
        "tree_sitter": tree_sitter_missing(),
        "tree_sitter_cli": program("tree-sitter") and "tree-sitter is not installed (cargo install tree-sitter-cli --version 0.24.7 --locked)",
        "markdown": markdown_missing(),
        "vscode": vscode_missing(source),
        "web": "" if (source / "editors/web/node_modules/.bin/tsc").exists() else "what the playground's page is made with is not installed (./dev setup editors)",
        "playground": "" if (source / "build/web/playground.html").exists() else "the playground is not built (./dev web: 10 minutes)",
    }


def cache(build):
    path = build / "CMakeCache.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def available(source, build):
    return [name for name, why in missing(source, build).items() if not why]


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parents[2]
    for name, why in missing(here, pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "build/release").items():
        print(f"{name:<10} {why or 'yes'}")
