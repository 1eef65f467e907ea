#include "driver/source_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "explain/text.h"
#include "lower/decide.h"
#include "target/actions.h"

namespace sbpc::driver {
namespace {

using output::ContainerPlace;
using output::ContainerRule;

// Statements that name a call, with the answers that they give: by number.
using Naming = std::multimap<uint32_t, std::pair<uint32_t, sema::PlaceId>>;

Naming naming_of(const sema::AbiPolicy& abi) {
  Naming naming;
  for (const sema::Scope& scope : abi.scopes) {
    for (const sema::Rule& rule : scope.rules) {
      for (const sema::Target& target : rule.targets) {
        naming.emplace(target.nr, std::pair(target::encode(rule.verdict), rule.place));
        if (rule.otherwise) naming.emplace(target.nr, std::pair(target::encode(*rule.otherwise), rule.place));
      }
    }
    for (const sema::Fallback& fallback : scope.fallbacks) {
      for (const uint32_t nr : fallback.calls)
        naming.emplace(nr, std::pair(target::encode(fallback.verdict), fallback.place));
    }
    for (const sema::Require& require : scope.requires_) {
      for (const sema::Target& target : require.targets)
        naming.emplace(target.nr, std::pair(target::encode(require.otherwise), require.place));
    }
  }
  return naming;
}

class Rules {
 public:
  Rules(const SourceMap& sources, const Compiled& compiled, std::vector<ContainerPlace>& places)
      : sources_(sources), compiled_(compiled), places_(places) {}

  std::vector<ContainerRule> take() {
    for (const ir::Section& section : compiled_.program.sections) add(section);
    return std::move(rules_);
  }

 private:
  void add(const ir::Section& section) {
    Naming naming;
    for (const sema::AbiPolicy& abi : compiled_.policy.abis) {
      if (target::info(abi.abi).audit_arch == section.arch) naming.merge(naming_of(abi));
    }
    std::set<uint32_t> named;
    for (const auto& row : naming) named.insert(row.first);
    for (const ir::NrRange& range : section.ranges) {
      uint64_t from = range.first;
      for (auto nr = named.lower_bound(range.first); nr != named.end() && *nr <= range.last; ++nr) {
        if (from < *nr) add(section, {static_cast<uint32_t>(from), *nr - 1, range.function}, naming);
        add(section, {*nr, *nr, range.function}, naming);
        from = uint64_t{*nr} + 1;
      }
      if (from <= range.last) add(section, {static_cast<uint32_t>(from), range.last, range.function}, naming);
    }
  }

  // Numbers that nobody names, or one that somebody does.
  void add(const ir::Section& section, const ir::NrRange& calls, const Naming& naming) {
    const ir::Diagram& diagram = compiled_.program.diagram;
    const ir::Ref meaning = compiled_.program.functions[calls.function.value].meaning;
    if (!meaning.valid()) return;
    for (const uint32_t word : diagram.payloads(meaning)) {
      if (word == target::info(target::Action::allow).ret) continue;
      auto witness = diagram.witness(meaning, [&](uint32_t payload) { return payload == word; });
      if (!witness) continue;
      witness->data.arch = section.arch;
      witness->data.nr = static_cast<int32_t>(calls.first);
      std::vector<sema::PlaceId> deciders = deciders_of(*witness);
      const auto [begin, end] = naming.equal_range(calls.first);
      for (auto row = begin; row != end; ++row) {
        const auto& [answer, place] = row->second;
        if (answer == word && std::find(deciders.begin(), deciders.end(), place) == deciders.end())
          deciders.push_back(place);
      }
      for (const sema::PlaceId place : deciders) add({section.arch, calls.first, calls.last, word, index_of(place)});
    }
  }

  [[nodiscard]] std::vector<sema::PlaceId> deciders_of(const ir::Diagram::Witness& witness) const {
    const sema::Policy& policy = compiled_.policy;
    const lower::Decision decision = lower::decide(policy, compiled_.program.diagram, witness);
    std::vector<sema::PlaceId> deciders;
    for (const lower::Voice& voice : decision.voices) {
      if (voice.fate == lower::Voice::Fate::decides && policy.places[voice.place.value].span.valid())
        deciders.push_back(voice.place);
    }
    const bool by_default = decision.source == lower::Decision::Source::otherwise && policy.otherwise_place.valid();
    if (by_default) deciders.push_back(policy.otherwise_place);
    return deciders;
  }

  void add(const ContainerRule& rule) {
    if (!rules_.empty()) {
      ContainerRule& last = rules_.back();
      const bool continues =
          last.arch == rule.arch && last.word == rule.word && last.place == rule.place && last.last + 1 == rule.first;
      if (continues) {
        last.last = rule.last;
        return;
      }
    }
    rules_.push_back(rule);
  }

  uint32_t index_of(sema::PlaceId id) {
    const auto known = indices_.find(id.value);
    if (known != indices_.end()) return known->second;
    const sema::Place& place = compiled_.policy.places[id.value];
    const Position at = sources_.position(place.span.file, place.span.begin);
    const std::string_view root = sources_.name(compiled_.module.files.front().ast.file);
    places_.push_back({short_name(root, sources_.name(place.span.file)), at.line, at.column,
                       explain::first_line(sources_.text(place.span)), explain::first_line(place.reason)});
    const auto index = static_cast<uint32_t>(places_.size() - 1);
    indices_.emplace(id.value, index);
    return index;
  }

  const SourceMap& sources_;
  const Compiled& compiled_;
  std::vector<ContainerPlace>& places_;
  std::vector<ContainerRule> rules_;
  std::map<uint32_t, uint32_t> indices_;
};

}  // namespace

std::string short_name(std::string_view root, std::string_view name) {
  const std::string_view folder = root.substr(0, root.rfind('/') + 1);  // npos + 1 is 0
  const bool is_below = name.starts_with(folder) && !name.substr(folder.size()).starts_with('/') &&
                        !name.substr(folder.size()).starts_with("../");
  if (is_below) return std::string(name.substr(folder.size()));
  return std::string(name.substr(name.rfind('/') + 1));
}

std::vector<ContainerRule> source_rules(const SourceMap& sources, const Compiled& compiled,
                                        std::vector<ContainerPlace>& places) {
  return Rules(sources, compiled, places).take();
}

std::string where_text(const std::vector<ContainerRule>& rules, const std::vector<ContainerPlace>& places,
                       const target::SeccompData& call, uint32_t word) {
  std::string text;
  for (const ContainerRule& rule : rules) {
    const auto nr = static_cast<uint32_t>(call.nr);
    if (rule.arch != call.arch || rule.word != word || nr < rule.first || nr > rule.last) continue;
    const ContainerPlace& place = places[rule.place];
    if (!text.empty()) {
      text += fmt::format(" or {}:{}", place.file, place.line);
      continue;
    }
    text = fmt::format("{}:{}: `{}`", place.file, place.line, place.text);
    if (!place.reason.empty()) text += ": " + place.reason;
  }
  return text;
}

}  // namespace sbpc::driver
