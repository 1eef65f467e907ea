"""Whether crun and runc run a container under a profile that was exported, and whether the profile does there what it says.

    runtimes.py RUNTIME PROFILE.json     `mkdir` must be denied with ENOSYS, everything else must work

Prints `SKIPPED: why` where the runtime cannot start any container here. The container holds one static program.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import uuid

PROGRAM = '''
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
int main(void) {
  int rc = mkdir("/made", 0700);
  puts(rc == 0 ? "made" : errno == ENOSYS ? "ENOSYS" : "another error");
  return 0;
}
'''
OPTIONS = {"crun": ["--cgroup-manager=disabled"], "runc": []}  # of the machine's cgroups crun asks more than containers here have


def config(profile, annotations):
    return {
        "ociVersion": "1.0.2",
        "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "args": ["/program"], "cwd": "/", "env": ["PATH=/"],
                    "noNewPrivileges": True},
        "root": {"path": "rootfs"},
        "annotations": annotations,
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
        "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"}], "seccomp": profile} if profile else
                 {"namespaces": [{"type": "mount"}, {"type": "pid"}]},
    }


def start(runtime, profile, annotations=None):
    with tempfile.TemporaryDirectory() as name:
        bundle = pathlib.Path(name)
        (bundle / "rootfs/proc").mkdir(parents=True)
        source = bundle / "program.c"
        source.write_text(PROGRAM, encoding="utf-8")
        subprocess.run(["cc", "-static", "-o", str(bundle / "rootfs/program"), str(source)], check=True)
        (bundle / "config.json").write_text(json.dumps(config(profile, annotations or {})), encoding="utf-8")
        command = [runtime, *OPTIONS[runtime], "--root", str(bundle / "state"), "run", "--bundle", str(bundle), f"sbpc-{uuid.uuid4().hex[:12]}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        except subprocess.TimeoutExpired:
            return 1, "", "it does not come back"
    return done.returncode, done.stdout, done.stderr


def main():
    runtime, path = sys.argv[1], pathlib.Path(sys.argv[2])
    code, _, errors = start(runtime, None)
    if code != 0:
        print(f"SKIPPED: {runtime} starts no container here: {errors.strip().splitlines()[-1] if errors.strip() else code}")
        return 0
    if path.suffix == ".crun":
        key, _, value = path.read_text(encoding="utf-8").strip().partition("=")
        code, said, errors = start(runtime, None, {key: value})
    else:
        code, said, errors = start(runtime, json.loads(path.read_text(encoding="utf-8")))
    if code != 0 or said.strip() != "ENOSYS":
        print(f"WRONG: exit code {code}, {said.strip()!r}: {errors.strip()}")
        return 1
    print(f"{path.suffix}: runs, and mkdir is denied")
    return 0


if __name__ == "__main__":
    sys.exit(main())
