"""The policies that bench.py compiles: files of this checkout, and generated ones. Generators are named and seeded: same name, same text.

Random numbers come from splitmix64 (Steele, Lea, Flood 2014), whose 10 lines are here so that no library's version matters.
"""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[1]


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        return z ^ z >> 31

    def distinct(self, count, bits, base=0):
        values = set()
        while len(values) < count:
            values.add(base + (self.next() >> (64 - bits)))
        return sorted(values)


def random_values(count, seed):
    """`count` values of a 32-bit word."""
    return SplitMix64(seed).distinct(count, 32)


def clustered_values(count, seed, clusters=20):
    """`count` values in clusters of 256 consecutive numbers, as the commands of `clusters` ioctl types are."""
    random = SplitMix64(seed)
    values = set()
    for base in random.distinct(clusters, 16):
        values.update((base << 16) + v for v in random.distinct(count // clusters, 8))
    return sorted(values)


def ioctl_policy(values):
    """One set of values of one argument."""
    listed = ", ".join(hex(v) for v in values)
    return f"policy p on x86_64 {{\n  kernel 6.12;\n  default errno(EPERM);\n  allow ioctl(request in {{ {listed} }});\n}}\n"


# 45 calls whose first argument is a descriptor: the table's first of them by name.
FD_CALLS = """accept accept4 bind close connect dup dup2 fadvise64 fallocate fchdir fchmod fchown fdatasync fgetxattr flistxattr flock
fremovexattr fsetxattr fstat fstatfs fsync ftruncate getdents getdents64 getpeername getsockname getsockopt ioctl listen lseek openat
pread64 preadv pwrite64 pwritev read readahead readv recvfrom recvmsg sendmsg sendto setsockopt shutdown write""".split()


def fd_values(total, seed):
    """{call: values}: for each of 45 calls 0..N with one value in ten left out at random, `total` values in all."""
    random = SplitMix64(seed)
    found = {}
    for i, call in enumerate(FD_CALLS):
        count = total // len(FD_CALLS) + (i < total % len(FD_CALLS))
        values = list(range(count + count // 9))
        while len(values) > count:
            values.pop(random.next() % len(values))
        found[call] = values
    return found


def sets_policy(total, seed=1):
    """`total` values in 45 sets, one for each call."""
    lines = [f"  allow {call}($0 in {{ {', '.join(map(str, values))} }});" for call, values in fd_values(total, seed).items()]
    return "policy p on x86_64 {\n  kernel 6.12;\n  default errno(EPERM);\n" + "\n".join(lines) + "\n}\n"


def statements_policy(total, seed=1):
    """The same meaning, one statement for each value."""
    lines = [f"  allow {call}($0 == {value});" for call, values in fd_values(total, seed).items() for value in values]
    return "policy p on x86_64 {\n  kernel 6.12;\n  default errno(EPERM);\n" + "\n".join(lines) + "\n}\n"


def docker():
    return (ROOT / "examples/docker-default.sb").read_text(encoding="utf-8")


def docker_three_abis():
    """The same rules for every ABI that a kernel of x86_64 runs."""
    text = docker().replace("policy docker_default on x86_64 {", "policy docker_default on x86_64, i386, x32 {")
    return text.replace("assert allow read", "// assert allow read")


GENERATED = {
    "docker-3-abis": docker_three_abis,
    "ioctl-64-random": lambda: ioctl_policy(random_values(64, 1)),
    "ioctl-1000-random": lambda: ioctl_policy(random_values(1000, 1)),
    "ioctl-1000-clustered": lambda: ioctl_policy(clustered_values(1000, 1)),
    "sets-20000": lambda: sets_policy(20000),
    "statements-20000": lambda: statements_policy(20000),
}
GROWTH = (100, 300, 1000, 3000, 10000, 20000)


def write(directory, name, text):
    path = pathlib.Path(directory) / f"{name}.sb"
    path.write_text(text, encoding="utf-8")
    return path
