import sys

from client import Client

SBPC, FOLDER = sys.argv[1:]
POLICY = """import std.io;
const FLAGS = O_RDONLY | O_CLOEXEC;
param log_fd: fd = 2;
group reading = { read, pread64 };

/// Talks to one peer.
rules talk(peer: fd, answer: action = errno(EPERM)) {
  allow write(fd == peer);
  allow @reading;
  answer connect;
}

policy p on x86_64, i386 {
  kernel 6.12;
  default kill_process;
  use talk(peer: log_fd);
  use io.stdio;
  allow openat(flags only FLAGS | O_LARGEFILE) else errno(EACCES);
  allow exit_group;
}
"""

with Client(SBPC, FOLDER) as server:
    server.start({"workspace": {"codeLens": {"refreshSupport": True}}})
    document = server.open("p.sb", POLICY.replace("  use io.stdio;\n", ""))
    assert not [d for d in server.diagnostics(document) if d["severity"] == 1], server.diagnostics(document)
    server.until(lambda: any(m["method"] == "workspace/codeLens/refresh" for m in server.messages))

    def has(marked, *wanted):
        text = server.hover(document, marked)
        assert text, marked
        for each in wanted:
            assert each in text, (each, text)

    # A call: its signature, numbers, age, who makes it, what does the same, and what the policy answers at which cost.
    has("allow open|at(", "openat(dirfd: ", "flags: open_flags (i32)", "Linux 2.6", "x86_64 257", "i386 295", "glibc", "`openat2`",
        "`p` on x86_64: ", "allow", "errno(EACCES)", "instructions")
    has("allow exit_gr|oup", "exit_group(", "x86_64 231")
    # Constants, with the value of each ABI.
    has("O_LARGE|FILE", "32768 = 0x8000", "`open_flags`")
    has("const FL|AGS", "O_RDONLY | O_CLOEXEC", "524288 = 0x80000")
    has("only FL|AGS", "524288 = 0x80000")
    # Arguments, groups, rule sets, parameters, actions, types, ABIs.
    has("(fl|ags only", "flags: open_flags", "argument of `openat`", "slot $2", "O_CREAT")
    has("allow @read|ing", "2 calls: read, pread64")
    has("use ta|lk", "rules talk(peer: fd, answer: action = errno(EPERM))", "Talks to one peer.", "allow: write, read, pread64", "answer: connect")
    has("use talk(pe|er", "param peer: fd", "of `rules talk(")
    has("(fd == pe|er", "param peer: fd")
    has("peer: log|_fd", "param log_fd: fd = 2;", "2\n")
    has("default kill_pro|cess", "since Linux 4.14", "does not run")
    has("param log_fd: f|d", "type of arguments")
    FLAGS = "const SAFE: open_flags = O_CLOEXEC;\n"
    flags = server.open("flags.sb", FLAGS)
    shown = server.hover(flags, "open_fl|ags")
    assert "O_CREAT" in shown and "OPENAT2_REGULAR" not in shown, shown  # which has 33 bits
    has("on x86|_64", "64-bit", "arch 0xc000003e")
    has("import std.i|o", "std.io")
    assert server.hover(document, "rules| talk") is None
    # Values that differ, each with its ABIs.
    other = server.open("q.sb", "policy q on x86_64, aarch64 { default allow; errno(EPERM) openat(flags has O_DIRECTORY); }\n")
    text = server.hover(other, "O_DIREC|TORY")
    assert "65536 = 0x10000 on x86_64" in text and "16384 = 0x4000 on aarch64" in text, text
    # A mask is bits, not a number below zero.
    masked = server.open("m.sb", "policy m on x86_64 { default allow; errno(EPERM) futex(futex_op & FUTEX_CMD_MASK == FUTEX_WAIT); }\n")
    text = server.hover(masked, "FUTEX_CMD|_MASK")
    assert "- 0xfffffe7f" in text and "-385" not in text, text
    # While the text can't be compiled, what is known stays.
    server.replace(document, "default kill_process;", "default kill_process; allow (((")
    server.diagnostics(document)
    has("allow exit_gr|oup", "exit_group(", "`p` on x86_64: allow")
    # While it can't be read at all, what stands before the place where it differs, or behind it.
    server.set_text(document, POLICY)
    has("use ta|lk", "rules talk(")
    server.set_text(document, POLICY.replace("kernel 6.12;", "kernel 6.12;\0"))
    has("allow exit_gr|oup", "exit_group(")
    has("use ta|lk", "rules talk(")
    has("group read|ing", "2 calls")
    # An argument beside its command, and a group of one.
    server.set_text(document, "group one = { read };\npolicy p on x86_64 { allow fcntl(cmd == F_SETFD, arg == FD_CLOEXEC), @one; }\n")
    has("ar|g ==", "arg: fd_flags (u32)", "takes FD_CLOEXEC")
    has("@on|e;", "1 call: read")
    assert server.stop() == 0
