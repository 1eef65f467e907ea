// diff_json.cpp: a diff for programs. Every number that may need 64 bits is a string, as JSON readers round.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "describe/names.h"
#include "output/diff.h"

namespace sbpc::output {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

std::string_view change_name(Change change) {
  switch (change) {
    case Change::looser: return "looser";
    case Change::stricter: return "stricter";
    case Change::data: return "data";
  }
  return "";
}

Json verdict_json(target::Verdict verdict, const DiffGroup& group) {
  return {{"action", target::info(verdict.action).name},
          {"data", verdict.data},
          {"text", describe::verdict_text(verdict, group.abis.empty() ? target::host_abi() : group.abis.front())}};
}

Json event_json(const DiffEntry& entry) {
  Json args = Json::array();
  for (uint64_t arg : entry.witness.args) args.push_back(fmt::format("{:#x}", arg));
  Json made = {{"text", entry.witness_text},
               {"arch", entry.witness.arch},
               {"nr", entry.witness.nr},
               {"instruction_pointer", fmt::format("{:#x}", entry.witness.instruction_pointer)},
               {"args", args}};
  if (!entry.parameters.empty()) made["parameters"] = entry.parameters;
  return made;
}

Json abis_json(const std::vector<target::Abi>& abis) {
  Json names = Json::array();
  for (target::Abi abi : abis) names.push_back(target::info(abi).name);
  return names;
}

Json only_json(const Diff& diff) {
  Json made = Json::array();
  for (const DiffOnly& only : diff.only) made.push_back({{"file", only.file}, {"abis", abis_json(only.abis)}});
  return made;
}

}  // namespace

std::string diff_json(const Diff& diff, const DiffNames& names) {
  Json groups = Json::array();
  for (const DiffGroup& group : diff.groups) {
    Json entries = Json::array();
    for (const DiffEntry& entry : group.entries) {
      entries.push_back({{"call", entry.call},
                         {"named", entry.is_named},
                         {"conditions", entry.conditions},
                         {"exact", entry.exact},
                         {"witness", event_json(entry)}});
    }
    groups.push_back({{"change", change_name(change_of(group))},
                      {"abis", abis_json(group.abis)},
                      {"was", verdict_json(group.was, group)},
                      {"now", verdict_json(group.now, group)},
                      {"calls", entries}});
  }
  const Json made = {
      {"schema", kSchema},        {"kind", "diff"},   {"first", names.first},   {"second", names.second},
      {"equal", diff.is_equal()}, {"groups", groups}, {"undecided", diff.open}, {"not_compared", only_json(diff)}};
  return made.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sbpc::output
