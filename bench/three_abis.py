#!/usr/bin/env python3
"""Docker's profile for the three ABIs of an x86_64 kernel, through sbpc and through libseccomp, in one run: three_abis.py SBPC [--runs N]

Both are whole processes, taken in turn; the least wall-clock and processor time of each counts. libseccomp's has the rules in a file that
is quicker to read than a policy, and proves nothing. Then sbpc's proof that libseccomp's filter and a policy differ, or don't, is timed the same way. Tab-separated.
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time

import inputs

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peers"))
import run as peers  # noqa: E402

RULES = peers.HERE / "rules/docker_default.rules"


def once(command, out):
    """(exit code, wall-clock and processor seconds) of a process whose output goes to the file `out`."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [(os.POSIX_SPAWN_OPEN, 1, str(out), flags, 0o600), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    _, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ, file_actions=actions), 0)
    return os.waitstatus_to_exitcode(status), time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def in_turn(commands, runs, scratch):
    """{name: [wall-clock and processor seconds]}, the least of each."""
    least = {name: [float("inf")] * 2 for name in commands}
    for _ in range(runs):
        for name, (command, codes) in commands.items():
            code, *seconds = once(command, scratch / name)
            if code not in codes:
                sys.exit(f"{name}: {' '.join(command)}: exit code {code}")
            least[name] = [min(pair) for pair in zip(least[name], seconds)]
    return least


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sbpc")
    parser.add_argument("--runs", type=int, default=100)
    arguments = parser.parse_args()
    sbpc = str(pathlib.Path(arguments.sbpc).resolve())
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        theirs = str(peers.build_libseccomp(scratch))
        policy = str(inputs.write(scratch, "docker-3-abis", inputs.GENERATED["docker-3-abis"]()))
        commands = {f"sbpc{level}": ([sbpc, level, policy, "-o", "-"], (0,)) for level in ("-O1", "-O2")}
        commands |= {f"libseccomp-{level}": ([theirs, str(RULES), level, "1", "x86", "x32"], (0,)) for level in "12"}
        least = in_turn(commands, arguments.runs, scratch)
        proofs = {f"prove-{name}": ([sbpc, "prove", "--equal", str(scratch / name), policy], (0, 1)) for name in commands if name != "sbpc-O1"}
        for name in proofs:
            (scratch / f"{name[6:]}.bpf").write_bytes((scratch / name[6:]).read_bytes())
            proofs[name][0][3] += ".bpf"
        sizes = {name: (scratch / name).stat().st_size // 8 for name in commands}
        least |= in_turn(proofs, arguments.runs, scratch)
        print("what\tinsns\tms\tcpu-ms")
        for name, seconds in least.items():
            print(f"{name}\t{sizes.get(name, '-')}\t" + "\t".join(f"{value * 1000:.2f}" for value in seconds))


if __name__ == "__main__":
    main()
