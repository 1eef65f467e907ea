#include "export/oci_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "import/oci_names.h"

namespace sbpc::exporter {
namespace {

using importer::AllOf;
using importer::Compare;
using importer::Profile;
using importer::Rule;
using target::Action;

std::string compare_text(const Compare& compare) {
  if (compare.mask != ~uint64_t{0})
    return fmt::format(R"({{ "index": {}, "value": {}, "valueTwo": {}, "op": "SCMP_CMP_MASKED_EQ" }})", compare.index,
                       compare.mask, compare.value);
  return fmt::format(R"({{ "index": {}, "value": {}, "op": "{}" }})", compare.index, compare.value,
                     importer::scmp_of(compare.op));
}

std::string names_text(const Rule& rule) {
  if (rule.calls.size() == 1) return fmt::format(R"(["{}"])", rule.calls.front().name);
  std::string text = "[";
  for (const importer::Call& call : rule.calls)
    text += fmt::format("{}\n        \"{}\"", &call == &rule.calls.front() ? "" : ",", call.name);
  return text + "\n      ]";
}

// One entry of `syscalls`; `all` is none of its alternatives' for a rule without conditions.
std::string entry(const Rule& rule, const AllOf* all, const std::string& suffix) {
  std::string text = fmt::format("    {{\n      \"names\": {},\n      \"action\": \"{}\"", names_text(rule),
                                 importer::scmp_of(rule.verdict.action));
  if (rule.verdict.action == Action::errno_ || rule.verdict.action == Action::trace)
    text += fmt::format(",\n      \"errnoRet\": {}", rule.verdict.data);
  if (all != nullptr) {
    text += ",\n      \"args\": [";
    for (const Compare& compare : *all)
      text += fmt::format("{}\n        {}", &compare == &all->front() ? "" : ",", compare_text(compare));
    text += "\n      ]";
  }
  return text + suffix + "\n    }";
}

}  // namespace

bool libseccomp_says(target::Verdict verdict) {
  // src/db.c db_action_valid() (2.5.4) takes errors below it.
  const bool is_errno = verdict.action == Action::errno_ && verdict.data < target::kMaxErrno;
  return verdict.data == 0 || is_errno || verdict.action == Action::trace;
}

std::vector<std::string> beyond_runc(const Profile& profile) {
  std::vector<std::string> found;
  if (profile.otherwise.action == Action::notify) found.emplace_back("`notify` as the default");
  const auto is_write = [](const importer::Call& call) { return call.name == "write"; };
  const bool is_asked = std::ranges::any_of(profile.rules, [&](const importer::Rule& rule) {
    return rule.verdict.action == Action::notify && std::ranges::any_of(rule.calls, is_write);
  });
  if (is_asked) found.emplace_back("`notify` for `write`");
  return found;
}

std::string oci_object(const Profile& profile, const std::string& arches, RuleSuffix suffix) {
  std::string text = fmt::format("{{\n  \"defaultAction\": \"{}\",\n", importer::scmp_of(profile.otherwise.action));
  if (profile.otherwise.action == Action::errno_ || profile.otherwise.action == Action::trace)
    text += fmt::format("  \"defaultErrnoRet\": {},\n", profile.otherwise.data);
  text += arches;
  std::string flags;
  for (const std::string& word : profile.install)
    flags += fmt::format("{}\"{}\"", flags.empty() ? "" : ", ", importer::flag_of(word));
  if (!flags.empty()) text += fmt::format("  \"flags\": [{}],\n", flags);
  text += "  \"syscalls\": [";
  const char* separator = "\n";
  for (const Rule& rule : profile.rules) {
    const std::string own = suffix(profile, rule);
    if (rule.any.empty()) {
      text += separator + entry(rule, nullptr, own);
      separator = ",\n";
    }
    for (const AllOf& all : rule.any) {
      text += separator + entry(rule, &all, own);
      separator = ",\n";
    }
  }
  return text + (profile.rules.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

}  // namespace sbpc::exporter
