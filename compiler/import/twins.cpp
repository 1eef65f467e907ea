#include "import/twins.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "import/meaning.h"

namespace sbpc::importer {
namespace {

// The rules of one line: they answer one after the other for the same calls.
using Lines = std::vector<std::span<Rule>>;

Lines lines_of(std::vector<Rule>& rules) {
  Lines lines;
  for (size_t begin = 0; begin < rules.size();) {
    size_t end = begin + 1;
    while (end < rules.size() && rules[end].span == rules[begin].span && rules[end].guard == rules[begin].guard) ++end;
    lines.emplace_back(rules.data() + begin, end - begin);
    begin = end;
  }
  return lines;
}

bool same_call(const Call& a, const Call& b) { return a.name == b.name && a.number == b.number; }
bool same_rule(const Rule& a, const Rule& b) {
  return a.verdict == b.verdict && a.any == b.any && std::ranges::equal(a.calls, b.calls, same_call);
}

// Whether the whole answers on the part's ABIs as the part does.
bool says(const Profile& whole, const Profile& part) {
  Profile cut = whole;
  cut.abis = part.abis;
  for (Rule& rule : cut.rules) rule.guard.abis = rule.guard.abis & part.abis;
  std::erase_if(cut.rules, [](const Rule& rule) { return rule.guard.abis.empty(); });
  ir::Diagram diagram;
  const ir::Ref a = meaning(cut, {}, Width::exact, diagram);
  const ir::Ref b = meaning(part, {}, Width::exact, diagram);
  return a.valid() && b.valid() && a == b;
}

}  // namespace

std::string join_twin(Foreign& whole, Foreign twin) {
  if (whole.profiles.size() != 1 || twin.profiles.size() != 1) return "a file of several policies has no twins";
  Profile& ours = whole.profiles.front();
  Profile& theirs = twin.profiles.front();
  if (ours.discipline != Discipline::first || theirs.discipline != Discipline::first)
    return "only formats with a file for each architecture have twins";
  const AbiSet both = ours.abis & theirs.abis;
  if (!both.empty()) return fmt::format("both are for {}", sema::to_string(both));
  if (ours.otherwise != theirs.otherwise || ours.bad_arch != theirs.bad_arch) return "their defaults differ";
  const Profile before = ours;
  const Profile alone = theirs;
  // Lines that say the same share a rule; each ABI keeps the order that its own file has.
  const Lines known = lines_of(ours.rules);
  std::vector<Rule> rest;
  for (const std::span<Rule> line : lines_of(theirs.rules)) {
    const auto found = std::ranges::find_if(
        known, [&](const std::span<Rule>& own) { return std::ranges::equal(own, line, same_rule); });
    if (found == known.end()) {
      rest.insert(rest.end(), line.begin(), line.end());
      continue;
    }
    for (size_t i = 0; i < line.size(); ++i) {
      for (const target::Abi abi : line[i].guard.abis) (*found)[i].guard.abis.add(abi);
    }
  }
  ours.rules.insert(ours.rules.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
  for (const target::Abi abi : theirs.abis) ours.abis.add(abi);
  return says(ours, before) && says(ours, alone) ? "" : "together they would not answer as each does alone";
}

}  // namespace sbpc::importer
