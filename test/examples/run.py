#!/usr/bin/env python3
"""Runs an example under its policy: ordinary use must succeed with no call denied by death, three forbidden acts must be refused.

    run.py --sbpc BINARY --build DIR NAME...      NAME is a function below: python3, git, nginx, tcp_echo ...; runtimes.py has more

The policies kill the process on what they do not allow, so ordinary use that succeeds has met no denial but those that the policy spells
out. Servers listen on 127.0.0.1, on a port that the kernel chooses, and are stopped at the end.
"""
import argparse
import contextlib
import fcntl
import os
import pathlib
import pty
import resource
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 60
DEATHS = ("killed by the policy", "Bad system call")  # what `sbpc run` says of the command, and a shell of its children


ACT = r"""
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
// Ends with 0 if the act worked.
int main(int count, char** arguments) {
  const char* act = count > 1 ? arguments[1] : "";
  if (strcmp(act, "socket") == 0) return socket(AF_INET, SOCK_STREAM, 0) < 0;
  if (strcmp(act, "ptrace") == 0) return ptrace(PTRACE_TRACEME, 0, 0, 0) < 0;
  if (strcmp(act, "mount") == 0) return mount("none", "/mnt", "tmpfs", 0, 0) < 0;
  if (strcmp(act, "unshare") == 0) return unshare(CLONE_NEWUSER) < 0;
  return 2;
}
"""


class Failed(Exception):
    pass


class Example:
    """A policy, a scratch folder, and what was seen."""

    def __init__(self, arguments, name, scratch):
        self.sbpc, self.build, self.name, self.scratch, self.refused = arguments.sbpc, arguments.build, name, scratch, 0
        self.policy = ROOT / f"examples/{name}.sb"

    def command(self, *command, options=()):
        return [self.sbpc, "run", str(self.policy), *options, "--", *map(str, command)]

    def run(self, *command, options=(), **more):
        return subprocess.run(self.command(*command, options=options), capture_output=True, text=True, timeout=SECONDS, check=False,
                              cwd=self.scratch, stdin=subprocess.DEVNULL, **more)

    def works(self, *command, says="", **more):
        done = self.run(*command, **more)
        if done.returncode != 0 or says not in done.stdout + done.stderr or any(word in done.stderr for word in DEATHS):
            raise Failed(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def on_terminal(self, *command, keys="", says=""):
        """The same for a program whose terminal is a new one, as a user's is; `keys` are typed once it has begun to print."""
        end, theirs = pty.openpty()

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        process = subprocess.Popen(self.command(*command), cwd=self.scratch, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=take_terminal,
                                   env=os.environ | {"TERM": "xterm"})
        os.close(theirs)
        seen, deadline = b"", time.monotonic() + SECONDS
        try:
            while select.select([end], [], [], max(0, deadline - time.monotonic()))[0]:
                try:
                    piece = os.read(end, 65536)
                except OSError:  # EIO: nobody has the other end any more
                    break
                seen += piece
                if keys:
                    os.write(end, keys.encode())
                    keys = ""
            code = process.wait(max(0.1, deadline - time.monotonic()))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(end)
        text = seen.decode(errors="replace")
        if code != 0 or says not in text or any(word in text for word in DEATHS):
            raise Failed(f"{command} on a terminal: exit {code}\n{text}")

    def refuses(self, what, *command, says="killed by the policy", **more):
        """The act fails, and says that it was refused: by death, or with an error; `says` is empty where either will do."""
        done = self.run(*command, **more)
        if done.returncode == 0 or says not in done.stdout + done.stderr:
            raise Failed(f"{what} was not refused: exit {done.returncode}\n{done.stdout}{done.stderr}")
        self.refused += 1

    def refuses_acts(self, *acts):
        """What a program that was taken over would try."""
        (self.scratch / "act.c").write_text(ACT, encoding="utf-8")
        subprocess.run(["gcc", "act.c", "-o", "act"], cwd=self.scratch, check=True)
        for act in acts:
            self.refuses(act, "./act", act, says="")

    def stops(self, *command, ready, number=signal.SIGTERM):
        """It ends by a signal to it and its children, once `ready()`, and of nothing else; what it said."""
        with self.server(command, ready, stop=number):
            pass
        return (self.scratch / "server.log").read_text(encoding="utf-8")

    def says(self, text, *command):
        """It says `text`, and goes on until it is stopped."""
        log = self.scratch / "server.log"
        self.stops(*command, ready=lambda: text in log.read_text(encoding="utf-8"))

    def cc(self, *extra):
        program = self.scratch / self.name
        subprocess.run(["gcc", "-O1", "-Wall", f"-I{ROOT}/runtime/include", "-o", program, ROOT / f"examples/{self.name}.c",
                        self.build / "runtime/libsbp.a", "-pthread", *extra], check=True)
        return program

    def compile(self, policy):
        out = self.scratch / f"{policy}.bpf"
        subprocess.run([self.sbpc, str(self.policy), "--policy", policy, "-o", str(out)], check=True)
        return out

    @contextlib.contextmanager
    def server(self, command, ready, options=(), stop=signal.SIGTERM, **more):
        log = open(self.scratch / "server.log", "w+", encoding="utf-8")
        process = subprocess.Popen(self.command(*command, options=options), stdout=log, stderr=subprocess.STDOUT, cwd=self.scratch,
                                   stdin=subprocess.DEVNULL, start_new_session=True, **more)
        try:
            wait_for(ready, process)
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, stop)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            log.seek(0)
            text = log.read()
            log.close()
        if any(word in text for word in DEATHS):
            raise Failed(text)


def wait_for(ready, process):
    deadline = time.monotonic() + 20
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failed(f"the server did not start: exit {process.poll()}")
        time.sleep(0.05)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def talk(port, text, expected):
    """Whether the server answers with `expected`: an answer comes in as many pieces as the server and the kernel like."""
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        client.settimeout(10)
        client.sendall(text)
        answer = b""
        while expected not in answer and len(answer) < 65536:
            piece = client.recv(65536)
            if not piece:
                break
            answer += piece
        return expected in answer


# ---- wrappers of ordinary programs ----

PYTHON = "/usr/bin/python3"


def python3(x):
    x.works(PYTHON, "-c", "import threading, json, math; t = threading.Thread(target=lambda: print(json.dumps([math.pi]))); t.start(); "
            "t.join(); print(len(open('/etc/passwd').read()))", says="3.14159")
    x.works(PYTHON, "-c", "import os, resource, signal, time, uuid\nos.umask(0o22); signal.alarm(9); signal.setitimer(signal.ITIMER_REAL, 9)\n"
            "resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.kill(os.getpid(), 0); uuid.uuid1()\n"
            "for act in (lambda: os.mkdir('d'), lambda: os.rename('a', 'b'), lambda: os.kill(1, 9), lambda: os.nice(1)):\n"
            "  try: act()\n  except PermissionError: print('probed')", says="probed\n" * 4)
    x.on_terminal(PYTHON, keys="print(6 * 7)\nexit()\n", says="42")
    x.refuses("writing a file", PYTHON, "-c", "open('x', 'w')", says="PermissionError")
    x.refuses("a socket", PYTHON, "-c", "import socket; socket.socket()", says="PermissionError")
    x.refuses("a child", PYTHON, "-c", "import subprocess; subprocess.run(['true'])")


# What one types into a shell: each program that is new here brings calls of its own.
BY_HAND = ("cat <<end\nhere\nend", "cp f g; install -m 644 f h; cp -a f i; sed -i s/t/c/ g; rm h i", "mv g /dev/shm/sbpc-example-$$ && mv /dev/shm/sbpc-example-$$ g",
           "timeout 2 nice true", "mkfifo p; cat p & echo through >p; wait", "ps; ps aux; top -b -n1", "ls -la /etc", "sort f | tee k | wc -l; find . -name f",
           "touch f; chmod 600 f; ln -s f l; split f; truncate -s 9 k; gzip -k f; flock f true; xargs -P2 -n1 echo <f; kill -0 $$; mktemp -d",
           "timeout 1 tail -f f; [ $? = 124 ]", "timeout 2 sh -c 'kill -SEGV $$'; [ $? != 159 ]", "bash -c 'echo another'",
           "mkdir -m 2775 s || cp -a /dev/null n || mkdir t")


def bash(x):
    x.works("/bin/bash", "-c", "for i in 1 2 3; do echo $i; done | sort -r | head -1; f=$(mktemp); echo text >$f; cat $f; rm $f; (sleep 0.01 &); "
            "trap 'echo bye' EXIT; cd /; [ -d etc ] && printf '%s\\n' done", says="done")
    (x.scratch / "f").write_text("text\n", encoding="utf-8")
    for line in BY_HAND:
        x.works("/bin/bash", "-c", line)
    x.on_terminal("/bin/bash", "-i", keys="ls --color=auto; echo $((6 * 7)); exit\n", says="42")
    x.refuses("a socket", "/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9", says="Permission denied")
    x.refuses("a namespace", "/bin/bash", "-c", "unshare -U true")
    x.refuses("a mount", "/bin/bash", "-c", "mount -t tmpfs none /mnt")


def sqlite3(x):
    x.works("/usr/bin/sqlite3", "a.db", "create table t(x); insert into t values (6 * 7); select x from t; vacuum;", says="42")
    x.works("/usr/bin/sqlite3", "a.db", "pragma journal_mode = wal; insert into t values (1); select count(*) from t;", says="2")
    x.on_terminal("/usr/bin/sqlite3", "a.db", keys="select 6 * 7;\n.exit\n", says="42")
    x.refuses("a shell", "/usr/bin/sqlite3", "a.db", ".shell true")
    x.refuses("a pipe to a program", "/usr/bin/sqlite3", "a.db", ".once |cat", "select 1;")
    x.refuses("another program", "/usr/bin/sqlite3", "a.db", ".system id")


def git(x):
    me = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    (x.scratch / "repo").mkdir()
    (x.scratch / "repo/file").write_text("text\n", encoding="utf-8")
    x.works("git", "init", "-q", "repo")
    x.works("git", "-C", "repo", "add", "file")
    x.works("git", "-C", "repo", *me, "commit", "-q", "-m", "first")
    x.works("git", "clone", "-q", "repo", "copy")
    x.works("git", "-C", "copy", "log", "--format=%s", says="first")
    x.works("git", "-C", "copy", "gc", "-q")
    x.works("git", "clone", "-q", f"file://{x.scratch}/repo", "copy2")
    x.works("git", "clone", "-q", "--no-local", "repo", "copy3")
    (x.scratch / "repo/file").write_text("text\n" * 500, encoding="utf-8")
    for step in ("checkout -qb side", "commit -qam second", "checkout -q -", "commit -q --allow-empty -m third", "merge -q -m merged side", "fsck --progress",
                 "blame --progress file", "grep -c text", "grep -P t.xt", "log --author=t", "gc --aggressive", "repack -ad", "rebase -q side", "status"):
        x.works("git", "-C", "repo", *me, *step.split())
    for step in ("fetch", "pull -q --no-rebase"):
        x.works("git", "-C", "copy3", *me, *step.split())
    for step in ("log", "show", "diff HEAD~1", "grep text"):
        x.on_terminal("git", "-C", "copy3", *step.split(), keys="q")
    x.refuses("a network", "git", "clone", "-q", "git://127.0.0.1/none", says="Permission denied")
    x.refuses("a socket of a hook", "git", "-C", "copy", "-c", f"alias.out=!{PYTHON} -c 'import socket; socket.socket()'", "out", says="")
    x.refuses("a mount", "git", "-C", "copy", "-c", "alias.out=!mount -t tmpfs none /mnt", "out")


    if pathlib.Path("/usr/share/man/man1/git-commit.1.gz").exists():
        x.works("git", "help", "commit", says="GIT-COMMIT")
    x.refuses("a folder with the set-group-id bit", "git", "init", "-q", "--shared", "shared", says="writable by group")


def gcc(x):
    (x.scratch / "a.c").write_text("#include <stdio.h>\nint main(void) { return puts(\"built\") < 0; }\n", encoding="utf-8")
    x.works("gcc", "-O2", "-g", "a.c", "-o", "a")
    x.works("./a", says="built")
    x.works("gcc", "-save-temps", "-c", "a.c", "-o", "a.o")
    x.works("/bin/bash", "-c", "echo from bash", says="from bash")
    os.mkfifo(x.scratch / "slow.h")
    (x.scratch / "slow.c").write_text('#include "slow.h"\n', encoding="utf-8")
    started = time.monotonic()
    x.stops("gcc", "-c", "slow.c", ready=lambda: time.monotonic() > started + 1)
    x.refuses_acts("socket", "ptrace", "mount")


def node(x):
    x.works("/usr/bin/node", "-e", "setTimeout(() => console.log('late'), 10); console.log(require('fs').readFileSync('/etc/passwd').length > 9); "
            "let s = 0; for (let i = 0; i < 3e6; i++) s += i; console.log(s)", says="late")
    x.on_terminal("/usr/bin/node", "-e", "console.log(6 * 7)", says="42")
    x.on_terminal("/usr/bin/node", keys="40 + 2\n.exit\n", says="42")
    x.works("/usr/bin/node", "-e", "process.umask(); process.kill(process.pid, 0); const fs = require('fs'); fs.watch('/tmp').close();"
            "for (const act of [() => fs.mkdirSync('d'), () => fs.renameSync('a', 'b'), () => process.kill(1, 'SIGTERM')])"
            "{ try { act(); } catch (e) { console.log(e.code); } }", says="EACCES\nEACCES\nEPERM")
    x.refuses("writing a file", "/usr/bin/node", "-e", "require('fs').writeFileSync('x', 'y')", says="EACCES")
    x.refuses("a socket", "/usr/bin/node", "-e", "require('net').connect(9, '127.0.0.1')", says="EACCES")
    x.refuses("a child", "/usr/bin/node", "-e", "require('child_process').execSync('true')")


def nginx(x):
    port = free_port()
    (x.scratch / "index.html").write_text("served\n" * 1000, encoding="utf-8")
    paths = "".join(f"{name}_temp_path {x.scratch}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (x.scratch / "nginx.conf").write_text(
        f"worker_processes 2; worker_priority 5; worker_cpu_affinity auto; timer_resolution 100ms; daemon off; pid {x.scratch}/pid; error_log {x.scratch}/error.log; user www-data; events {{ worker_connections 256; }}\n"
        f"http {{ access_log {x.scratch}/access.log; sendfile on; {paths} server {{ listen 127.0.0.1:{port}; root {x.scratch};"
        f" location /away {{ proxy_pass http://127.0.0.1:9; }} }} }}\n", encoding="utf-8")
    for folder in (x.scratch, x.scratch.parent):  # as root, nginx makes its folders and logs www-data's, and the workers read as www-data
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o055)
    master = lambda number: os.kill(int((x.scratch / "pid").read_text(encoding="utf-8")), number)
    get = lambda path, expected: talk(port, f"GET {path} HTTP/1.0\r\n\r\n".encode(), expected)
    log = x.scratch / "access.log"
    with x.server(["/usr/sbin/nginx", "-c", x.scratch / "nginx.conf"], lambda: listens(port), stop=signal.SIGQUIT) as process:
        done = subprocess.run(["ab", "-q", "-n", "2000", "-c", "20", f"http://127.0.0.1:{port}/index.html"], capture_output=True, text=True,
                              timeout=SECONDS, check=True)
        if "Complete requests:      2000" not in done.stdout or "Failed requests:        0" not in done.stdout:
            raise Failed(done.stdout)
        # Rotating the logs, a new configuration, an upstream server that may not be reached.
        log.rename(x.scratch / "access.log.1")
        master(signal.SIGUSR1)
        wait_for(log.exists, process)
        master(signal.SIGHUP)
        time.sleep(0.5)
        if not get("/index.html", b"served") or not get("/away", b"502 Bad Gateway"):
            raise Failed("no answer after the signals")
        wait_for(lambda: "/away" in log.read_text(encoding="utf-8"), process)
    for number in (signal.SIGTERM, signal.SIGINT):
        x.stops("/usr/sbin/nginx", "-c", x.scratch / "nginx.conf", ready=lambda: listens(port), number=number)
        if (x.scratch / "pid").exists():
            raise Failed("the file with the pid stays")
    if "signal" in (problems := (x.scratch / "error.log").read_text(encoding="utf-8")) and "exited on signal" in problems:
        raise Failed(problems)
    x.refuses_acts("ptrace", "mount", "unshare")


def redis(x):
    port = free_port()
    with x.server(["/usr/bin/redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", x.scratch, "--save", "", "--daemonize", "no"],
                  lambda: listens(port)):
        subprocess.run(["redis-benchmark", "-p", str(port), "-q", "-n", "5000", "-t", "set,get,lpush,zadd"], capture_output=True,
                       timeout=SECONDS, check=True)
        cli = lambda *words: subprocess.run(["redis-cli", "-p", str(port), *words], capture_output=True, text=True, timeout=20, check=True).stdout
        if "PONG" not in cli("ping") or "started" not in cli("bgsave"):
            raise Failed("redis-cli")
        while "rdb_bgsave_in_progress:1" in (saved := cli("info", "persistence")):
            time.sleep(0.05)
        if "rdb_last_bgsave_status:ok" not in saved:
            raise Failed("the snapshot failed")
        # A master that may not be reached: the server says so in its log, and goes on.
        cli("replicaof", "127.0.0.1", "9")
        time.sleep(1.5)
        cli("replicaof", "no", "one")
        if "PONG" not in cli("ping"):
            raise Failed("replicaof")
    if "Permission denied" not in (text := (x.scratch / "server.log").read_text(encoding="utf-8")):
        raise Failed(text)
    with x.server(["/usr/bin/redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", x.scratch], lambda: listens(port)) as process:
        info = cli("info", "server")
        os.kill(int(info.split("process_id:")[1].split()[0]), signal.SIGSEGV)
        if process.wait(20) != 128 + signal.SIGSEGV:
            raise Failed(f"a crash ends with {process.returncode}")
    x.refuses_acts("ptrace", "mount", "unshare")


def https_client(x):
    port = free_port()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj",
                    "/CN=localhost"], cwd=x.scratch, capture_output=True, check=True)
    (x.scratch / "hello").write_text("over TLS\n", encoding="utf-8")
    server = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-key", "key.pem", "-cert", "cert.pem", "-WWW", "-quiet"],
                              cwd=x.scratch, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: listens(port), server)
        x.works("curl", "-s", "--cacert", "cert.pem", "-4", f"https://localhost:{port}/hello", says="over TLS")
    finally:
        server.kill()
        server.wait()
    x.refuses("writing a file", "curl", "-s", "-o", "stolen", "file:///etc/passwd", says="")
    if (x.scratch / "stolen").exists():
        raise Failed("a file was written")
    x.refuses("listening", PYTHON, "-c", "import socket; socket.create_server(('127.0.0.1', 0))")
    x.refuses("a child", "/bin/sh", "-c", "/bin/true; true")


# ---- programs of examples/ ----

def with_listener(x, command, number, use):
    """Runs a server with a listening socket as descriptor `number`, as a supervisor would hand it over."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def hand_over():
            os.dup2(listening.fileno(), number, inheritable=True)
        process = subprocess.Popen(x.command(*command, options=["-D", f"listen_fd={number}"]), cwd=x.scratch, preexec_fn=hand_over,
                                   close_fds=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            use(port)
        finally:
            time.sleep(0.1)
            ended = process.poll()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            output = process.communicate()[0]
    return ended, output


def tcp_echo(x):
    program = x.cc()

    def use(port):
        if not talk(port, b"hello", b"hello") or not talk(port, b"again", b"again"):
            raise Failed("no echo")
    ended, output = with_listener(x, [program, "15"], 15, use)
    if ended is not None:
        raise Failed(f"the server ended: {ended} {output}")
    # It may accept on the descriptor that it was given, and on no other.
    ended, output = with_listener(x, [program, "14"], 15, lambda port: time.sleep(0.5))
    if "killed by the policy" not in output:
        raise Failed(f"accepting on another descriptor was not refused: {output}")
    x.refused += 1
    x.refuses("a socket", PYTHON, "-c", "import socket; socket.socket()", says="")
    x.refuses("a descriptor of -1", program, options=["-D", "listen_fd=-1"], says="does not hold")
    x.refuses("the same, written otherwise", program, options=["-D", "listen_fd=4294967295"], says="does not hold")


def static_server(x):
    program = x.cc()
    (x.scratch / "page").write_text("page\n", encoding="utf-8")

    def use(port):
        if not talk(port, b"GET /page HTTP/1.0\r\n\r\n", b"page"):
            raise Failed("the page was not served")
        if not talk(port, b"GET /try-to-write HTTP/1.0\r\n\r\n", b"404") or (x.scratch / "try-to-write").exists():
            raise Failed("a file was created")
        x.refused += 1
    ended, output = with_listener(x, [program, "15"], 15, use)
    if ended is not None:
        raise Failed(f"the server ended: {ended} {output}")
    x.refuses("a socket", PYTHON, "-c", "import socket; socket.socket()", says="")
    x.refuses("a child", "/bin/sh", "-c", "/bin/true; true")


def media_parser(x):
    program, filter_ = x.cc(), x.compile("media_parser")
    (x.scratch / "a.ppm").write_bytes(b"P6 64 64 255\n" + bytes(range(256)) * 48)
    plain = lambda *act: subprocess.run([program, filter_, x.scratch / "a.ppm", *act], capture_output=True, text=True, timeout=20, check=False)
    done = plain()
    if done.returncode != 0 or "64x64, mean 127" not in done.stdout:
        raise Failed(f"{done.returncode} {done.stdout}{done.stderr}")
    for act in ("open", "socket", "exec"):
        if plain(act).returncode != -signal.SIGSYS:
            raise Failed(f"{act} was not refused")
        x.refused += 1


def worker_pool(x):
    program, filters = x.cc(), [x.compile(name) for name in ("main_thread", "decoder", "logger")]
    plain = lambda *act: subprocess.run([program, *filters, *act], capture_output=True, text=True, timeout=20, check=False).stdout
    if plain() != "decoder: read 4 bytes\nlogger: wrote\n":
        raise Failed(plain())
    for act, says in (("open", "decoder: open refused"), ("socket", "logger: socket refused"), ("exec", "main: exec refused")):
        if says not in plain(act):
            raise Failed(f"{act} was not refused: {plain(act)}")
        x.refused += 1


def supervisor(x):
    program, filter_ = x.cc(), x.compile("supervised")
    (x.scratch / "place").mkdir()
    (x.scratch / "place/inside").write_text("inside\n", encoding="utf-8")
    (x.scratch / "outside").write_text("outside\n", encoding="utf-8")
    (x.scratch / "place/link").symlink_to("../outside")
    places = [place for place in ("/usr", "/lib", "/lib64", "/etc/ld.so.cache") if pathlib.Path(place).exists()] + ["place"]
    plain = lambda *command: subprocess.run([program, filter_, *places, "--", *command], cwd=x.scratch, capture_output=True, text=True, timeout=20,
                                            check=False)
    for path in ("place/inside", x.scratch / "place/inside"):
        done = plain("/bin/cat", path)
        if done.returncode != 0 or done.stdout != "inside\n":
            raise Failed(f"{path}: {done.returncode} {done.stdout}{done.stderr}")
    done = plain(PYTHON, "-I", "-c", "import os; d = os.open('place', os.O_RDONLY); print(os.read(os.open('inside', os.O_RDONLY, dir_fd=d), 9))")
    if "inside" not in done.stdout:
        raise Failed(f"relative to a folder: {done.stdout}{done.stderr}")
    # A link that leads out, a name that leads out, a device.
    for path in ("place/link", "place/../outside", "/dev/zero"):
        done = plain("/bin/cat", path)
        if done.returncode == 0 or "Permission denied" not in done.stderr:
            raise Failed(f"{path} was not refused: {done.returncode} {done.stdout[:99]}{done.stderr}")
        x.refused += 1
    if plain("/no/such/command").returncode != 125 or plain("/bin/sh", "-c", "exit 7").returncode != 7:
        raise Failed("the exit code is not the command's")


def hardened(x):
    x.works(PYTHON, "-c", "import subprocess, tempfile; f = tempfile.TemporaryFile(); f.write(b'x'); "
            "print(subprocess.run(['echo', 'as usual'], capture_output=True, text=True).stdout)", says="as usual")
    x.works("git", "init", "-q", "repo")
    x.refuses("a namespace", "unshare", "-U", "true", says="Operation not permitted")
    x.refuses("ptrace", "strace", "true", says="Operation not permitted")
    x.refuses("writable code", PYTHON, "-c", "import mmap; mmap.mmap(-1, 4096, prot=7)", says="Operation not permitted")


def main(examples):
    """Runs what the command line names, out of `examples`: name -> function that takes an Example."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("names", nargs="+")
    arguments = parser.parse_args()
    # As most systems start programs: below the hard limit. Go, Node.js, nginx and others raise it, and must be allowed to.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024 if hard == resource.RLIM_INFINITY else min(1024, hard), hard))
    failed = 0
    for name in arguments.names:
        scratch = pathlib.Path(tempfile.mkdtemp(prefix="sbpc-example-"))
        example = Example(arguments, name, scratch)
        try:
            examples[name](example)
            print(f"{name}: works, {example.refused} acts refused", flush=True)
        except (Failed, subprocess.SubprocessError, OSError) as problem:
            failed += 1
            print(f"{name}: FAILED: {problem} {getattr(problem, 'stderr', '') or ''}", flush=True)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(globals()))
