// Source: systemd 252 to 262, src/shared/seccomp-util.c (seccomp_restrict_address_families,
// seccomp_memory_deny_write_execute, seccomp_restrict_realtime, seccomp_restrict_sxid, seccomp_restrict_namespaces,
// seccomp_protect_*, seccomp_lock_personality) and src/core/exec-invoke.c (apply_*). Comparisons are libseccomp's, of
// whole registers. Tested by test/cli/import_systemd.test.
#include "import/systemd_restrict.h"

#include <algorithm>
#include <array>

#include "target/syscalls.h"

namespace sbpc::importer {
namespace {

using target::Abi;
using target::Action;
using target::Verdict;

uint64_t constant(std::string_view name, Abi abi) {
  const auto value = target::constant_value(*target::find_constant(name), abi);
  return value ? static_cast<uint64_t>(*value) : 0;
}

Verdict refuse(std::string_view error, Abi abi) {
  return {Action::errno_, static_cast<uint16_t>(constant(error, abi))};
}

Compare has_bits(uint8_t index, uint64_t bits) { return {index, CompareOp::eq, bits, bits, 64}; }
Compare compare(uint8_t index, CompareOp op, uint64_t value) { return {index, op, ~uint64_t{0}, value, 64}; }

bool is_one_of(Abi abi, std::initializer_list<Abi> abis) { return std::ranges::find(abis, abi) != abis.end(); }

class RestrictMaker {
 public:
  RestrictMaker(const Unit& unit, const UnitGroups& groups, Abi abi) : unit_(unit), groups_(groups), abi_(abi) {}

  std::vector<Restriction> run(UnitSetting setting) {
    const bool is_on = unit_.on.contains(setting);
    switch (setting) {
      case UnitSetting::address_families: families(); break;
      case UnitSetting::namespaces: namespaces(); break;
      case UnitSetting::write_execute:
        if (is_on) write_execute();
        break;
      case UnitSetting::realtime:
        if (is_on) realtime();
        break;
      case UnitSetting::suid_sgid:
        if (is_on || unit_.on.contains(UnitSetting::dynamic_user)) suid_sgid();
        break;
      case UnitSetting::tunables:
        if (is_on && !is_one_of(abi_, {Abi::aarch64, Abi::riscv64, Abi::x32})) deny("_sysctl");
        break;
      case UnitSetting::modules:
        if (is_on) group("@module");
        break;
      case UnitSetting::logs:
        if (is_on) deny("syslog");
        break;
      case UnitSetting::clock:
        if (is_on) group("@clock");
        break;
      case UnitSetting::devices:
        if (is_on) group("@raw-io");
        break;
      case UnitSetting::hostname:
        if (is_on) deny("sethostname"), deny("setdomainname");
        break;
      case UnitSetting::lock_personality:
        if (is_on) deny("personality", {compare(0, CompareOp::ne, unit_.personality.value_or(0))});
        break;
      case UnitSetting::dynamic_user:
      case UnitSetting::personality:
      case UnitSetting::architectures:
      case UnitSetting::call_log:
      case UnitSetting::call_filter:
      case UnitSetting::error_number: break;  // no filter of their own, or systemd.cpp's
    }
    return std::move(made_);
  }

 private:
  void deny(std::string_view call, AllOf all = {}) { deny_as("EPERM", call, std::move(all)); }
  void deny_as(std::string_view error, std::string_view call, AllOf all = {}) {
    std::vector<AllOf> any;
    if (!all.empty()) any.push_back(std::move(all));
    made_.push_back({std::string(call), refuse(error, abi_), std::move(any)});
  }

  void group(std::string_view name) {
    const std::vector<std::string>* calls = groups_.find(name);
    if (calls == nullptr) return;
    for (const std::string& call : *calls) deny(call);
  }

  // socket() alone; nothing where socketcall() is the way to it.
  void families() {
    constexpr uint64_t kFamilies = 46;  // af_max(): AF_MAX of include/linux/socket.h
    if (!unit_.allows_families && unit_.families.empty()) return;
    if (!is_one_of(abi_, {Abi::x86_64, Abi::x32, Abi::arm, Abi::aarch64, Abi::riscv64, Abi::loongarch64, Abi::mips64,
                          Abi::mipsel64, Abi::mips64n32, Abi::mipsel64n32}))
      return;
    const auto refuse_where = [&](CompareOp op, uint64_t value) {
      deny_as("EAFNOSUPPORT", "socket", {compare(0, op, value)});
    };
    if (!unit_.allows_families) {
      for (const uint64_t family : unit_.families) refuse_where(CompareOp::eq, family);
      return;
    }
    if (unit_.families.empty()) return deny_as("EAFNOSUPPORT", "socket");
    refuse_where(CompareOp::lt, *unit_.families.begin());
    refuse_where(CompareOp::gt, *unit_.families.rbegin());
    for (uint64_t family = 1; family < kFamilies; ++family) {
      if (!unit_.families.contains(family)) refuse_where(CompareOp::eq, family);
    }
  }

  void namespaces() {
    constexpr std::array<std::string_view, 8> flags = {"CLONE_NEWCGROUP", "CLONE_NEWIPC", "CLONE_NEWNET",
                                                       "CLONE_NEWNS",     "CLONE_NEWPID", "CLONE_NEWUSER",
                                                       "CLONE_NEWUTS",    "CLONE_NEWTIME"};
    if (!unit_.namespaces) return;
    const uint64_t open = *unit_.namespaces;
    if (std::ranges::all_of(flags, [&](std::string_view flag) { return (open & constant(flag, abi_)) != 0; })) return;
    deny_as("ENOSYS", "clone3");  // its flags lie in memory, and libc falls back to clone()
    if (open == 0)
      deny("setns");
    else
      deny("setns", {compare(1, CompareOp::eq, 0)});
    const uint8_t clone_flags = is_one_of(abi_, {Abi::s390, Abi::s390x}) ? 1 : 0;
    for (const std::string_view name : flags) {
      const uint64_t flag = constant(name, abi_);
      if ((open & flag) != 0) continue;
      deny("unshare", {has_bits(0, flag)});
      deny("clone", {has_bits(clone_flags, flag)});
      if (open != 0) deny("setns", {has_bits(1, flag)});
    }
  }

  void write_execute() {
    const bool has_two = is_one_of(abi_, {Abi::i386, Abi::s390});
    const bool has_second = has_two || abi_ == Abi::arm;
    const bool has_shmat =
        is_one_of(abi_, {Abi::x86_64, Abi::x32, Abi::arm, Abi::aarch64, Abi::riscv64, Abi::loongarch64});
    if (!has_two && !has_shmat && !is_one_of(abi_, {Abi::ppc, Abi::ppc64, Abi::ppc64le, Abi::s390x})) return;
    const uint64_t execute = constant("PROT_EXEC", abi_);
    deny(has_second ? "mmap2" : "mmap", {has_bits(2, execute | constant("PROT_WRITE", abi_))});
    if (has_two) deny("mmap");
    deny("mprotect", {has_bits(2, execute)});
    deny("pkey_mprotect", {has_bits(2, execute)});
    if (has_shmat) deny("shmat", {has_bits(2, constant("SHM_EXEC", abi_))});
  }

  // SCHED_OTHER, SCHED_BATCH and SCHED_IDLE stay.
  void realtime() {
    constexpr uint64_t kIdle = 5;  // SCHED_IDLE
    for (const uint64_t policy : {1, 2, 4}) deny("sched_setscheduler", {compare(1, CompareOp::eq, policy)});
    deny("sched_setscheduler", {compare(1, CompareOp::gt, kIdle)});
  }

  void suid_sgid() {
    constexpr std::array<std::pair<std::string_view, uint8_t>, 9> modes = {{{"chmod", 1},
                                                                            {"fchmod", 1},
                                                                            {"fchmodat", 2},
                                                                            {"fchmodat2", 2},
                                                                            {"mkdir", 1},
                                                                            {"mkdirat", 2},
                                                                            {"mknod", 1},
                                                                            {"mknodat", 2},
                                                                            {"creat", 1}}};
    const uint64_t create = constant("O_CREAT", abi_);
    for (const std::string_view name : {"S_ISUID", "S_ISGID"}) {
      const uint64_t bit = constant(name, abi_);
      for (const auto& [call, index] : modes) deny(call, {has_bits(index, bit)});
      deny("open", {has_bits(1, create), has_bits(2, bit)});
      deny("openat", {has_bits(2, create), has_bits(3, bit)});
    }
    deny_as("ENOSYS", "openat2");  // its mode lies in memory
  }

  const Unit& unit_;
  const UnitGroups& groups_;
  Abi abi_;
  std::vector<Restriction> made_;
};

}  // namespace

std::vector<Restriction> restrictions(const Unit& unit, UnitSetting setting, const UnitGroups& groups,
                                      target::Abi abi) {
  return RestrictMaker(unit, groups, abi).run(setting);
}

}  // namespace sbpc::importer
