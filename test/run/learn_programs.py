#!/usr/bin/env python3
"""Records real programs with `sbpc learn -- COMMAND` and runs them unchanged under what was learned, which kills on everything else.

    learn_programs.py SBPC      the programs that are not installed are named and passed over
"""
import contextlib
import http.server
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port, request):
    """What a server on the port says, once it is there."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as client:
            client.sendall(request)
            said = b""
            while piece := client.recv(4096):
                said += piece
            return said
        time.sleep(0.05)
    return b""


def command(folder, *words, fresh=()):
    """A command that ends by itself; `fresh` is removed before each run."""
    def run(prefix):
        for name in fresh:
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).unlink(missing_ok=True)
        done = subprocess.run([*prefix, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
        return done.returncode, done.stdout, done.stderr
    return run


def nginx(folder):
    def run(prefix):
        port = free_port()
        (folder / "n.conf").write_text(f"daemon off; pid {folder}/pid; error_log {folder}/err;\nevents {{ }}\nhttp {{ access_log {folder}/log;\n"
                                       f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n")
        (folder / "index.html").write_text("hello\n")
        server = subprocess.Popen([*prefix, shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c", str(folder / "n.conf")], stderr=subprocess.PIPE, text=True)
        said = answers(port, b"GET / HTTP/1.0\r\n\r\n")
        with contextlib.suppress(OSError, ValueError):
            subprocess.run(["kill", "-QUIT", (folder / "pid").read_text().strip()], check=False)
        _, errors = server.communicate(timeout=SECONDS)
        return server.returncode, "hello" if b"hello" in said else "no answer", errors
    return run


def redis(folder):
    def run(prefix):
        port = free_port()
        server = subprocess.Popen([*prefix, "redis-server", "--port", str(port), "--dir", str(folder), "--save", ""], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = answers(port, b"SET a 1\r\nGET a\r\nLPUSH l 2\r\nQUIT\r\n")
        answers(port, b"SHUTDOWN NOSAVE\r\n")
        _, errors = server.communicate(timeout=SECONDS)
        return server.returncode, said.decode(errors="replace"), errors
    return run


def curl(folder):
    (folder / "page").write_text("hello\n" * 1000)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    def run(prefix):
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Quiet(*args, directory=folder)) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            done = subprocess.run([*prefix, "curl", "-sS", "--noproxy", "*", f"http://127.0.0.1:{server.server_port}/page"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=SECONDS, check=False)
            server.shutdown()
        return done.returncode, done.stdout, done.stderr
    return run


def programs(folder):
    """{name: (what must be installed, how it runs)}."""
    python = "import json, threading, subprocess; t = threading.Thread(target=print, args=(json.dumps([1]),)); t.start(); t.join(); subprocess.run(['true'], check=True)"
    (folder / "h.c").write_text("int main(void) { return 0; }\n")
    if shutil.which("git"):
        subprocess.run("git init -q repo && cd repo && echo a > a && git add a && git -c user.name=a -c user.email=a@b commit -qm a", shell=True, cwd=folder, check=True)
    return {
        "bash": ("bash", command(folder, "bash", "-c", "for i in 1 2; do echo $i | cat; done; trap 'echo x' USR1; kill -USR1 $$")),
        "python3": ("/usr/bin/python3", command(folder, "/usr/bin/python3", "-c", python)),
        "git": ("git", command(folder, "git", "clone", "-q", "repo", "copy", fresh=["copy"])),
        "gcc": ("gcc", command(folder, "gcc", "-O1", "h.c", "-o", "h", fresh=["h"])),
        "sqlite3": ("sqlite3", command(folder, "sqlite3", "t.db", "create table a(b); insert into a values(1); select * from a;", fresh=["t.db"])),
        "curl": ("curl", curl(folder)),
        "nginx": ("nginx", nginx(folder)),
        "redis": ("redis-server", redis(folder)),
    }


def main():
    sbpc = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="sbpc-learn-") as name:
        folder = pathlib.Path(name)
        for program, (needed, run) in programs(folder).items():
            if not shutil.which(needed, path="/usr/sbin:/usr/bin:/bin"):
                print(f"{program}: not installed")
                continue
            policy = folder / f"{program}.sb"
            learned = run([sbpc, "learn", "-o", str(policy), "--"])
            if not policy.exists():
                print(f"{program}: nothing learned: {learned[2].strip()}")
                continue
            plain = run([])
            code, said, errors = run([sbpc, "run", "-Wno-libc", str(policy), "--"])
            works = (code, said) == plain[:2] and "killed" not in errors
            print(f"{program}: {'runs unchanged' if works else f'differs: exit {code}: {said.strip()[:200]} {errors.strip()[-400:]}'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
