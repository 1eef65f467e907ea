"""Holds sbpc's rows of bench/peers/results.tsv against the compiler as it is: check_peers.py SBPC.

Sizes and executed instructions may fall; where one rises by more than a quarter the results are out of date, or the compiler got worse: `./dev bench
--peers` makes them anew, run.py --own only sbpc's rows. No answer may differ from the rules, and what the kernel's cache answers must be what it was. Needs
none of the peers.
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench/peers")]
import bpf  # noqa: E402
import run as peers  # noqa: E402

ALLOWANCE = 1.25  # of one profile: a compiler that weighs calls otherwise trades one for another


def main():
    sbpc = sys.argv[1]
    lines = (ROOT / "bench/peers/results.tsv").read_text(encoding="utf-8").splitlines()
    numbers, checked, worse = peers.call_numbers(), 0, []
    for line in lines[1:]:
        kept = dict(zip(peers.COLUMNS, line.split("\t")))
        if not kept["builder"].startswith("sbpc"):
            continue
        options = peers.SBPC_ROWS[kept["builder"]]
        done = subprocess.run([sbpc, *options, str(peers.POLICIES[kept["policy"]]), "-o", "-"], capture_output=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr.decode())
        rules = peers.Rules(peers.HERE / f"rules/{kept['policy']}.rules")
        program = bpf.read(done.stdout)
        count, witness, _ = peers.differences(rules, program)
        if count:
            worse.append(f"{kept['policy']}, {kept['builder']}: {count} answers differ: {witness}")
        means, worst, cached, uncached = peers.measure(rules, numbers, program)
        now = {"insns": len(program), "worst": worst, "uncached": uncached, **{f"mean_{name}": value for name, value in means.items()}}
        for name, value in now.items():
            checked += 1
            if value > float(kept[name]) * ALLOWANCE + 0.01:
                worse.append(f"{kept['policy']}, {kept['builder']}: {name} is {value:.2f}, {kept[name]} in the results")
        if cached != kept["cached"]:
            worse.append(f"{kept['policy']}, {kept['builder']}: cached {cached}, {kept['cached']} in the results")
    print("\n".join(worse) or f"{checked} numbers, none of them better than now")
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
