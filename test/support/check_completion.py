"""check_completion.py DIR: the scripts DIR/c.fish and DIR/c.zsh in fish and zsh, where those are installed."""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import time

# What is typed, and what must be among the answers.
FISH = {"sbpc ch": "check\t", "sbpc --em": "--emit\t", "sbpc --emit ir-": "ir-opt", "sbpc check --fi": "--fix\t", "sbpc p.sb -M": "-MD\t", "sbpc completion ": "zsh",
        "sbpc --color=al": "--color=always"}
ZSH = {"sbpc ch": "sbpc check", "sbpc --permis": "sbpc --permissive", "sbpc check --fi": "sbpc check --fix", "sbpc --color=al": "sbpc --color=always",
       "sbpc completion fi": "sbpc completion fish", "sbpc cost --basel": "sbpc cost --baseline"}
SECONDS = 20


def fish(folder):
    for typed, expected in FISH.items():
        done = subprocess.run(["fish", "--no-config", "-c", f"source c.fish; complete -C '{typed}'"], cwd=folder, capture_output=True, text=True, check=True,
                              env={**os.environ, "HOME": str(folder)})
        if expected not in done.stdout:
            sys.exit(f"fish: {typed!r} gives {done.stdout!r}, not {expected!r}")
    return len(FISH)


class Zsh:
    """zsh on a terminal, with nothing of the user's."""

    def __init__(self, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "HOME": str(folder), "PS1": "", "TERM": "dumb"})

    def until(self, word):
        seen, end = "", time.monotonic() + SECONDS
        while word not in seen.replace("\r", ""):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                sys.exit(f"zsh: no {word!r} in {seen!r}")
            seen += os.read(self.fd, 4096).decode(errors="replace")
        return seen

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def zsh(folder):
    subprocess.run(["zsh", "-n", "c.zsh"], cwd=folder, check=True)
    shell = Zsh(folder)
    try:
        # A widget that completes and shows the line as it then is: nothing depends on how a terminal would draw it.
        shell.type("unsetopt zle_bracketed_paste; autoload -Uz compinit && compinit -u -D && source ./c.zsh; setopt no_beep\n"
                   "show() { zle expand-or-complete; print -r -- \"<<$BUFFER>>\"; BUFFER=; }; zle -N show; bindkey '^T' show; print re''ady\n")
        shell.until("ready\n")
        for typed, expected in ZSH.items():
            shell.type(typed + "\x14")
            shell.until(f"<<{expected}")
    finally:
        shell.end()
    return len(ZSH)


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, check in (("fish", fish), ("zsh", zsh)):
        print(f"{name}: {check(folder)} right" if shutil.which(name) else f"{name}: not installed")


if __name__ == "__main__":
    main()
