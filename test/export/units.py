"""Units by chance, with settings that are filters of their own: imported, exported, imported again, and proved equal.

    units.py SBPC COUNT

A unit may be refused where its own filter is walked round by bits that the kernel ignores, not with --exact. The last line counts.
"""
import pathlib
import random
import subprocess
import sys
import tempfile

FAMILIES = ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_BLUETOOTH", "AF_VSOCK"]
NAMESPACES = ["cgroup", "ipc", "net", "mnt", "pid", "user", "uts", "time"]
YES = ["RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute", "ProtectClock", "ProtectKernelModules",
       "ProtectKernelLogs", "ProtectHostname", "DynamicUser", "PrivateDevices"]
FILTERS = ["SystemCallFilter=@system-service", "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources",
           "SystemCallFilter=~@mount ptrace:ENOSYS", "SystemCallFilter=~@clock\nSystemCallErrorNumber=EACCES", ""]
ARCHES = ["i386", "x86_64,i386,x32", "arm", "aarch64,arm", "s390x", "riscv64"]  # all that a machine runs: systemd filters each of them


def unit(chance):
    lines = ["[Service]", chance.choice(FILTERS), chance.choice(["SystemCallErrorNumber=EPERM", ""]), chance.choice(["SystemCallLog=openat", ""])]
    lines += [f"{name}=yes" for name in YES if chance.random() < 0.4]
    if chance.random() < 0.6:
        lines.append(f"RestrictAddressFamilies={chance.choice(['', '', '~'])}{' '.join(chance.sample(FAMILIES, chance.randint(1, 4)))}")
    if chance.random() < 0.6:
        lines.append(f"RestrictNamespaces={chance.choice(['yes', '~user', ' '.join(chance.sample(NAMESPACES, 3))])}")
    return "\n".join(line for line in lines if line) + "\n"


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=60)


def main():
    sbpc, count = sys.argv[1], int(sys.argv[2])
    equal, refused, wrong, written = 0, 0, [], set()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        first, policy, second, back = (folder / file for file in ("a.service", "a.sb", "b.service", "b.sb"))
        for seed in range(count):
            chance = random.Random(seed)
            first.write_text(unit(chance), encoding="utf-8")
            options = ["--arch", chance.choice(ARCHES)] + chance.choice([[], ["--exact"]])
            done = run(sbpc, "import", first, "-o", policy, *options)
            if done.returncode or "please report" in done.stderr:
                wrong.append((seed, first.read_text(encoding="utf-8"), done.stderr))
                continue
            done = run(sbpc, "export", policy, "--to", "systemd", "-o", second)
            if done.returncode:
                if "--exact" in options or "would walk round it" not in done.stderr:
                    wrong.append((seed, first.read_text(encoding="utf-8"), done.stderr))
                refused += 1
                continue
            written.update(line.partition("=")[0] for line in second.read_text(encoding="utf-8").splitlines()[1:])
            done = run(sbpc, "import", second, "-o", back, *options)
            proof = run(sbpc, "prove", "--equal", policy, back)
            if done.returncode or proof.returncode:
                wrong.append((seed, second.read_text(encoding="utf-8"), done.stderr + proof.stdout + proof.stderr))
            equal += 1
    for case in wrong:
        print("WRONG", *case, sep="\n")
    print(f"settings written: {', '.join(sorted(setting for setting in written if not setting.startswith('SystemCall')))}")
    print(f"{equal} proved equal, {refused} refused; {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
