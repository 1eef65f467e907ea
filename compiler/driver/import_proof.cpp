#include "driver/import_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/import_limits.h"
#include "describe/names.h"
#include "describe/split.h"
#include "diag/kinds/import.def"
#include "driver/background.h"
#include "driver/import_analysis.h"
#include "driver/outcome.h"
#include "import/items.h"
#include "import/meaning.h"
#include "import/meanings.h"
#include "ir/copy.h"
#include "ir/meaning.h"
#include "lower/lower.h"
#include "target/multiplexers.h"

namespace sbpc::driver {
namespace {

using importer::AbiSet;
using importer::Profile;
using importer::Setting;
using importer::Width;
using target::Abi;

constexpr size_t kMostParts = 4;  // at once: each reads the text anew

// The foreign filter as it is, and the written policy.
struct ProgramPair {
  ir::Ref exact;
  ir::Ref ours;
};

// Whether the event makes another call through socketcall or ipc.
bool makes_a_call(const target::SeccompData& event, std::optional<target::CallId> call) {
  const target::Multiplexer* multiplexer = call ? target::find_multiplexer(*call) : nullptr;
  const auto abi = describe::abi_of(event.arch, static_cast<uint32_t>(event.nr));
  if (multiplexer == nullptr || !abi) return false;
  for (size_t id = 0; id < target::call_count(); ++id) {
    const auto sub = target::sub_call(target::CallId(id), *abi);
    if (sub && sub->multiplexer == *call && sub->selector == (event.args[0] & multiplexer->mask)) return true;
  }
  return false;
}

// Why the language says something else; empty if no reason is known.
std::string reason_of(const Profile& profile, const target::SeccompData& event, std::optional<target::CallId> call) {
  const auto nr = static_cast<uint32_t>(event.nr);
  const std::string_view name = call ? target::call_name(*call) : std::string_view();
  const bool is_x86_64 = event.arch == target::info(Abi::x86_64).audit_arch;
  if (is_x86_64 && profile.guards_x32 && nr > 0x7fffffffU)
    return "libseccomp takes numbers from 2^31 on for x32's; no call has such a number";
  if (is_x86_64 && profile.abis.has(Abi::x32) && (nr & target::kX32Bit) != 0 &&
      target::call_at(Abi::x86_64, nr & ~target::kX32Bit))
    return "x32 does not have this number of x86_64's; the policy takes it for another ABI's";
  if (!profile.joins_multiplexers && makes_a_call(event, call))
    return fmt::format("what the policy says of a call holds where it is made through {}, too", name);
  const auto names_it = [&](const importer::Call& named) { return named.number == nr; };
  const auto has_it = [&](const importer::Rule& rule) { return std::ranges::any_of(rule.calls, names_it); };
  if (!call && nr >= target::kX32Bit && std::ranges::any_of(profile.rules, has_it))
    return "no call has such a number, and the language has no rule for it";
  if (profile.rules.empty() && !call) {  // a program's
    const auto abi = describe::abi_of(event.arch, nr);
    return abi && profile.abis.has(*abi) ? "it tells numbers apart that have no name"
                                         : "it tells machines apart that are not this one";
  }
  return {};
}

void begin_side(const Profile& profile, AbiSet abis, const ForeignMeaning& meaning, ForeignSide& side) {
  side.here = profile;
  side.here.abis = abis;
  side.exact.clear();
  side.meaning = meaning(side.here, side.diagram);
}

std::map<target::Family, AbiSet> machines_of(AbiSet abis) {
  std::map<target::Family, AbiSet> machines;
  for (const Abi abi : abis) machines[target::info(abi).family].add(abi);
  return machines;
}

ForeignSides sides_of(const importer::Foreign& foreign) {
  ForeignSides sides;
  for (size_t i = 0; i < foreign.profiles.size(); ++i) {
    const Profile& profile = foreign.profiles[i];
    const std::vector<Setting> settings = importer::deciding_settings(profile, target::table_version());
    for (const auto& [machine, abis] : machines_of(profile.abis)) {
      ForeignSide& side = sides[{i, machine}];
      begin_side(profile, abis, meaning_of_rules, side);
      for (const Setting& setting : settings) side.exact.push_back(side.meaning(setting, Width::exact));
    }
  }
  return sides;
}

// What is compared.
struct Pair {
  const importer::Foreign& foreign;
  const std::vector<std::string>& names;
  const std::string& text;
  const ForeignMeaning* meaning;  // null: the text is judged alone
};

// What is found of some machines, and the policies that are still to be judged with those of the others.
struct PartProof {
  ImportProof proof;
  std::vector<WrittenPolicy> written;
};

// Takes up what another proof has found of other calls, settings or machines.
void add_difference(std::vector<ImportDifference>& all, ImportDifference made) {
  // Numbers without a name are all alike.
  const auto same = [&](const ImportDifference& other) {
    return other.reason == made.reason && other.was_looser == made.was_looser &&
           (other.call == made.call || !made.is_named);
  };
  const auto known = std::ranges::find_if(all, same);
  if (known == all.end()) {
    all.push_back(std::move(made));
    return;
  }
  made.others.insert(made.call);
  for (const std::string& call : made.others) {
    if (call != known->call) known->others.insert(call);
  }
}

ImportProof undecided() {
  ImportProof proof;
  proof.is_decided = false;
  return proof;
}

// Compares policies with the sides that are known of them.
class Prover {
 public:
  Prover(const Pair& pair, ForeignSides sides, diag::Sink& sink) : pair_(pair), sink_(sink), sides_(std::move(sides)) {}

  PartProof run(std::vector<Analysis> analyses) {
    for (Analysis& analysis : analyses) {
      for (sema::Policy& policy : analysis.policies) {
        const auto machine = target::info(policy.abis.front().abi).family;
        place_ = {analysis.profile, analysis.place, static_cast<size_t>(machine)};
        if (!compare(analysis, policy)) return {undecided(), {}};
      }
    }
    return {std::move(proof_), std::move(written_)};
  }

 private:
  bool compare(const Analysis& analysis, sema::Policy& policy) {
    diag::Sink sink = quiet_sink();
    auto program = lower::lower(policy, sink);
    if (!program) {
      report_unsaid(sink, sink_);
      return false;
    }
    const Profile& profile = pair_.foreign.profiles[analysis.profile];
    if (pair_.meaning != nullptr && !compare_program(profile, analysis.setting, policy, *program)) return false;
    WrittenPolicy written{place_, analysis.setting, std::move(policy), std::move(*program)};
    if (pair_.meaning != nullptr && !judge_size(written, sink_)) return false;
    if (analysis.is_judged) written_.push_back(std::move(written));
    return true;
  }

  bool compare_program(const Profile& profile, const Setting& setting, const sema::Policy& policy,
                       ir::Program& program) {
    ++proof_.comparisons;
    importer::AbiSet abis;
    for (const sema::AbiPolicy& abi : policy.abis) abis.add(abi.abi);
    const target::Family machine = target::info(abis.first()).family;
    ForeignSide& side = sides_[{place_[0], machine}];
    if (side.here.abis != abis) begin_side(profile, abis, *pair_.meaning, side);
    const Profile& here = side.here;
    ir::Diagram& diagram = side.diagram;
    const ir::Ref whole = ir::whole_meaning(program);
    if (!whole.valid()) return false;
    const ir::Ref ours = ir::copy(program.diagram, whole, diagram);
    const ir::Ref exact = place_[1] < side.exact.size() ? side.exact[place_[1]] : side.meaning(setting, Width::exact);
    if (!ours.valid() || !exact.valid()) return false;
    if (ours == exact) return true;
    if (!side.listed.valid()) side.listed = diagram.negate(reachable(diagram, profile.abis, abis));
    // What another setting has shown already is not shown again.
    const ir::Ref differs =
        diagram.conjunction(diagram.negate(same_where(diagram, exact, ours)), diagram.negate(side.listed));
    if (!differs.valid()) return false;
    if (differs == diagram.no()) return true;
    side.listed = diagram.disjunction(side.listed, differs);
    const ir::Ref meant = side.meaning(setting, Width::meant);
    const ir::Ref same = same_where(diagram, exact, meant);
    if (!same.valid()) return false;
    const auto runs = [](uint32_t word) { return target::info(target::decode(word).action).may_run; };
    const ir::Ref looser = diagram.apply(exact, ours, [&](uint32_t x, uint32_t y) {
      return runs(x) && !runs(y) ? ir::Diagram::kYes : ir::Diagram::kNo;
    });
    for (const bool is_width : {true, false}) {
      for (const bool was_looser : {true, false}) {
        ImportDifference kind;
        kind.is_width = is_width;
        kind.was_looser = was_looser;
        if (is_width)
          kind.reason = "the foreign filter compares bits of a register that the kernel ignores; the policy does not";
        const ir::Ref region = diagram.conjunction(diagram.conjunction(differs, is_width ? diagram.negate(same) : same),
                                                   was_looser ? looser : diagram.negate(looser));
        if (!list(here, diagram, {exact, ours}, region, kind)) return false;
      }
    }
    return true;
  }

  // Without the calls that only another machine of the profile makes; `foreign ... for legacy` speaks of x86_64's
  // everywhere.
  static ir::Ref reachable(ir::Diagram& diagram, importer::AbiSet all, importer::AbiSet family) {
    ir::Ref found = diagram.yes();
    all.add(Abi::x86_64);
    for (const Abi abi : all) {
      if (target::info(abi).family == target::info(family.first()).family) continue;
      const ir::WordRange arch{target::info(abi).audit_arch, target::info(abi).audit_arch};
      found = diagram.conjunction(
          found, diagram.negate(diagram.member(target::Word::arch, ~uint32_t{0}, std::span(&arch, 1))));
    }
    return found;
  }

  static ir::Ref same_where(ir::Diagram& diagram, ir::Ref a, ir::Ref b) {
    return diagram.apply(a, b, [](uint32_t x, uint32_t y) {
      return target::decode(x) == target::decode(y) ? ir::Diagram::kYes : ir::Diagram::kNo;
    });
  }

  // The differences within a region, one for each call or stretch of numbers. `kind` says what is the same for all of
  // them.
  bool list(const Profile& profile, ir::Diagram& diagram, const ProgramPair& pair, ir::Ref region,
            ImportDifference kind) {
    if (!region.valid()) return false;
    return describe::each_stretch(diagram, region, [&](uint32_t arch, const describe::WordPart& numbers) {
      const auto witness = diagram.witness(numbers.rest, [](uint32_t payload) { return payload == ir::Diagram::kYes; });
      CHECK(witness);
      ir::Diagram::Witness event = *witness;
      event.data.arch = arch;
      event.data.nr = static_cast<int32_t>(numbers.first);
      add(profile, diagram, pair, event, kind);
    });
  }

  void add(const Profile& profile, ir::Diagram& diagram, const ProgramPair& pair, const ir::Diagram::Witness& event,
           ImportDifference made) {
    const auto nr = static_cast<uint32_t>(event.data.nr);
    const auto abi = describe::abi_of(event.data.arch, nr);
    const auto call = abi ? target::call_at(*abi, nr) : std::nullopt;
    const target::Abi words = abi.value_or(target::host_abi());
    const auto no_parameters = [](const ir::Diagram::Opaque&) { return false; };
    const target::Verdict was = target::decode(diagram.evaluate(pair.exact, event.data, no_parameters));
    const target::Verdict now = target::decode(diagram.evaluate(pair.ours, event.data, no_parameters));
    CHECK(was != now);
    made.call = call ? std::string(target::call_name(*call)) : fmt::format("number {:#x}", nr);
    if (!made.is_width) made.reason = reason_of(profile, event.data, call);
    made.explained = !made.reason.empty();
    made.is_named = call.has_value();
    made.place = place_;
    made.text =
        fmt::format("{} on {}: {} there, {} here", describe::event_text(words, event.data, event.tested),
                    target::info(words).name, describe::verdict_text(was, words), describe::verdict_text(now, words));
    add_difference(proof_.differences, std::move(made));
  }

  const Pair& pair_;
  diag::Sink& sink_;
  ForeignSides sides_;
  std::vector<WrittenPolicy> written_;
  std::array<size_t, 3> place_{};
  ImportProof proof_;
};

// The ABIs by machine, the machines dealt out into so many parts of about the same size.
std::vector<AbiSet> deal_out(AbiSet abis, size_t parts) {
  const std::map<target::Family, AbiSet> machines = machines_of(abis);
  std::vector<AbiSet> dealt(std::max<size_t>(1, std::min(parts, machines.size())));
  for (const auto& [family, of_machine] : machines) {
    AbiSet& smallest =
        *std::min_element(dealt.begin(), dealt.end(), [](AbiSet a, AbiSet b) { return a.size() < b.size(); });
    smallest = smallest | of_machine;
  }
  return dealt;
}

// Setting by setting at once, dealt out by machines; nothing where the text does not compile.
std::optional<std::vector<std::vector<Analysis>>> analyze_by_parts(const Pair& pair, std::span<const AbiSet> parts) {
  const Work<std::optional<std::vector<Analysis>>> analyze = [&](size_t part) {
    SourceMap sources;
    diag::Sink sink;
    return analyze_import(pair.foreign, pair.names, pair.text, {part, parts.size()}, sources, sink);
  };
  std::vector<std::vector<Analysis>> dealt(parts.size());
  for (auto& found : at_once(parts.size(), analyze)) {
    if (!found) return std::nullopt;
    for (Analysis& analysis : *found) {
      std::vector<sema::Policy> policies = std::exchange(analysis.policies, {});
      for (size_t i = 0; i < parts.size(); ++i) {
        Analysis& own = dealt[i].emplace_back(analysis);
        for (sema::Policy& policy : policies) {
          if (!policy.abis.empty() && parts[i].has(policy.abis.front().abi)) own.policies.push_back(std::move(policy));
        }
      }
    }
  }
  for (std::vector<Analysis>& own : dealt) {
    std::ranges::sort(own, {}, [](const Analysis& one) { return std::pair(one.profile, one.place); });
  }
  return dealt;
}

// By parts at once, each with sides of its own; nothing where one of them cannot be compared.
std::optional<PartProof> prove_by_parts(const Pair& pair, std::span<const AbiSet> parts, ForeignSides sides) {
  auto analyses = analyze_by_parts(pair, parts);
  if (!analyses) return std::nullopt;
  std::vector<ForeignSides> dealt(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    for (const auto& [machine, abis] : machines_of(parts[i])) {
      for (size_t profile = 0; profile < pair.foreign.profiles.size(); ++profile)
        dealt[i].insert(sides.extract({profile, machine}));
    }
  }
  const Work<PartProof> prove = [&](size_t part) {
    diag::Sink sink;
    return Prover(pair, std::move(dealt[part]), sink).run(std::move((*analyses)[part]));
  };
  PartProof all;
  std::vector<ImportDifference> found;
  for (PartProof& part : at_once(parts.size(), prove)) {
    all.proof.is_decided = all.proof.is_decided && part.proof.is_decided;
    all.proof.comparisons += part.proof.comparisons;
    std::move(part.proof.differences.begin(), part.proof.differences.end(), std::back_inserter(found));
    std::move(part.written.begin(), part.written.end(), std::back_inserter(all.written));
  }
  if (!all.proof.is_decided) return std::nullopt;
  std::ranges::stable_sort(found, {}, &ImportDifference::place);
  for (ImportDifference& one : found) add_difference(all.proof.differences, std::move(one));
  return all;
}

// Each choice has the whole text compiled. Sides that are known have been worked out for each.
size_t choices_of(const importer::Foreign& foreign, const ForeignSides& sides) {
  size_t choices = 0;
  for (size_t i = 0; i < foreign.profiles.size(); ++i) {
    const auto known = sides.lower_bound({i, target::Family{}});
    choices += known != sides.end() && known->first.first == i
                   ? known->second.exact.size()
                   : importer::deciding_settings(foreign.profiles[i], target::table_version()).size();
  }
  return choices;
}

// What it cannot compare is reported.
ImportProof prove(const Pair& pair, ForeignSides sides, SourceMap& sources, diag::Sink& sink) {
  if (const size_t choices = choices_of(pair.foreign, sides); choices * pair.text.size() > limits::kImportProofBytes) {
    ImportProof proof = undecided();
    proof.choices = choices;
    return proof;
  }
  AbiSet abis;
  for (const Profile& profile : pair.foreign.profiles) abis = abis | profile.abis;
  const std::vector<AbiSet> parts = deal_out(abis, std::min(processors(), kMostParts));
  auto found = parts.size() > 1 ? prove_by_parts(pair, parts, std::move(sides)) : std::nullopt;
  if (!found) {
    auto analyses = analyze_import(pair.foreign, pair.names, pair.text, {}, sources, sink);
    if (!analyses) return undecided();
    found = Prover(pair, {}, sink).run(std::move(*analyses));
  }
  if (found->proof.is_decided) found->proof.left_open = judge_import(found->written, sink);
  return std::move(found->proof);
}

}  // namespace

MeaningUnder meaning_of_rules(const Profile& profile, ir::Diagram& diagram) {
  return [meanings = importer::Meanings(profile, diagram)](const Setting& setting, Width width) mutable {
    return meanings(setting, width);
  };
}

Background<ForeignSides> begin_sides(const importer::Foreign& foreign) {
  return Background<ForeignSides>([foreign] { return sides_of(foreign); });
}

ImportProof prove_import(Session& session, const importer::Foreign& foreign, const std::vector<std::string>& names,
                         const std::string& text, const ForeignMeaning& meaning, ForeignSides sides) {
  return prove({foreign, names, text, &meaning}, std::move(sides), session.sources, session.sink);
}

std::vector<importer::LeftOpen> find_left_open(const importer::Foreign& foreign, const std::vector<std::string>& names,
                                               const std::string& text) {
  SourceMap sources;
  diag::Sink sink;
  return prove({foreign, names, text, nullptr}, {}, sources, sink).left_open;
}

}  // namespace sbpc::driver
