// diff_text.cpp: a diff for people: what became looser first, calls of one change together, each group with calls that
// show it.
#include <fmt/format.h>

#include <algorithm>

#include "describe/names.h"
#include "output/diff.h"

namespace sbpc::output {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kShownWitnesses = 3;
constexpr size_t kShownNumbers = 4;  // ranges of numbers without a name

std::string verdict(const DiffGroup& group, target::Verdict of) {
  return describe::verdict_text(of, group.abis.empty() ? target::host_abi() : group.abis.front());
}

std::string heading(const DiffGroup& group) {
  const std::string where = group.abis.empty() ? "other architectures" : abi_names(group.abis);
  const std::string now = verdict(group, group.now);
  return fmt::format("{}: {} (was {})\n", where,
                     group.now.action == target::Action::allow ? "now allowed" : "now " + now,
                     verdict(group, group.was));
}

// "  a, b, c" broken at the right margin.
std::string wrapped(const std::vector<std::string>& words) {
  std::string text;
  size_t column = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? "," : "");
    const bool breaks = column != 0 && column + 1 + word.size() > kColumns;
    if (column == 0 || breaks) {
      text += breaks ? "\n  " : "  ";
      column = 2;
    } else {
      text += " ";
      ++column;
    }
    text += word;
    column += word.size();
  }
  return text.empty() ? text : text + "\n";
}

// "socket(domain == AF_NETLINK)", "every call where $2 == 3".
std::string conditional_text(const DiffEntry& entry) {
  if (entry.conditions.empty()) return fmt::format("{}: not for every call", entry.call);
  if (entry.is_one) return fmt::format("{}({})", entry.call, entry.conditions);
  return fmt::format("{} where {}", entry.call, entry.conditions);
}

std::string group_text(const DiffGroup& group) {
  std::vector<std::string> whole;
  std::vector<std::string> numbers;
  std::string conditional;
  std::vector<std::string> witnesses;
  for (const DiffEntry& entry : group.entries) {
    const bool always = entry.conditions.empty() && entry.exact;
    if (!always) {
      conditional += "  " + conditional_text(entry) + "\n";
    } else {
      (entry.is_named ? whole : numbers).push_back(entry.call);
    }
    const bool shown = always ? witnesses.empty() : witnesses.size() < kShownWitnesses;
    if (shown && !entry.witness_text.empty()) {
      const std::string with =
          entry.parameters.empty() ? "" : fmt::format(" with {}", fmt::join(entry.parameters, " and "));
      witnesses.push_back(entry.witness_text + with);
    }
  }
  if (numbers.size() > kShownNumbers) {
    const size_t left = numbers.size() - kShownNumbers;
    numbers.resize(kShownNumbers);
    numbers.push_back(fmt::format("{} more ranges of numbers without a name", left));
  }
  whole.insert(whole.end(), numbers.begin(), numbers.end());
  std::string text = heading(group) + wrapped(whole) + conditional;
  if (!witnesses.empty()) text += fmt::format("    for example {}\n", fmt::join(witnesses, "; "));
  return text;
}

}  // namespace

std::string abi_names(const std::vector<target::Abi>& abis) {
  std::vector<std::string_view> names;
  for (target::Abi abi : abis) names.push_back(target::info(abi).name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string only_text(const DiffOnly& only) {
  return fmt::format("only `{}` is for {}: not compared", only.file, abi_names(only.abis));
}

std::string diff_text(const Diff& diff, const DiffNames& names) {
  std::string text = fmt::format("from `{}` to `{}`\n", names.first, names.second);
  if (diff.is_equal()) {
    text = fmt::format("`{}` and `{}` answer every call alike\n", names.first, names.second);
  } else if (diff.groups.empty()) {
    text += "\nno difference in what was compared\n";
  }
  for (const DiffGroup& group : diff.groups) text += "\n" + group_text(group);
  if (!diff.open.empty()) text += fmt::format("\ntoo large to be compared: {}\n", fmt::join(diff.open, "; "));
  for (const DiffOnly& only : diff.only) text += "\n" + only_text(only) + "\n";
  return text;
}

}  // namespace sbpc::output
