"""A real aarch64 kernel in QEMU: boots a folder as its root, from memory. `/init` is the first process; what it prints comes back."""
import pathlib
import re
import shutil
import subprocess

COMPILER = "aarch64-linux-gnu-gcc"
TOOLS = ("qemu-system-aarch64", COMPILER, "cpio")
HERE = pathlib.Path(__file__).resolve().parent


def missing():
    """Why it cannot be used here; empty if it can."""
    return next((f"{name} is not installed" for name in TOOLS if not shutil.which(name)), "")


def boot(root, kernel, initrd, seconds):
    image = subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root, capture_output=True, check=True).stdout
    initrd.write_bytes(image)
    command = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a57", "-m", "1024", "-nographic", "-no-reboot", "-net", "none", "-kernel", str(kernel), "-initrd",
               str(initrd), "-append", "console=ttyAMA0 quiet panic=-1"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace") + f"\nthe machine did not end within {seconds} s\n"
    return done.stdout.decode(errors="replace")


def run_all(commands, root, kernel, seconds=300):
    """Runs each command, a list of words, in the machine, one after the other: [(exit code, output)]. A signal is 128 more than its number."""
    for name in ("proc", "dev", "tmp", "sys"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "commands").write_text("".join(" ".join(command) + "\n" for command in commands), encoding="utf-8")
    subprocess.run([COMPILER, "-std=gnu11", "-O1", "-static", "-Wall", "-Wextra", "-Werror", "-o", root / "init", HERE / "aarch64_init.c"], check=True)
    said = boot(root, kernel, root.parent / "initrd", seconds).replace("\r", "")
    ended = re.findall(r"^\[begin (\d+)\]\n(.*?)^\[end \1: (\d+)\]$", said, re.MULTILINE | re.DOTALL)
    results = {int(number): (int(code), output) for number, output, code in ended}
    lost = (-1, f"the machine did not come so far; it said at last:\n{said[-1500:]}")
    return [results.get(number, lost) for number in range(len(commands))]
