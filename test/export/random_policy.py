"""Policies by chance, for the tests of export: text(random.Random) is one that compiles."""
CONDITIONS = {
    "socket": ["domain == AF_UNIX", "domain in { AF_INET, AF_INET6 }", "type & 0xf == SOCK_STREAM", "protocol != 0", "domain != AF_PACKET"],
    "fcntl": ["fd <= 2", "cmd == F_GETFD", "cmd in { F_SETFD, F_GETFL }", "cmd != F_SETOWN", "fd == 3"],
    "kill": ["pid == 0", "sig in 1..15", "sig != 9", "pid > 0"],
    "openat": ["dirfd == AT_FDCWD", "flags lacks O_CREAT", "flags & O_ACCMODE == O_RDONLY", "flags has O_CLOEXEC"],
    "ioctl": ["cmd in { TCGETS, FIONREAD }", "cmd != TIOCSTI", "fd < 10"],
    "prctl": ["option == PR_SET_NAME", "option in { PR_GET_NAME, PR_GET_DUMPABLE }"],
    "ftruncate": ["fd == 4", "length <= 0x10000", "length in 16..4711", "length < 0"],
    "read": ["fd in 3..8", "count <= 65536", "fd == 0"],
    "setpriority": ["which == PRIO_PROCESS", "who == 0", "niceval >= 0"],
}
PLAIN = ["write", "close", "exit_group", "getpid", "clock_gettime", "futex", "brk", "munmap", "rt_sigreturn", "epoll_pwait", "ptrace", "mount"]
DENIALS = ["errno(EPERM)", "kill_thread", "kill_process", "errno(ENOSYS)", "trap"]


def condition(chance, call):
    """One or two comparisons of different arguments, or two that may meet."""
    first, second = chance.sample(CONDITIONS[call], 2)
    if chance.random() < 0.3:
        return first
    return f"{first}, {second}" if first.split()[0] != second.split()[0] else f"{first} || {second}"


def statement(chance, call, otherwise):
    action = chance.choice(["allow"] * 4 + ["log"] if otherwise != "allow" else ["errno(EACCES)", "kill_process"])
    text = f"{action} {call}({condition(chance, call)})"
    if otherwise != "allow" and chance.random() < 0.3:
        text += f" else {chance.choice(['errno(EACCES)', 'kill_process', 'trap'])}"
    return text + ";"


def text(chance, abis="x86_64", otherwise=None, foreign=None):
    otherwise = otherwise or chance.choice(DENIALS + ["allow"])
    lines = [f"default {otherwise};", f"foreign {foreign or chance.choice(DENIALS)};"]
    if chance.random() < 0.5:
        lines.append(f"foreign {otherwise} for legacy;") if "x86_64" in abis else None
    plain = chance.sample(PLAIN, chance.randint(1, len(PLAIN)))
    half = len(plain) // 2 + 1
    lines.append(f"{'allow' if otherwise != 'allow' else 'errno(EPERM)'} {{ {', '.join(plain[:half])} }};")
    lines += [f"{chance.choice(['errno(ENOSYS)', 'log', 'kill_process'])} {call};" for call in plain[half:][:2]]
    lines += [statement(chance, call, otherwise) for call in chance.sample(sorted(CONDITIONS), chance.randint(0, 5))]
    return f"policy p on {abis} {{\n  " + "\n  ".join(lines) + "\n}\n"
