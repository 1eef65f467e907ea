#!/usr/bin/env python3
"""Ordinary commands under the policies of examples/ that a user would write for them; as run.py, which has the machinery.

    commands.py --sbpc BINARY --build DIR NAME...      NAME is a function below: command, read_only, make, perl, rsync, ssh
"""
import getpass
import os
import shutil
import subprocess
import sys

import run
from run import Failed


READERS = ("ls -la /etc", "cat /etc/passwd", "wc /etc/passwd", "grep -c root /etc/passwd", "sort /etc/passwd", "find /etc/apt", "du -s /etc/apt", "id",
           "stat /etc/passwd", "date", "uname -a", "od -c /etc/hostname", "md5sum /etc/passwd", "df /", "readlink -f /etc", "tail -1 /etc/passwd",
           "sleep 0.1", "cat -A /etc/passwd", "shuf /etc/passwd", "id root", "lscpu", "free", "uptime", "lsblk", "dpkg -l dpkg", "ps", "ps aux",
           "awk -F: {print} /etc/passwd", "sed -n 1p /etc/passwd", "seq 9", "whoami")


def command(x):
    """What reads and prints, under runtime.command alone."""
    x.policy = run.ROOT / "test/examples/inputs/command.sb"
    subprocess.run("xz <{0} >p.xz; tar cf p.tar {0}; echo {0} | cpio -o >p.cpio".format("/etc/passwd"), shell=True, cwd=x.scratch, check=True, capture_output=True)
    for line in (*READERS, "dd if=/etc/passwd count=1", "xz -dc p.xz", "tar tf p.tar", "cpio -t --quiet -I p.cpio", "mount"):
        x.works(*line.split())
    x.says("root:", "tail", "-n", "+1", "-f", "/etc/passwd")
    x.on_terminal("ls", "--color=auto", "/etc")
    x.refuses("writing a file", "cp", "/etc/passwd", "x", says="Permission denied")
    x.refuses("a child", "sh", "-c", "true; /bin/true; true")
    x.refuses("removing a file", "rm", "-f", x.policy)


def read_only(x):
    """The same under the policy that has no need of the library."""
    x.policy = run.ROOT / "examples/read-only.sb"
    for line in READERS:
        x.works(*line.split())
    x.says("root:", "tail", "-n", "+1", "-f", "/etc/passwd")
    for line in ("ls --color=auto -l /etc", "grep --color=auto root /etc/passwd"):
        x.on_terminal(*line.split())
    x.refuses("writing a file", "cp", "/etc/passwd", "x")
    x.refuses("a child", "sh", "-c", "true; /bin/true; true")
    x.refuses("a socket", run.PYTHON, "-I", "-c", "import socket; socket.socket()", says="")


def make(x):
    (x.scratch / "a.c").write_text("#include <stdio.h>\nint main(void) { return puts(\"made\") < 0; }\n", encoding="utf-8")
    (x.scratch / "Makefile").write_text("all: a b c\na: a.c\n\tgcc -O1 a.c -o a && ./a\nb:\n\techo text | sort >b\n"
                                        "c:\n\tcp a.c d; install -m 644 a.c e; sed -i s/main/main/ d; mv d e; timeout 2 nice true; mkfifo p; ls -la\n", encoding="utf-8")
    x.works("make", "-j2", says="made")
    x.on_terminal("make", "-B", "a", says="made")
    (x.scratch / "slow").mkdir()
    (x.scratch / "slow/Makefile").write_text("SHELL = /bin/bash\nhalf:\n\techo half >half; sleep 20; echo >>half\n", encoding="utf-8")
    x.stops("make", "-C", "slow", ready=(x.scratch / "slow/half").exists)
    if (x.scratch / "slow/half").exists():
        raise Failed("half a file stays")
    (x.scratch / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.0)\nproject(a C)\nadd_executable(made a.c)\n", encoding="utf-8")
    if shutil.which("cmake"):
        x.works("cmake", "-S", ".", "-B", "below")
        x.works("cmake", "--build", "below", says="made")
    if (x.scratch / "b").read_text(encoding="utf-8") != "text\n":
        raise Failed("no file was made")
    x.refuses_acts("socket", "ptrace", "mount")


def perl(x):
    x.works("perl", "-e", "use POSIX; use List::Util qw(sum); open(my $f, '<', '/etc/passwd') or die; my @l = <$f>; print scalar(@l) > 1 ? 'lines ' : '', "
            "sum(1..9), strftime(' %Y', gmtime), ' ', (getpwuid(0))[0], qq(\\n)", says="lines 45")
    x.works("perl", "-MFile::Find", "-e", "find(sub { print qq($_\\n) }, '/etc/apt')", says="apt")
    x.works("perl", "-e", "select(undef, undef, undef, 0.01); open(my $o, '>&', STDOUT) or die; $0 = 'name'; umask 022; alarm 9; open(my $f, '<', '/etc/passwd');"
            "flock($f, 2) or die; mkdir('d') and die; kill(0, $$) or die; kill('TERM', 1) and die; print $o 'to the end'", says="to the end")
    x.refuses("writing a file", "perl", "-e", "open(my $f, '>', 'x') or die $!", says="Permission denied")
    x.refuses("a child", "perl", "-e", "system('true')")
    (x.scratch / "there").touch()
    x.refuses("removing a file", "perl", "-e", "unlink('there') or die $!", says="Permission denied")


def rsync(x):
    (x.scratch / "from/below").mkdir(parents=True)
    (x.scratch / "from/below/file").write_text("text\n" * 1000, encoding="utf-8")
    for again in range(2):
        x.works("rsync", "-rlt", "--delete", "from/", "to/")
        if (x.scratch / "to/below/file").read_text(encoding="utf-8") != "text\n" * 1000 + "more\n" * again:
            raise Failed("the copy differs")
        with open(x.scratch / "from/below/file", "a", encoding="utf-8") as file:
            file.write("more\n")
    (x.scratch / "odd").mkdir()
    os.mkfifo(x.scratch / "odd/pipe")
    (x.scratch / "odd/set").mkdir()
    (x.scratch / "odd/set").chmod(0o2775)
    x.refuses("a pipe and the set-group-id bit", "rsync", "-a", "odd/", "odd2/", says="(code 23)")
    if not (x.scratch / "odd2/set").is_dir():
        raise Failed("rsync does not go on")
    x.refuses("the network", "rsync", "rsync://127.0.0.1:9/none", "to/", says="rsync error")
    x.refuses_acts("ptrace", "mount")


def ssh(x):
    port = run.free_port()
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", x.scratch / key], check=True)
    (x.scratch / "known").write_text(f"[127.0.0.1]:{port} " + (x.scratch / "host.pub").read_text(encoding="utf-8"), encoding="utf-8")
    options = {"ListenAddress": "127.0.0.1", "AuthorizedKeysFile": x.scratch / "user.pub", "StrictModes": "no", "UsePAM": "no", "PidFile": "none"}
    server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", x.scratch / "host", "-p", str(port), "-E", x.scratch / "log",
                               *(f"-o{name}={value}" for name, value in options.items())], stdin=subprocess.DEVNULL)
    try:
        run.wait_for(lambda: run.listens(port), server)
        x.works("ssh", "-F", "none", "-i", x.scratch / "user", "-p", port, "-o", f"UserKnownHostsFile={x.scratch}/known", "-o", "BatchMode=yes",
                f"{getpass.getuser()}@127.0.0.1", "echo over ssh", says="over ssh")
    finally:
        server.terminate()
        server.wait(20)
    x.refuses("a command of the configuration", "ssh", "-F", "none", "-o", "ProxyCommand=true", "127.0.0.1")
    x.refuses("listening", "ssh", "-F", "none", "-o", "ControlPath=c", "-o", "ControlMaster=yes", "-M", "-N", "-p", port, "127.0.0.1", says="")
    x.refuses_acts("ptrace")


if __name__ == "__main__":
    sys.exit(run.main(globals()))
