#!/usr/bin/env python3
"""Programs of language runtimes under the example policies that use std.runtime, and PostgreSQL; as run.py, which has the machinery.

    runtimes.py --sbpc BINARY --build DIR NAME...      NAME is a function below: java, go, rust, musl, python, postgres
"""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

import run
from run import Failed, PYTHON, ROOT

INPUTS = ROOT / "test/examples/inputs"
ACTS = {"write": "writing a file", "socket": "a socket", "exec": "a child"}


def build(x, *command, **environment):
    """A compiler's run; Go's cache lies in the build folder, where a second run finds it."""
    env = os.environ | {"GOCACHE": str(x.build.resolve() / "test/go-cache")} | environment
    subprocess.run(list(map(str, command)), cwd=x.scratch, check=True, capture_output=True, text=True, env=env, timeout=300)


def java(x):
    build(x, "javac", "-d", x.scratch, INPUTS / "Main.java")
    for options in ((), ("-XX:+UseSerialGC",), ("-XX:+UseZGC",), ("-Xint",)):
        x.works("java", *options, "-cp", x.scratch, "Main", says="lines")
    x.refuses("writing a file", "java", "-cp", x.scratch, "Main", "write", says="AccessDenied")
    x.refuses("renaming a file", "java", "-cp", x.scratch, "Main", "name", says="AccessDenied")
    x.refuses("a socket", "java", "-cp", x.scratch, "Main", "socket", says="Permission denied")
    x.refuses("a child", "java", "-cp", x.scratch, "Main", "exec")
    x.policy = INPUTS / "jps.sb"
    x.works("java", "-cp", x.scratch, "Main", says="lines")


def go(x):
    for cgo in "10":
        build(x, "go", "build", "-o", x.scratch / "program", INPUTS / "main.go", CGO_ENABLED=cgo, GOFLAGS="-mod=mod", GO111MODULE="off")
        x.works("./program", says="read true root")
    x.refuses("writing a file", "./program", "write", says="permission denied")
    x.refuses("making a folder", "./program", "name", says="permission denied")
    x.refuses("a socket", "./program", "socket", says="permission denied")
    x.refuses("a child", "./program", "exec", says="permission denied")


def rust(x):
    # rustup's rustc looks below the real home directory for which one it is.
    build(x, "rustc", "-O", "-o", x.scratch / "program", INPUTS / "main.rs", HOME=pwd.getpwuid(os.geteuid()).pw_dir)
    x.works("./program", says="lines")
    x.refuses("writing a file", "./program", "write", says="Permission denied")
    x.refuses("making a folder", "./program", "name", says="Permission denied")
    x.refuses("a socket", "./program", "socket", says="Permission denied")
    x.refuses("a child", "./program", "exec")


def musl(x):
    x.policy = INPUTS / "musl.sb"
    build(x, "musl-gcc", "-static", "-O1", "-Wall", INPUTS / "musl.c", "-o", "program")
    x.works("./program", says="42 root 1")
    x.refuses("writing a file", "./program", "write", says="Permission denied")
    x.refuses("a socket", "./program", "socket")
    x.refuses("a child", "./program", "fork")
    x.policy = INPUTS / "first.sb"
    x.works("ls", "-la", "/", says="etc")


def python(x):
    """More of Python than wrappers.test asks for: asyncio, many threads, a big import."""
    x.policy = ROOT / "examples/python3.sb"
    x.works(PYTHON, "-c", "import asyncio, concurrent.futures as f, decimal, sqlite3, ssl, xml.dom.minidom, zlib, random, time\n"
            "async def late(): await asyncio.sleep(0.01); return 42\n"
            "print(asyncio.run(late()), sum(f.ThreadPoolExecutor(8).map(len, ['a'] * 100)), sqlite3.connect(':memory:').execute('select 1').fetchone())",
            says="42 100 (1,)")
    (x.scratch / "f").write_text("text", encoding="utf-8")
    x.works(PYTHON, "-c", "import fcntl, mmap, os\nf = open('f')\nfcntl.flock(f, fcntl.LOCK_SH); os.fsync(f.fileno())\n"
            "os.sched_getscheduler(0); mmap.mmap(f.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_READ).flush()\n"
            "for act in (lambda: os.chmod('f', 0), lambda: os.utime('f'), lambda: os.chown('f', 0, 0), lambda: os.truncate('f', 0)):\n"
            "  try: act()\n  except PermissionError: print('probed')", says="probed\n" * 4)
    x.refuses("writing a file", PYTHON, "-c", "open('x', 'w')", says="PermissionError")
    x.refuses("removing a file", PYTHON, "-c", "import os; os.unlink('/tmp/none')", says="PermissionError")
    x.refuses("a child", PYTHON, "-c", "import os; os.fork()")


def node(x):
    """More of Node.js than servers.test asks for: workers, the thread pool."""
    (x.scratch / "pool.js").write_text(
        "const { Worker, isMainThread, parentPort } = require('worker_threads');\n"
        "if (!isMainThread) return parentPort.postMessage(42);\n"
        "new Worker(__filename).on('message', m => require('zlib').gzip('x'.repeat(1e5), () =>\n"
        "  require('crypto').pbkdf2('a', 'b', 1000, 32, 'sha256', (e, key) => console.log('worker', m, key.length))));\n", encoding="utf-8")
    x.works("node", "pool.js", says="worker 42 32")
    x.works("node", "-e", "const fs = require('fs'); for (const act of [() => fs.chmodSync('pool.js', 0), () => fs.utimesSync('pool.js', 1, 1),"
            "() => fs.truncateSync('pool.js')]) { try { act(); } catch (e) { console.log(e.code); } }", says="EPERM\nEPERM\nEACCES")
    x.refuses("removing a file", "node", "-e", "require('fs').unlinkSync('/tmp/none')", says="EACCES")
    x.refuses("a socket", "node", "-e", "require('net').createServer().listen(0)", says="EACCES")
    x.refuses("a child", "node", "-e", "require('child_process').spawn('true')")


class Postgres:
    """A cluster in a folder of its own. PostgreSQL does not run as root: then all of it runs as nobody, sbpc and the policy included."""

    def __init__(self, x):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="sbpc-pg-", dir="/tmp"))  # nobody must reach it, and a socket's path is short
        self.programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        shutil.copy(x.sbpc, self.home / "sbpc")
        shutil.copy(x.policy, self.home / "policy.sb")
        self.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        if self.prefix:
            os.chown(self.home, 65534, 65534)
        self.env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LC_ALL": "C"}

    def command(self, program, *arguments):
        return [*self.prefix, str(self.home / "sbpc"), "run", str(self.home / "policy.sb"), "--", str(self.programs / program), *arguments]

    def client(self, program, *arguments, says):
        done = subprocess.run(self.command(program, *arguments), cwd=self.home, env=self.env, capture_output=True, text=True, timeout=run.SECONDS,
                              check=False, stdin=subprocess.DEVNULL)
        if done.returncode != 0 or says not in done.stdout + done.stderr or "killed by the policy" in done.stderr:
            raise Failed(f"{program}: exit {done.returncode}\n{done.stdout}{done.stderr}")


def postgres(x):
    pg = Postgres(x)
    try:
        work(pg)
    finally:
        shutil.rmtree(pg.home, ignore_errors=True)
    x.refuses_acts("socket", "ptrace", "mount")


def work(pg):
    pg.client("initdb", "-D", "db", "-N", "-A", "trust", "-U", "pg", "--no-instructions", says="Sync to disk skipped")
    here = ("-h", str(pg.home), "-U", "pg")
    with open(pg.home / "log", "w+", encoding="utf-8") as log:
        server = subprocess.Popen(pg.command("postgres", "-D", "db", "-k", str(pg.home), "-c", "listen_addresses="), cwd=pg.home, env=pg.env, stdout=log,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            run.wait_for(lambda: "ready to accept connections" in (pg.home / "log").read_text(encoding="utf-8"), server)
            pg.client("pgbench", *here, "-i", "-q", "postgres", says="done in")
            pg.client("pgbench", *here, "-c", "4", "-j", "2", "-t", "100", "postgres", says="number of failed transactions: 0")
            pg.client("psql", *here, "postgres", "-c", "set max_parallel_workers_per_gather = 4", "-c", "set min_parallel_table_scan_size = 0",
                      "-c", "set parallel_setup_cost = 0", "-c", "select sum(abalance) * 0 + count(*) from pgbench_accounts", "-c", "vacuum analyze",
                      "-c", "checkpoint", says="100000")
        finally:
            os.killpg(server.pid, signal.SIGINT)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
        text = (pg.home / "log").read_text(encoding="utf-8")
    if "killed by the policy" in text or "Bad system call" in text:
        raise Failed(text)


if __name__ == "__main__":
    sys.exit(run.main(globals()))
