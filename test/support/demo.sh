#!/usr/bin/env bash
# demo.sh SBPC: compiles examples/read-only.sb, prints what it costs, and runs programs under it in this kernel. `./dev demo` calls it.
set -euo pipefail
sbpc=$1
policy=examples/read-only.sb
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

step() { printf '\n==> %s\n' "$*"; }
show() { printf '$ %s\n' "$*"; }

step "a real policy: reads files, prints, nothing else"
sed -n '/^policy /,/^}/p' $policy

step "compiled, proved to be what it says, and what it costs"
show "sbpc $policy -o read-only.bpf --report"
"$sbpc" $policy -o "$scratch/read-only.bpf" --report | head -n 22
echo "   ..."

step "is this kernel (or container) letting a process install a filter?"
status=0
# A kernel whose BPF memory is stuck never answers: the limit keeps the demo from waiting for it.
{ timeout --kill-after=1 20 "$sbpc" run $policy -- true >/dev/null 2>"$scratch/refused"; } 2>/dev/null || status=$?
if [ $status = 125 ] || [ $status = 124 ] || [ $status = 137 ]; then
  cat "$scratch/refused"
  [ $status = 125 ] || echo "the kernel does not answer"
  echo "No: filters are refused here, as in some containers. Asking the program itself instead of the kernel:"
  for call in 'openat(AT_FDCWD, 0, O_RDONLY)' 'openat(AT_FDCWD, 0, O_WRONLY|O_CREAT)'; do
    show "sbpc emu read-only.bpf '$call'"
    "$sbpc" emu "$scratch/read-only.bpf" "$call"
  done
  exit 0
fi
echo "yes"

step "allowed: reading a file"
show "sbpc run $policy -- cat /etc/debian_version"
"$sbpc" run $policy -- cat /etc/debian_version

step "denied: creating one"
show "sbpc run $policy -- touch $scratch/new"
status=0
"$sbpc" run $policy -- touch "$scratch/new" || status=$?
echo "exit code $status (159 = 128 + SIGSYS)"
[ $status = 159 ] && [ ! -e "$scratch/new" ] || { echo "demo: the call was not denied" >&2; exit 1; }

step "the same language at full size: Docker's default profile"
show "sbpc examples/docker-default.sb -o docker.bpf --timing"
"$sbpc" examples/docker-default.sb -o "$scratch/docker.bpf" --timing
printf '%d calls of the profile are %d instructions\n' 306 $(($(wc -c <"$scratch/docker.bpf") / 8))
