// std.docker.profile for each capability that the profile asks for alone, none, all, and Docker's 14 defaults, against
// a libseccomp filter of the same rules: equal on every number and at the bounds of every argument that a rule looks
// at.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "agree/libseccomp_oracle.h"
#include "agree/product.h"
#include "bpf/interpret.h"
#include "support/source_dir.h"
#include "target/abi.h"
#include "target/actions.h"
#include "target/syscalls.h"

namespace sbpc::agree {
namespace {

using target::Abi;
using target::Action;
using target::SeccompData;

constexpr uint32_t kX86_64 = 0xC000003EU;     // AUDIT_ARCH_X86_64
constexpr uint64_t kNamespaces = 0x7e020000;  // CLONE_NEW* of include/uapi/linux/sched.h, without CLONE_NEWTIME
const uint32_t kErrnoPerm = target::encode({Action::errno_, 1});
const uint32_t kErrnoNosys = target::encode({Action::errno_, 38});
const uint32_t kAllow = target::encode({Action::allow, 0});

constexpr const char* kAlwaysAllowed[] = {
#include "agree/docker_calls.inc"
};

struct Condition {
  const char* cap;
  std::vector<const char*> calls;  // allowed on x86_64 with that capability
};

// moby/profiles seccomp/default.json, 2026-06-30: the entries with `includes.caps`.
const std::vector<Condition>& conditions() {
  static const std::vector<Condition> table = {
      {"CAP_DAC_READ_SEARCH", {"open_by_handle_at"}},
      {"CAP_SYS_ADMIN",
       {"bpf",
        "clone",
        "clone3",
        "fanotify_init",
        "fsconfig",
        "fsmount",
        "fsopen",
        "fspick",
        "lookup_dcookie",
        "lsm_get_self_attr",
        "lsm_list_modules",
        "lsm_set_self_attr",
        "mount",
        "mount_setattr",
        "move_mount",
        "open_tree",
        "perf_event_open",
        "quotactl",
        "quotactl_fd",
        "setdomainname",
        "sethostname",
        "setns",
        "syslog",
        "umount2",
        "unshare"}},
      {"CAP_SYS_BOOT", {"reboot"}},
      {"CAP_SYS_CHROOT", {"chroot"}},
      {"CAP_SYS_MODULE", {"delete_module", "init_module", "finit_module"}},
      {"CAP_SYS_PACCT", {"acct"}},
      {"CAP_SYS_PTRACE", {"kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace"}},
      {"CAP_SYS_RAWIO", {"iopl", "ioperm"}},
      {"CAP_SYS_TIME", {"settimeofday", "clock_settime"}},
      {"CAP_SYS_TTY_CONFIG", {"vhangup"}},
      {"CAP_SYS_NICE", {"get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"}},
      {"CAP_SYSLOG", {"syslog"}},
      {"CAP_BPF", {"bpf"}},
      {"CAP_PERFMON", {"perf_event_open"}},
  };
  return table;
}

using Caps = std::vector<std::string>;
// What `docker run` leaves to a container: moby's daemon/pkg/oci/caps/defaults.go.
const Caps kDefaults = {"CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
                        "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
                        "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
                        "CAP_KILL",    "CAP_AUDIT_WRITE"};

bool holds(const Caps& caps, const std::string& cap) { return std::find(caps.begin(), caps.end(), cap) != caps.end(); }

int number(const char* name) {
  auto call = target::find_call(name);
  return static_cast<int>(target::call_number(*call, Abi::x86_64).value());
}

OracleFilter rules_for(const Caps& caps) {
  using Op = OracleCompare::Op;
  OracleFilter filter;
  filter.otherwise = kErrnoPerm;
  filter.bad_arch = target::encode({Action::kill_process, 0});
  filter.abis = {Abi::x86_64};
  std::vector<int> allowed;
  for (const char* name : kAlwaysAllowed) {
    if (std::string(name) != "chroot") allowed.push_back(number(name));  // there by the defaults' CAP_SYS_CHROOT
  }
  for (const Condition& condition : conditions()) {
    if (!holds(caps, condition.cap)) continue;
    for (const char* name : condition.calls) allowed.push_back(number(name));
  }
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  for (int nr : allowed) filter.rules.push_back({kAllow, nr, {}});
  filter.rules.push_back({kAllow, number("socket"), {{0, Op::lt, 38}}});
  filter.rules.push_back({kAllow, number("socket"), {{0, Op::eq, 39}}});
  filter.rules.push_back({kAllow, number("socket"), {{0, Op::gt, 40}}});
  for (uint64_t persona : {0x0ULL, 0x8ULL, 0x20000ULL, 0x20008ULL, 0xffffffffULL}) {
    filter.rules.push_back({kAllow, number("personality"), {{0, Op::eq, persona}}});
  }
  if (!holds(caps, "CAP_SYS_ADMIN")) {
    filter.rules.push_back({kAllow, number("clone"), {{0, Op::masked_eq, kNamespaces, 0}}});
    filter.rules.push_back({kErrnoNosys, number("clone3"), {}});
  }
  return filter;
}

std::string as_set(const Caps& caps) {
  std::string text;
  for (const std::string& cap : caps) text += (text.empty() ? "" : ", ") + cap;
  return "{ " + text + " }";
}

class DockerCaps : public testing::TestWithParam<Caps> {};

TEST_P(DockerCaps, IsTheProfile) {
  const auto ours = compile(support::source_dir() + "/test/agree/docker_caps.sb", {"-D", "caps=" + as_set(GetParam())});
  std::string error;
  const auto theirs = build(rules_for(GetParam()), error);
  ASSERT_TRUE(theirs) << error;
  auto same = [&](uint32_t nr, uint64_t argument) {
    const SeccompData data{static_cast<int32_t>(nr), kX86_64, 0, {argument, 0, 0, 0, 0, 0}};
    ASSERT_EQ(bpf::interpret(ours, data, false).word, bpf::interpret(*theirs, data, false).word)
        << "number " << nr << ", argument " << argument;
  };
  for (uint32_t nr = 0; nr < 1024; ++nr) {
    if (nr < target::kX32LegacyFirst || nr > target::kX32LegacyLast) same(nr, 0);
  }
  for (const char* name : {"clone", "socket", "personality"}) {
    for (uint64_t around : {uint64_t{8}, uint64_t{38}, uint64_t{40}, uint64_t{0x20000}, uint64_t{0x20008}, kNamespaces,
                            uint64_t{0xffffffff}}) {
      for (uint64_t value : {around - 1, around, around + 1})
        same(static_cast<uint32_t>(number(name)), value & 0xffffffff);
    }
    for (int bit = 0; bit < 32; ++bit) same(static_cast<uint32_t>(number(name)), uint64_t{1} << bit);
  }
}

std::vector<Caps> sets() {
  std::vector<Caps> result = {{}, kDefaults};
  Caps all;
  for (const Condition& condition : conditions()) {
    all.emplace_back(condition.cap);
    result.push_back({condition.cap});
  }
  result.push_back(all);
  return result;
}

std::string name_of(const testing::TestParamInfo<Caps>& info) {
  if (info.param.empty()) return "none";
  return info.param.size() == 1 ? info.param[0] : info.param == kDefaults ? "defaults" : "all";
}

INSTANTIATE_TEST_SUITE_P(Sets, DockerCaps, testing::ValuesIn(sets()), name_of);

}  // namespace
}  // namespace sbpc::agree
