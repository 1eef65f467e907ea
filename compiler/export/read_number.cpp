#include "export/read_number.h"

#include <algorithm>

#include "import/lost_number.h"
#include "target/multiplexers.h"

namespace sbpc::exporter {
namespace {

using importer::AllOf;
using importer::Call;
using importer::Compare;
using importer::CompareOp;
using importer::Rule;

// False: there are not enough registers.
bool lengthen(AllOf& all, uint64_t tests, target::Abi abi) {
  for (uint8_t index = 0; index < 6 && importer::test_count(all, abi) < tests; ++index) {
    if (std::ranges::find(all, index, &Compare::index) == all.end()) all.push_back({index, CompareOp::ge});
  }
  return importer::test_count(all, abi) >= tests;
}

// libseccomp is not trusted with orderings of a call that has several rules, and those of multiplexed calls lose some.
bool can_be_ordered(const importer::Profile& profile, const Call& call) {
  const auto has_it = [&](const Rule& rule) {
    return std::ranges::find(rule.calls, call.name, &Call::name) != rule.calls.end();
  };
  if (std::ranges::count_if(profile.rules, has_it) > 1 || target::is_multiplexer(call.name)) return false;
  const auto known = importer::known_call(call);
  for (const target::Abi abi : profile.abis) {
    if (known && target::sub_call(*known, abi)) return false;
  }
  return true;
}

// The calls of the rule that the ABI does not have, in a rule of their own.
bool split(importer::Profile& profile, const importer::LostNumber& lost) {
  const auto place = std::ranges::find_if(profile.rules, [&](const Rule& rule) { return &rule == lost.rule; });
  const auto is_absent = [&](const Call& call) { return importer::is_absent(call, lost.counts); };
  const auto is_left = [&](const Call& call) { return is_absent(call) && !can_be_ordered(profile, call); };
  if (std::ranges::any_of(place->calls, is_left)) return false;
  Rule made = *place;
  if (made.any.empty()) made.any.emplace_back();
  if (made.any.size() > 1 || !lengthen(made.any.front(), lost.tests, lost.counts)) return false;
  std::erase_if(made.calls, [&](const Call& call) { return !is_absent(call); });
  std::erase_if(place->calls, is_absent);
  if (place->calls.empty())
    *place = std::move(made);
  else
    profile.rules.insert(place + 1, std::move(made));
  return true;
}

}  // namespace

void keep_number_read(importer::Profile& profile) {
  while (const auto lost = importer::lost_number(profile)) {
    if (!split(profile, *lost)) return;
  }
}

}  // namespace sbpc::exporter
