#!/usr/bin/env bash
# bwrap.sh PROGRAM.bpf SCRATCH: runs ordinary programs and two forbidden acts in a sandbox that loads the program.
set -euo pipefail
program=$1 scratch=$2
rm -rf "$scratch" && mkdir -p "$scratch"

sandbox() { bwrap --ro-bind / / --dev /dev --proc /proc --bind "$scratch" /tmp --chdir /tmp --seccomp 9 "$@" 9<"$program"; }

sandbox sh -c 'for i in 1 2 3; do echo $i >file$i; done; set -- file*; rm file1; echo "shell: $# files" | cat'

sandbox python3 - <<'PYTHON'
import socket, subprocess, tempfile, threading
answers = []
thread = threading.Thread(target=lambda: answers.append(6 * 7))
thread.start(); thread.join()
child = subprocess.run(["echo", "hello"], capture_output=True, text=True, check=True).stdout.strip()
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
with tempfile.TemporaryFile() as file: file.write(b"x")
print(f"python3: {answers[0]} from a thread, child said {child}, {'connected' if client.getpeername() else ''}")
PYTHON

sandbox sh -c 'git init -q repo && cd repo && echo text >a && git add a &&
  git -c user.name=t -c user.email=t@example.org commit -q -m "first commit" && git log --format="git: %s" && git gc -q'

sandbox unshare -U true 2>/dev/null && echo "unshare: worked" || echo "unshare: refused"
sandbox python3 -c 'import socket; socket.socket(40, socket.SOCK_STREAM)' 2>/dev/null && echo "vsock: worked" || echo "vsock: refused"
