"""Policies that are too large for one decision diagram, for prove_parts.test; into the current folder."""
import pathlib

# Pairs of arguments that lie far apart in the diagram's order: each more pair of words doubles it.
CALLS = ["mmap", "mremap", "clone", "futex", "splice", "sendto", "recvfrom", "pselect6", "ppoll", "epoll_pwait", "statx", "copy_file_range"]
EACH = 10
HUGE = 20


def pairs(call, count, order=1):
    rules = [f"allow {call}($0 == {i}, $3 == {i * 7 % 64}); allow {call}($1 == {i}, $4 == {i * 5 % 64}); allow {call}($2 == {i}, $5 == {i});" for i in range(count)]
    return "\n".join(rules[::order])


def policy(rules, default="errno(EPERM)"):
    return "policy p on x86_64 {\nkernel 6.12;\ndefault " + default + ";\n" + rules + "\n}\n"


def write(name, text):
    pathlib.Path(name).write_text(text, encoding="utf-8")


write("many.sb", policy("\n".join(pairs(call, EACH) for call in CALLS)))
write("reordered.sb", policy("\n".join(pairs(call, EACH, -1) for call in CALLS)))
write("wider.sb", policy("\n".join(pairs(call, EACH) for call in CALLS) + "\nallow mmap($0 == 63, $2 == 5);"))
# Overrides within overrides, with answers of their own, stay clauses of their own: no diagram holds them all, but each alone is small.
HUGE_RULES = "allow mmap;\n" + "\n".join(f"override {{ errno({(i + a) % 4 + 1}) mmap(${a} == {i}, ${a + 3} == {i * 7 % 64});"
                                         for i in range(HUGE) for a in range(3)) + "\n" + "}" * (3 * HUGE)
write("huge.sb", policy(HUGE_RULES, "kill_process"))
write("huge_read.sb", policy(HUGE_RULES + "\nallow read;", "kill_process"))
# Rules of one answer are one clause, which no diagram holds; its code asks for one rule after another.
write("alike.sb", policy(pairs("mmap", HUGE)))
# One rule of them asks for another value: only events show it that the rules before do not answer.
write("alike_but.sb", policy(pairs("mmap", HUGE).replace("$2 == 7, $5 == 7)", "$2 == 7, $5 == 8)")))
