"""Runs events through bench/bpf.py and `sbpc emu`: same_run.py SBPC FILTER."""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "bench"))
import bpf  # noqa: E402

sbpc, path = sys.argv[1:]
program = bpf.read(pathlib.Path(path).read_bytes())
count = 0
for number in (0, 1, 2, 41, 135, 231, 512, 600, 0x40000001):
    for args in ((), (1,), (2,), (3,), (1, 1), (1, 0x80001), (1 << 32, 1)):
        word, executed = bpf.run(program, bpf.event(number, args))
        cached = bpf.is_cached(program, number)
        command = [sbpc, "emu", path, "--target", "x86_64", "--nr", str(number), "--args", ",".join(str(value) for value in args) or "0"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        returned, after = re.search(r"returns 0x([0-9a-f]{8}) after (\d+) instructions", said).groups()
        assert (int(returned, 16), int(after)) == (word, executed), f"{number} {args}: {said}"
        assert ("from its cache" in said) == cached, f"{number}: {said}"
        count += 1
print(f"{count} events, the same answers and counts")
