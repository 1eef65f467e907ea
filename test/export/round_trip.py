"""Exports policies to every format that is read back, imports what was written, and proves it equal to the policy, or finds the difference that was told.

    round_trip.py SBPC COUNT FILE...     the files' policies, and COUNT random ones

A refused export leaves no file, and each of its errors has a code; what its notes advise is then written into the policy, which must be of use: the
same error does not come again. With --lossy the file is there, and differs from the policy. Prints what happened; the last line counts.
"""
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import random_policy

FORMATS = {"oci": "json", "docker": "json", "seccompiler": "json", "minijail": "policy", "kafel": "policy", "systemd": "service"}
ONE_ABI = ("seccompiler", "minijail", "kafel", "systemd")
MACHINES = {"x86_64": ("x86_64", "i386", "x32"), "aarch64": ("aarch64", "arm")}
ADVICE = re.compile(r"`((?:foreign|newer) [^`]*;)` (?:says so|gives newer)")


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=120)


class Trip:
    def __init__(self, sbpc, folder):
        self.sbpc, self.folder = sbpc, folder
        self.equal = self.refused = self.lossy = self.unread = 0
        self.wrong = []

    def export(self, policy, form, out, *options):
        out.unlink(missing_ok=True)
        return run(self.sbpc, "export", "--error-format", "plain", policy, "--to", form, "-o", out, *options)

    def same(self, policy, out, form, options):
        """(what `prove` answers: 0 or 1 or, where that depends on the way, both; what was said)."""
        back = self.folder / "back.sb"
        back.unlink(missing_ok=True)
        target = options[options.index("--target") + 1] if "--target" in options else "x86_64"
        own = re.search(rf"^policy {options[1]} on ([^{{]*)", policy.read_text(encoding="utf-8"), re.M)[1].replace(",", " ").split()
        machine = ",".join(abi for abi in MACHINES[target] if abi in own)
        arch = ["--arch", machine if form == "systemd" else target] if form in ONE_ABI else []
        done = run(self.sbpc, "import", "--error-format", "plain", out, "--from", form, "-o", back, *arch)
        if "SB7016" in done.stderr:  # what is said of several ABIs at once can be too long to be described
            self.unread += 1
            return {0, 1}, done.stderr
        if done.returncode:
            return set(), done.stderr
        has_no_words = "but for" in done.stdout  # SB cannot say something of the file, which is compared as it is, too
        # --target would leave out the calls of other machines.
        name = options[:2] if self.families(policy) == 1 else options
        done = run(self.sbpc, "prove", "--error-format", "plain", "--equal", policy, back, *name)
        codes = {done.returncode}
        if name is options:  # what differs on another ABI of the policy's shows without --target
            codes.add(run(self.sbpc, "prove", "--error-format", "plain", "--equal", policy, back, *options[:2]).returncode)
        if has_no_words:
            codes.add(run(self.sbpc, "prove", "--error-format", "plain", "--equal", policy, out, *arch, *options[:2]).returncode)
        return codes, done.stdout + done.stderr

    @staticmethod
    def families(policy):
        abis = re.search(r"^policy \w+ on ([^{]*)\{", policy.read_text(encoding="utf-8"), re.M)
        own = abis[1].replace(",", " ").split() if abis else []
        return sum(any(abi in own for abi in machine) for machine in MACHINES.values())

    def fail(self, what, form, text):
        self.wrong.append(f"{what} to {form}: {text.strip()[:600]}")

    def one(self, what, policy, name, form, target):
        out = self.folder / f"{name}.{FORMATS[form]}"
        options = ["--policy", name] + (["--target", target] if target else [])
        done = self.export(policy, form, out, *options)
        if done.returncode == 0:
            codes, said = self.same(policy, out, form, options)
            if 0 not in codes or "SB7102" in done.stderr:
                return self.fail(what, form, f"written as equal, but: {said}")
            self.equal += 1
            return None
        if out.exists() or done.returncode != 1 or not re.search(r"SB71\d\d", done.stderr) or "please report" in done.stderr:
            return self.fail(what, form, f"exit code {done.returncode}: {done.stderr}")
        self.refused += 1
        if "SB7105" in done.stderr or "SB7103" in done.stderr:
            return None
        if not self.loose(what, policy, form, out, options):
            return None
        return self.advised(what, policy, form, out, options, done.stderr)

    def loose(self, what, policy, form, out, options):
        done = self.export(policy, form, out, "--lossy", *options)
        if done.returncode or "SB7102" not in done.stderr:
            self.fail(what, form, f"--lossy: exit code {done.returncode}: {done.stderr}")
            return False
        self.lossy += 1
        codes, said = self.same(policy, out, form, options)
        only_install = re.findall(r"SB7102\]: .*", done.stderr)
        if 1 not in codes and not all("install" in line for line in only_install):
            self.fail(what, form, f"--lossy told of differences that are none: {said}")
            return False
        return True

    def advised(self, what, policy, form, out, options, errors):
        advice = list(dict.fromkeys(ADVICE.findall(errors)))
        if not advice:
            return
        text = policy.read_text(encoding="utf-8")
        for statement in advice:
            head = "newer" if statement.startswith("newer") else "foreign"
            scope = statement.partition(" for ")[2].strip(";")
            own = re.compile(rf"^\s*{head} [^;]*{f' for {scope}' if scope else '(?<! for x32)(?<! for legacy)'};.*$", re.M)
            text = own.sub("", text)
            text = re.sub(rf"(policy {options[1]}\b[^{{]*\{{)", rf"\1\n{statement}\n", text, count=1)
        changed = policy.parent / "advised.sb"
        changed.write_text(text, encoding="utf-8")
        try:
            done = self.export(changed, form, out, *options)
            again = [statement for statement in advice if statement in ADVICE.findall(done.stderr)]
            if again or done.returncode not in (0, 1):
                self.fail(what, form, f"{again} did not help: {done.stderr}")
            elif done.returncode == 0:
                codes, said = self.same(changed, out, form, options)
                self.equal += 1
                if 0 not in codes:
                    self.fail(what, form, f"as advised, written as equal, but: {said}")
        finally:
            changed.unlink()


def main():
    sbpc, count, files = sys.argv[1], int(sys.argv[2]), [pathlib.Path(name) for name in sys.argv[3:]]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        trip = Trip(sbpc, folder)
        for path in files:
            text = path.read_text(encoding="utf-8")
            copy = folder / path.name
            copy.write_text(text, encoding="utf-8")
            for policy in re.findall(r"^policy (\w+)", text, re.M):
                for form in FORMATS:
                    trip.one(path.name, copy, policy, form, "x86_64")
        for seed in range(count):
            chance = random.Random(seed)
            abis = chance.choice(["x86_64", "x86_64, i386", "aarch64", "aarch64, arm", "x86_64, x32"])
            policy = folder / f"random{seed}.sb"
            policy.write_text(random_policy.text(chance, abis), encoding="utf-8")
            if "SB4016" in run(sbpc, "check", policy).stderr:  # on i386 some conditions on sockets are no policy
                continue
            for form in FORMATS:
                trip.one(policy.name, policy, "p", form, abis.split(",")[0])
        for line in trip.wrong:
            print("WRONG", line)
        print(f"{trip.equal} proved equal, {trip.refused} refused, {trip.lossy} with --lossy, {trip.unread} not imported; {len(trip.wrong)} wrong")
    return 1 if trip.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
