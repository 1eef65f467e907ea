# union.py: a profile and its base of the security-profiles-operator, for import_spo_base.test.
import json


def arg(index, value):
    return {"index": index, "value": value, "op": "SCMP_CMP_EQ"}


def rule(names, action, args=None, errno=None):
    made = {"names": names, "action": "SCMP_ACT_" + action}
    if args:
        made["args"] = args
    if errno:
        made["errnoRet"] = errno
    return made


def profile(name, arches, rules, base=None):
    spec = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_" + a for a in arches], "syscalls": rules}
    if base:
        spec["baseProfileName"] = base
    print("---\nkind: SeccompProfile\nmetadata: {name: " + name + "}\nspec: " + json.dumps(spec))


profile("top", ["X86_64", "X86"], [
    rule(["mkdir"], "ALLOW"),                                    # ALLOW counts in all versions
    rule(["rmdir"], "ERRNO", errno=5),                           # beats a rule with conditions; later: ALLOW always
    rule(["socket"], "ALLOW", [arg(1, 1)]),                      # one rule: both conditions
    rule(["personality"], "ALLOW", [arg(0, 8)]),                 # the same argument: one of them, in all versions
    rule(["prctl"], "ALLOW", [arg(0, 1), arg(1, 1)]),            # one rule: any of four; side by side: two pairs
], base="base")
profile("base", ["X86_64"], [
    rule(["mkdir"], "ERRNO", errno=5),
    rule(["rmdir"], "ALLOW", [arg(1, 3)]),
    rule(["socket"], "ALLOW", [arg(0, 2)]),
    rule(["personality"], "ALLOW", [arg(0, 0)]),
    rule(["prctl"], "ALLOW", [arg(0, 2), arg(1, 2)]),
])
