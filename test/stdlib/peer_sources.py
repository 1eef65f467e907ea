"""Reads the sources of other sandboxes, for peers.py: which calls they answer, and how. Facts only; nothing of those sources is kept.

    READERS[name](folder) -> {call: {answer: depends on arguments}};  program(folder, name, scratch) -> BPF for x86_64, or None

`SOME` as an answer says that arguments decide, by code that is not read further.
"""
import re
import subprocess

SOME = "some"
FILES = {"firejail": ["firejail/src/lib/syscall.c"], "flatpak": ["flatpak/common/flatpak-run.c"], "openssh": ["openssh/sandbox-seccomp-filter.c"],
         "qemu": ["qemu/system/qemu-seccomp.c"],
         "chromium": ["chromium/sandbox/linux/seccomp-bpf-helpers/syscall_sets.cc", "chromium/sandbox/linux/seccomp-bpf-helpers/baseline_policy.cc",
                      "chromium/sandbox/policy/linux/bpf_base_policy_linux.cc", "chromium/sandbox/policy/linux/bpf_renderer_policy_linux.cc"]}


def there(folder, name):
    return all((folder / path).exists() for path in FILES[name])


def text_of(folder, name, which=0):
    return (folder / FILES[name][which]).read_text(encoding="utf-8")


def add(found, call, answer, conditional):
    """A second statement about a call does not take an unconditional one back."""
    answers = found.setdefault(call, {})
    answers[answer] = answers.get(answer, True) and conditional


def firejail(folder):
    text = text_of(folder, "firejail")
    groups = {}
    for group in re.finditer(r'\.name = "(@[\w-]+)"(.*?)\n\t\}', text[text.index("sysgroups[]"):], re.DOTALL):
        groups[group[1]] = re.findall(r'^\s*"([@\w-]+),?"', group[2][group[2].index(".list"):], re.MULTILINE)

    def expand(name):
        return {call for member in groups[name] for call in (expand(member) if member[0] == "@" else {member})}
    return {call: {"errno(EPERM)": False} for call in expand("@default-nodebuggers") if not call.startswith(("osf_", "__dummy"))}


def flatpak(folder):
    text, found = text_of(folder, "flatpak"), {}
    text = text[text.index("} syscall_blocklist[]"):text.index("seccomp_export_bpf")]
    for call, errno, condition in re.findall(r"\{SCMP_SYS \((\w+)\), (E\w+)(, &)?", text):
        add(found, call, f"errno({errno})", bool(condition))
    for call in re.findall(r"int scall = SCMP_SYS \((\w+)\)", text):
        add(found, call, "errno(EPERM)", False)
    add(found, "socket", "errno(EAFNOSUPPORT)", True)
    return found


def openssh(folder):
    text, found = text_of(folder, "openssh"), {}
    text = text[text.index("preauth_insns[] = {"):]
    for macro, call, rest in re.findall(r"\b(SC_\w+)\((?:__NR_)?(\w+)([^)]*)\)", text):
        if macro == "SC_DENY":
            add(found, call, f"errno({rest.strip(', ')})", False)
        elif macro == "SC_MMAP":
            add(found, call, "errno(EINVAL)", True)
            add(found, call, "allow", True)
        elif macro == "SC_ALLOW_SETSOCKOPT":
            add(found, "setsockopt", "allow", True)
        else:
            add(found, call, "allow", macro != "SC_ALLOW")
    for call, answers in found.items():
        if answers.get("allow") and "errno(EINVAL)" in answers or call == "socketcall":  # the denial is of what the conditions leave
            answers.update({answer: True for answer in answers})
    found.pop("ioctl", None)
    return found


def qemu(folder):
    text, found = text_of(folder, "qemu"), {}
    text = text[text.index("denylist[] = {"):]
    for call, rest in re.findall(r"\{ SCMP_SYS\((\w+)\),\s*QEMU_SECCOMP_SET_\w+(.*?)\}", text, re.DOTALL):
        errno = re.search(r"SCMP_ACT_ERRNO\((\w+)\)", rest)
        add(found, call, f"errno({errno[1]})" if errno else "kill_process", "ARRAY_SIZE" in rest)
    return found


def chromium(folder):
    sets = {}
    for name, body in re.findall(r"bool SyscallSets::(\w+)\(int sysno\) \{(.*?)\n\}", preprocessed(text_of(folder, "chromium", 0)), re.DOTALL):
        sets[name] = set(re.findall(r"case __NR_(\w+):", body.split("return true", 1)[0])) if "return true" in body else set()
        sets[name] |= {call for other in re.findall(r"\b(Is\w+)\(sysno\)", body) for call in sets.get(other, ())}
    baseline = preprocessed(text_of(folder, "chromium", 1))
    allowed = re.search(r"bool IsBaselinePolicyAllowed\(int sysno\) \{(.*?)\n\}", baseline, re.DOTALL)[1]
    sets["IsBaselinePolicyAllowed"] = {call for name in re.findall(r"SyscallSets::(\w+)", allowed) for call in sets[name]}
    found = {}
    for labels, result in re.findall(r"((?:case __NR_\w+:\s*)+)return (\w+\([^;]*);", preprocessed(text_of(folder, "chromium", 3))):
        first(found, re.findall(r"__NR_(\w+)", labels), result)
    body = preprocessed(text_of(folder, "chromium", 2)) + baseline[baseline.index("EvaluateSyscallImpl("):]
    for condition, result in re.findall(r"if \(((?:SyscallSets::|IsBaselinePolicyAllowed|sysno|system_call_number).*?)\)\s*\{?\s*(?:const [^;]*;\s*)*"
                                        r"return (\w+\(.*?);", body, re.DOTALL):
        calls = re.findall(r"__NR_(\w+)", condition)
        calls += [call for name in re.findall(r"\b(Is\w+)\(sysno", condition) for call in sets.get(name, ())]
        first(found, calls, result)
    return {call: answers for call, answers in found.items() if answers and call != "fstatat_default"}


def first(found, calls, result):
    """In code the first answer counts. A crash is the policy's default."""
    for call in calls:
        if call not in found:
            errno = re.fullmatch(r"Error\((\w+)\)", result.strip())
            answer = "allow" if result.startswith("Allow()") else f"errno({errno[1].replace('fs_denied_errno', 'EPERM')})" if errno else SOME
            found[call] = {} if result.startswith("Crash") else {answer: answer == SOME}


def preprocessed(text):
    """What is left of C++ for Linux on x86_64; numbers of system calls keep their names."""
    names = {f"-D{name}={name}" for name in re.findall(r"__NR_\w+", text)}
    text = re.sub(r"^#\s*include.*$", "", text, flags=re.MULTILINE)
    return subprocess.run(["gcc", "-E", "-P", "-x", "c++", "-DBUILDFLAG(flag)=0", *sorted(names), "-"], input=text, capture_output=True, text=True,
                          check=True).stdout


READERS = {"firejail": firejail, "flatpak": flatpak, "openssh": openssh, "qemu": qemu, "chromium": chromium}

OPENSSH = """#include <asm/unistd.h>
#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_X86_64
%s
int main(void) { return fwrite(preauth_insns, sizeof preauth_insns, 1, stdout) != 1; }
"""
LIBSECCOMP = """#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <unistd.h>
%s
"""
QEMU = """#define ARRAY_SIZE(array) (sizeof(array) / sizeof *(array))
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
enum { QEMU_SECCOMP_SET_DEFAULT, QEMU_SECCOMP_SET_OBSOLETE, QEMU_SECCOMP_SET_PRIVILEGED, QEMU_SECCOMP_SET_SPAWN, QEMU_SECCOMP_SET_RESOURCECTL };
%s
int main(void) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  for (unsigned i = 0; i < ARRAY_SIZE(denylist); ++i) {
    const uint32_t action = denylist[i].action == SCMP_ACT_TRAP ? SCMP_ACT_KILL_PROCESS : denylist[i].action;
    if (seccomp_rule_add_array(filter, action, denylist[i].num, denylist[i].narg, denylist[i].arg_cmp) < 0) return 2;
  }
  return seccomp_export_bpf(filter, 1) < 0;
}
"""
FLATPAK = """typedef struct { int scall, errnum; struct scmp_arg_cmp* arg; } Row;
int main(void) {
  const unsigned long allowed_personality = PER_LINUX;
  Row rows[] = {%s
%s
    {SCMP_SYS (modify_ldt), EPERM}};
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  for (unsigned i = 0; i < sizeof rows / sizeof *rows; ++i)
    if (rows[i].arg ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(rows[i].errnum), rows[i].scall, 1, *rows[i].arg)
                    : seccomp_rule_add(filter, SCMP_ACT_ERRNO(rows[i].errnum), rows[i].scall, 0)) return 2;
  const int stay[] = {%s};
  int next = 0;
  for (unsigned i = 0; i < sizeof stay / sizeof *stay; next = stay[i++] + 1)
    for (int family = next; family < stay[i]; ++family)
      seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS (socket), 1, SCMP_A0(SCMP_CMP_EQ, family));
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS (socket), 1, SCMP_A0(SCMP_CMP_GE, next));
  return seccomp_export_bpf(filter, 1) < 0;
}
"""


def program(folder, name, scratch):
    """The sandbox's own filter for x86_64, built from its source; None where that takes more than its tables."""
    text = text_of(folder, name)
    if name == "openssh":
        text = text[text.index("#define SECCOMP_FILTER_FAIL"):]
        return built(OPENSSH % text[:text.index("};", text.index("preauth_insns[]")) + 2], scratch, name)
    if name == "qemu":
        text = text[text.index("struct QemuSeccompSyscall"):]
        return built(LIBSECCOMP % QEMU % text[:text.index("};", text.index("denylist[]")) + 2], scratch, name, "-lseccomp")
    if name == "flatpak":
        tables = [re.search(rf"\}} {table}\[\] = \{{(.*?)\n  \}};", text, re.DOTALL)[1].rstrip(" ,\n") + "," for table in
                  ("syscall_blocklist", "syscall_nondevel_blocklist")]
        families = re.search(r"\} socket_family_allowlist\[\] = \{(.*?)\n  \};", text, re.DOTALL)[1]
        return built(LIBSECCOMP % FLATPAK % (*tables, ", ".join(re.findall(r"\{ (AF_\w+), 0 \}", families))), scratch, name, "-lseccomp")
    return None


def built(source, scratch, name, *libraries):
    out = f"{scratch}/{name}"
    subprocess.run(["gcc", "-w", "-x", "c", "-o", out, "-", *libraries], input=source, text=True, check=True)
    return subprocess.run([out], capture_output=True, check=True).stdout
