// minijail.cpp: rules -> minijail's policy language.
//
//   read: 1                                     socket: arg0 & 0x1 && arg0 in 0xffffffff00000001; return EACCES
// A comparison is of the whole register, so one of its lower half is written bit by bit: `& BIT` is a bit that is set,
// `in ~MASK` are bits that are not. What a call's conditions leave gets the last action of its line, which alone can be
// an error; more than two answers stand in `{ }`, as compile_seccomp_policy.py takes them. Source: google/minijail
// syscall_filter.c, tools/parser.py. Tested by test/export/minijail.test.
#include <fmt/format.h>

#include <algorithm>

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
    case Action::kill_thread: return "kill";
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

// What stands behind `NAME: `; the rules are one call's.
std::string line_text(std::span<const Rule> rules) {
  const Rule& last = rules.back();
  const bool is_allow = rules.front().verdict == Verdict{Action::allow, 0};
  if (rules.size() == 1 && last.any.empty()) return is_allow ? "1" : action_text(last.verdict);
  if (rules.size() == 1 && is_allow) return condition_text(last.any);
  if (rules.size() == 2 && is_allow && last.any.empty() && last.verdict.action == Action::errno_)
    return fmt::format("{}; {}", condition_text(rules.front().any), action_text(last.verdict));
  std::string text;
  for (const Rule& rule : rules) {
    if (!text.empty()) text += ", ";
    text += rule.any.empty() ? action_text(rule.verdict)
                             : fmt::format("{}; {}", condition_text(rule.any), action_text(rule.verdict));
  }
  return fmt::format("{{ {} }}", text);
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
  std::string text;
  if (profile.otherwise.action == Action::allow)
    text += "@denylist\n";
  else if (profile.otherwise != Verdict{Action::kill_thread, 0})
    text += fmt::format("@default {}\n", action_text(profile.otherwise));
  const std::span<const Rule> rules(profile.rules);
  for (size_t first = 0; first < rules.size();) {
    size_t end = first + 1;
    while (end < rules.size() && rules[end].calls.front().name == rules[first].calls.front().name) ++end;
    text += fmt::format("{}: {}\n", name_of(rules[first].calls.front()), line_text(rules.subspan(first, end - first)));
    first = end;
  }
  return text;
}

}  // namespace sbpc::exporter
