#include "import/model.h"

#include <algorithm>
#include <array>

#include "import/questions.h"

namespace sbpc::importer {
namespace {

bool caps_hold(const Guard& guard, const std::set<std::string, std::less<>>& caps) {
  const auto held = [&](const std::string& cap) { return caps.contains(cap); };
  return std::ranges::all_of(guard.needs, held) && std::ranges::none_of(guard.lacks, held);
}

bool kernel_holds(const Guard& guard, target::KernelVersion kernel) {
  return (!guard.since || kernel >= *guard.since) && (!guard.before || kernel < *guard.before);
}

}  // namespace

std::span<const std::string_view> docker_caps() {
  static constexpr std::array<std::string_view, 14> kCaps = {
      "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
      "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
      "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
      "CAP_KILL",    "CAP_AUDIT_WRITE"};
  return kCaps;
}

AbiSet machine_abis(target::Abi native) {
  AbiSet abis(native);
  if (native == target::Abi::x86_64) {
    abis.add(target::Abi::i386);
    abis.add(target::Abi::x32);
  }
  if (native == target::Abi::aarch64) abis.add(target::Abi::arm);
  return abis;
}

bool holds(const Guard& guard, const Setting& setting) {
  return caps_hold(guard, setting.caps) && kernel_holds(guard, setting.kernel);
}

std::optional<target::CallId> known_call(const Call& call) {
  if (call.number) return std::nullopt;
  return call.id ? call.id : target::find_call(call.name);
}

std::optional<uint32_t> number_of(const Call& call, target::Abi abi) {
  if (call.number) return call.number;
  const auto known = known_call(call);
  const auto number = known ? target::call_number(*known, abi) : std::nullopt;
  // The tools know a number by one name: libseccomp has no sync_file_range2 on arm (syscalls.csv), the kernel's headers
  // do.
  return number && target::call_at(abi, *number) == known ? number : std::nullopt;
}

std::string_view sign_of(CompareOp op) {
  switch (op) {
    case CompareOp::eq: return "==";
    case CompareOp::ne: return "!=";
    case CompareOp::lt: return "<";
    case CompareOp::le: return "<=";
    case CompareOp::gt: return ">";
    case CompareOp::ge: return ">=";
  }
  return {};
}

std::vector<std::string> asked_caps(const Profile& profile) {
  Questions asked;
  for (const Rule& rule : profile.rules) add_questions(rule.guard, asked);
  return {asked.caps.begin(), asked.caps.end()};
}

void fix_caps(Profile& profile, const std::set<std::string, std::less<>>& caps) {
  std::erase_if(profile.rules, [&](const Rule& rule) { return !caps_hold(rule.guard, caps); });
  for (Rule& rule : profile.rules) {
    rule.guard.needs.clear();
    rule.guard.lacks.clear();
  }
}

void fix_kernel(Profile& profile, target::KernelVersion kernel) {
  std::erase_if(profile.rules, [&](const Rule& rule) { return !kernel_holds(rule.guard, kernel); });
  for (Rule& rule : profile.rules) rule.guard.since = rule.guard.before = std::nullopt;
}

}  // namespace sbpc::importer
