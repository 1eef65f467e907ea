// minijail.cpp: rules -> minijail's policy language.
//
//   read: 1                                     socket: { arg0 & 0x1 && arg0 in 0xffffffff00000001, return 13 }
// A comparison is of the whole register, so one of its lower half is written bit by bit: `& BIT` is a bit that is set,
// `in ~MASK` are bits that are not. There are two readers: compile_seccomp_policy.py, and libminijail, which takes less
// (`1`, conditions, `return`). `CONDITIONS; return 13` is no line of ours: the former reads "13 if so", the latter "13
// if not". In `{ }`, which the former alone takes, it can be read in one way only. Source: google/minijail
// syscall_filter.c, tools/parser.py. Tested by test/export/minijail.test.
#include "export/minijail.h"

#include <fmt/format.h>

#include "export/conditions.h"
#include "export/formats.h"

namespace sbpc::exporter {
namespace {

using importer::Compare;
using importer::CompareOp;
using importer::Profile;
using importer::Rule;
using target::Action;
using target::Verdict;

std::string action_text(Verdict verdict) {
  switch (verdict.action) {
    case Action::kill_process: return "kill-process";
    case Action::kill_thread: return "kill-thread";  // `kill` is what the command line says
    case Action::trap: return "trap";
    case Action::errno_: return fmt::format("return {}", verdict.data);
    case Action::notify: return "user-notify";
    case Action::trace: return "trace";
    case Action::log: return "log";
    case Action::allow: return "allow";
  }
  return {};
}

std::string compare_text(const Compare& compare) {
  if (compare.mask == ~uint64_t{0})
    return fmt::format("arg{} {} {:#x}", compare.index, sign_of(compare.op), compare.value);
  if (compare.op == CompareOp::ne) return fmt::format("arg{} & {:#x}", compare.index, compare.mask);
  return fmt::format("arg{} in ~{:#x}", compare.index, compare.mask);
}

std::string condition_text(const std::vector<AllOf>& any) {
  std::string text;
  for (const AllOf& all : any) {
    if (!text.empty()) text += " || ";
    for (const Compare& compare : all)
      text += fmt::format("{}{}", &compare == &all.front() ? "" : " && ", compare_text(compare));
  }
  return text;
}

constexpr Verdict kAllow{Action::allow, 0};

// What stands behind `NAME: `; the rules are one call's.
std::string line_text(std::span<const Rule> rules) {
  const Rule& first = rules.front();
  const bool is_one = rules.size() == 1;
  if (is_one && first.any.empty()) return first.verdict == kAllow ? "1" : action_text(first.verdict);
  if (is_one && first.verdict == kAllow) return condition_text(first.any);
  std::string text;
  for (const Rule& rule : rules) {
    if (!text.empty()) text += ", ";
    text += condition_text(rule.any);
    if (rule.any.empty() || rule.verdict != kAllow)
      text += fmt::format("{}{}", rule.any.empty() ? "" : "; ", action_text(rule.verdict));
  }
  return fmt::format("{{ {} }}", text);
}

// The rules by call.
std::vector<std::span<const Rule>> lines_of(std::span<const Rule> rules) {
  std::vector<std::span<const Rule>> lines;
  for (size_t first = 0; first < rules.size();) {
    size_t end = first + 1;
    while (end < rules.size() && rules[end].calls.front().name == rules[first].calls.front().name) ++end;
    lines.push_back(rules.subspan(first, end - first));
    first = end;
  }
  return lines;
}

std::string head_text(const Profile& profile) {
  if (profile.otherwise == kAllow) return "@denylist\n";
  if (profile.otherwise != Verdict{Action::kill_thread, 0})
    return fmt::format("@default {}\n", action_text(profile.otherwise));
  // An empty file would be none of minijail's.
  return profile.rules.empty() ? "# no call is allowed\n" : "";
}

std::string name_of(const importer::Call& call) {
  // arch/arm's private calls have the prefix of their header (asm/unistd.h, __ARM_NR_set_tls).
  constexpr uint32_t kArmPrivate = 0x0f0000;
  const auto nr = target::find_call(call.name) ? importer::number_of(call, target::Abi::arm) : std::nullopt;
  return nr && *nr > kArmPrivate && *nr < 2 * kArmPrivate ? "ARM_" + call.name : call.name;
}

}  // namespace

bool says_minijail(Verdict verdict) { return verdict.data == 0 || verdict.action == Action::errno_; }

bool knows_minijail(target::Abi abi) {
  using target::Abi;
  return abi == Abi::x86_64 || abi == Abi::i386 || abi == Abi::aarch64 || abi == Abi::arm || abi == Abi::riscv64;
}

std::string write_minijail(const Content& content) {
  const Profile& profile = content.profiles.front();
  std::string text = head_text(profile);
  for (const std::span<const Rule> rules : lines_of(profile.rules))
    text += fmt::format("{}: {}\n", name_of(rules.front().calls.front()), line_text(rules));
  return text;
}

std::vector<std::string> beyond_libminijail(const Profile& profile) {
  constexpr size_t kMostLabels =
      512;  // bpf.h BPF_LABELS_MAX: one for a line, one for its end, one for each alternative
  std::vector<std::string> found;
  size_t labels = 0;
  if (std::string head = head_text(profile); head.starts_with('@')) {
    head.pop_back();
    found.push_back(fmt::format("`{}`", head));
  }
  for (const std::span<const Rule> rules : lines_of(profile.rules)) {
    const Rule& first = rules.front();
    const bool is_errno = first.verdict.action == Action::errno_ && first.any.empty();
    if (rules.size() > 1 || !(is_errno || first.verdict == kAllow))
      found.push_back(fmt::format("`{}: {}`", name_of(first.calls.front()), line_text(rules)));
    labels += is_errno ? 1 : first.any.empty() ? 0 : 2 + first.any.size();
  }
  if (labels > kMostLabels) found.push_back(fmt::format("more than {} conditions and errors", kMostLabels));
  return found;
}

}  // namespace sbpc::exporter
