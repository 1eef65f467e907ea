"""Holds what `sbpc import` makes of Docker's profile against std.docker, by `sbpc prove --equal`, for many choices of capabilities.

    docker_import.py --sbpc SBPC PROFILE.json
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

POLICY = """import std.docker;

param caps: {capability} = {};

policy mine on x86_64, i386, x32 {
  default errno(EPERM);
  foreign kill_thread;
  foreign errno(EPERM) for legacy;

  use docker.profile(caps: caps);
}
"""
DEFAULT = ("CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE").split()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("profile")
    options = parser.parse_args()
    rules = json.loads(pathlib.Path(options.profile).read_text(encoding="utf-8"))["syscalls"]
    asked = sorted({cap for rule in rules for key in ("includes", "excludes") for cap in (rule.get(key) or {}).get("caps") or []})
    choices = [[], asked, [f"CAP_{name}" for name in DEFAULT]] + [[cap] for cap in asked]
    with tempfile.TemporaryDirectory() as folder:
        imported, mine = pathlib.Path(folder) / "imported.sb", pathlib.Path(folder) / "mine.sb"
        mine.write_text(POLICY, encoding="utf-8")
        subprocess.run([options.sbpc, "import", "--no-prove", "--arch", "x86_64,i386,x32", options.profile, "-o", imported], check=True, stdout=subprocess.DEVNULL)
        for caps in choices:
            done = subprocess.run([options.sbpc, "prove", "--equal", "-D", f"caps={{ {', '.join(caps)} }}", imported, mine], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                sys.exit(f"{caps}: {done.stdout}{done.stderr}")
    print(f"{len(choices)} choices of capabilities: equal")


if __name__ == "__main__":
    main()
