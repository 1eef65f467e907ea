"""unreadable.py SBPC POLICY: compiles a copy of the policy that nobody may read, as an ordinary user (root may read everything).

Prints what sbpc said, its exit code, and what it left in the directory.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

NOBODY = 65534

with tempfile.TemporaryDirectory(prefix="sbpc-unreadable-", dir="/tmp") as name:
    folder = pathlib.Path(name)
    folder.chmod(0o755)
    binary, policy, out = folder / "sbpc", folder / "policy.sb", folder / "out"
    shutil.copy2(sys.argv[1], binary)  # the build may lie where only its owner can go
    shutil.copy(sys.argv[2], policy)
    out.mkdir()
    out.chmod(0o777)
    policy.chmod(0)
    drop = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run([binary, policy, "-o", out / "policy.bpf", "--error-format=plain"], capture_output=True, text=True, check=False, **drop)
    print(done.stdout + done.stderr, end="")
    print(f"exit {done.returncode}")
    print(f"left {sorted(os.listdir(out))}")
