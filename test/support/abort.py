"""Starts sbpc waiting for its standard input, sends it SIGABRT as a failed CHECK would, and prints what it said and its exit code."""
import signal
import subprocess
import sys
import time

process = subprocess.Popen([sys.argv[1], "-", "-o", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
for _ in range(500):  # until its handler is there: SigCgt of /proc/PID/status has bit 5 (SIGABRT is 6)
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
        caught = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt:"))
    if caught >> (signal.SIGABRT - 1) & 1:
        break
    time.sleep(0.01)
process.send_signal(signal.SIGABRT)
said, _ = process.communicate(timeout=30)
print(said.decode(), end="")
print(f"exit {process.returncode}")
