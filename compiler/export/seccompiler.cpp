// seccompiler.cpp: rules -> seccompiler's and Firecracker's JSON, a filter for each policy.
//
// Source: rust-vmm/seccompiler docs/json_format.md: rules of one call are ORed, arguments of one rule ANDed; `dword`
// looks at the lower half of a register; all rules have one action. Firecracker's own compiler reads less of it, and
// some of it in another way (import/firecracker.h): keys and comparisons are those that both take for the same. Tested
// by test/export/seccompiler.test, with libseccomp by test/export/firecracker.test.
#include "export/seccompiler.h"

#include <fmt/format.h>

#include "export/formats.h"
#include "import/firecracker.h"
#include "import/seccompiler_size.h"

namespace sbpc::exporter {
namespace {

using importer::Compare;
using importer::CompareOp;
using importer::Profile;
using importer::WrittenCompare;
using target::Action;
using target::Verdict;

std::string action_text(Verdict verdict) {
  const std::string_view name = target::info(verdict.action).name;
  const bool has_number = verdict.action == Action::errno_ || verdict.action == Action::trace;
  return has_number ? fmt::format(R"({{ "{}": {} }})", name, verdict.data) : fmt::format(R"("{}")", name);
}

// Where no rule has one, there still is a word for it, which must be another than the default's.
Verdict match_action(const Profile& profile) {
  if (!profile.rules.empty()) return profile.rules.front().verdict;
  return {profile.otherwise.action == Action::allow ? Action::kill_process : Action::allow, 0};
}

std::string_view op_text(CompareOp op) {
  switch (op) {
    case CompareOp::eq: return "eq";
    case CompareOp::ne: return "ne";
    case CompareOp::lt: return "lt";
    case CompareOp::le: return "le";
    case CompareOp::gt: return "gt";
    case CompareOp::ge: return "ge";
  }
  return {};
}

// Of a `dword` Firecracker compares 32 bits for `eq` alone, and under a mask what the mask has.
WrittenCompare written(const Compare& compare) {
  const bool is_low = compare.op == CompareOp::eq && (compare.mask >> 32U) == 0;
  const bool is_whole = compare.mask == ~uint64_t{0} || (is_low && compare.mask == 0xffffffffU);
  WrittenCompare made{compare, !is_whole};
  made.compare.width = is_low || compare.width == 32 ? 32 : 64;
  return made;
}

std::string compare_text(const Compare& compare) {
  const WrittenCompare form = written(compare);
  const std::string op = form.is_masked ? fmt::format(R"({{ "masked_eq": {} }})", compare.mask)
                                        : fmt::format(R"("{}")", op_text(compare.op));
  return fmt::format(R"({{ "index": {}, "type": "{}", "op": {}, "val": {} }})", compare.index,
                     form.compare.width == 32 ? "dword" : "qword", op, compare.value);
}

std::string rule_text(const std::string& name, const importer::AllOf* all) {
  if (all == nullptr) return fmt::format("      {{ \"syscall\": \"{}\" }}", name);
  std::string args;
  for (const Compare& compare : *all)
    args += fmt::format("{}\n        {}", &compare == &all->front() ? "" : ",", compare_text(compare));
  return fmt::format("      {{ \"syscall\": \"{}\", \"args\": [{}\n      ] }}", name, args);
}

std::string filter_text(const Profile& profile) {
  std::string text =
      fmt::format("  \"{}\": {{\n    \"default_action\": {},\n    \"filter_action\": {},\n    \"filter\": [",
                  profile.name, action_text(profile.otherwise), action_text(match_action(profile)));
  const char* separator = "\n";
  const auto add = [&](const std::string& name, const importer::AllOf* all) {
    text += separator + rule_text(name, all);
    separator = ",\n";
  };
  for (const importer::Rule& rule : profile.rules) {
    for (const importer::Call& call : rule.calls) {
      if (rule.any.empty()) add(call.name, nullptr);
      for (const importer::AllOf& all : rule.any) add(call.name, &all);
    }
  }
  return text + (profile.rules.empty() ? "]\n  }" : "\n    ]\n  }");
}

}  // namespace

bool says_seccompiler(Verdict verdict) {
  if (verdict.action == Action::notify || importer::firecracker_refuses(verdict)) return false;
  return verdict.data == 0 || verdict.action == Action::errno_ || verdict.action == Action::trace;
}

bool knows_seccompiler(target::Abi abi) {
  return abi == target::Abi::x86_64 || abi == target::Abi::aarch64 || abi == target::Abi::riscv64;
}

size_t seccompiler_size(const Profile& profile) {
  importer::SeccompilerSize size;
  for (const importer::Rule& rule : profile.rules) {
    for (const importer::Call& call : rule.calls) {
      if (rule.any.empty()) size.add(call.name, {});
      for (const importer::AllOf& all : rule.any) {
        std::vector<WrittenCompare> forms;
        for (const Compare& compare : all) forms.push_back(written(compare));
        size.add(call.name, forms);
      }
    }
  }
  return size.instructions();
}

std::string write_seccompiler(const Content& content) {
  std::string text = "{";
  for (const Profile& profile : content.profiles)
    text += fmt::format("{}\n{}", &profile == content.profiles.data() ? "" : ",", filter_text(profile));
  return text + "\n}\n";
}

}  // namespace sbpc::exporter
