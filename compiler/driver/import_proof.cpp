#include "driver/import_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "describe/names.h"
#include "describe/split.h"
#include "diag/kinds/import.def"
#include "driver/disk_reader.h"
#include "driver/outcome.h"
#include "import/items.h"
#include "import/meaning.h"
#include "import/meanings.h"
#include "ir/copy.h"
#include "ir/meaning.h"
#include "lower/lower.h"
#include "sema/analyze.h"
#include "sema/load.h"
#include "target/multiplexers.h"

namespace sbpc::driver {
namespace {

using importer::Profile;
using importer::Setting;
using importer::Width;
using target::Abi;

constexpr std::string_view kWritten = "the imported policy";

// The foreign filter as it is, and the written policy.
struct ProgramPair {
  ir::Ref exact;
  ir::Ref ours;
};

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
  if (name == "ipc" && profile.joins_multiplexers)
    return "the kernel looks at the lower 16 bits of ipc's number, and so does the policy";
  if (name == "socketcall" && profile.joins_multiplexers)
    return "the kernel looks at 32 bits of socketcall's number, and so does the policy";
  if (target::is_multiplexer(name) && !profile.joins_multiplexers && !profile.rules.empty())
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

class Prover {
 public:
  Prover(Session& session, const importer::Foreign& foreign, const std::vector<std::string>& names,
         const ForeignMeaning& meaning)
      : session_(session), foreign_(foreign), names_(names), meaning_(meaning) {}

  ImportProof run(const std::string& text) {
    DiskReader reader({});
    reader.overlay(std::string(kWritten), text);
    has_caps_ = text.find("param caps:") != std::string::npos;
    const auto module = sema::load(session_.sources, reader, std::string(kWritten), session_.sink);
    if (!module || session_.sink.has_errors()) return undecided();
    for (size_t i = 0; i < foreign_.profiles.size() && proof_.is_decided; ++i) {
      for (const Setting& setting : importer::deciding_settings(foreign_.profiles[i], target::table_version())) {
        if (!compare(*module, i, setting)) return undecided();
      }
    }
    return std::move(proof_);
  }

 private:
  ImportProof undecided() {
    proof_.is_decided = false;
    return std::move(proof_);
  }

  bool compare(const sema::Module& module, size_t index, const Setting& setting) {
    const Profile& profile = foreign_.profiles[index];
    sema::Options options;
    options.policy = names_[index];
    if (has_caps_) options.params["caps"] = fmt::format("{{ {} }}", fmt::join(setting.caps, ", "));
    const bool asks_kernel =
        std::ranges::any_of(profile.rules, [](const importer::Rule& r) { return r.guard.since || r.guard.before; });
    if (asks_kernel) options.min_kernel = setting.kernel;
    diag::Sink sink = quiet_sink();
    const auto policies = sema::analyze({session_.sources, module, options}, sink);
    if (!policies) return report(sink);
    for (const sema::Policy& policy : *policies) {
      if (policy.name != names_[index]) continue;
      auto program = lower::lower(policy, sink);
      if (!program) return report(sink);
      if (!compare_program(profile, setting, policy, *program)) return false;
    }
    return true;
  }

  [[nodiscard]] static diag::Sink quiet_sink() {
    diag::Settings settings;
    for (const diag::KindInfo& row : diag::all_kinds()) {
      if (row.severity == diag::Severity::warning) settings.silenced.emplace(row.lint);
    }
    return diag::Sink(std::move(settings));
  }

  // The written text does not compile: something that the language refuses to say.
  bool report(const diag::Sink& sink) {
    for (const diag::Diagnostic& found : sink.diagnostics()) {
      if (found.severity != diag::Severity::error) continue;
      diag::Builder report = session_.sink.report(diag::kinds::ImportCannotSay, {}, found.message);
      for (const std::string& note : found.notes) report.note(note);
    }
    return false;
  }

  bool compare_program(const Profile& profile, const Setting& setting, const sema::Policy& policy,
                       ir::Program& program) {
    ++proof_.comparisons;
    importer::AbiSet abis;
    for (const sema::AbiPolicy& abi : policy.abis) abis.add(abi.abi);
    Family& family = families_[{&profile, target::info(abis.first()).family}];
    if (family.here.abis != abis) {
      family.here = profile;
      family.here.abis = abis;
      family.meaning = meaning_(family.here, family.diagram);
    }
    const Profile& here = family.here;
    ir::Diagram& diagram = family.diagram;
    const ir::Ref whole = ir::whole_meaning(program);
    if (!whole.valid()) return false;
    const ir::Ref ours = ir::copy(program.diagram, whole, diagram);
    const ir::Ref exact = family.meaning(setting, Width::exact);
    if (!ours.valid() || !exact.valid()) return false;
    if (ours == exact) return true;
    if (!family.listed.valid()) family.listed = diagram.negate(reachable(diagram, profile.abis, abis));
    // What another setting has shown already is not shown again.
    const ir::Ref differs =
        diagram.conjunction(diagram.negate(same_where(diagram, exact, ours)), diagram.negate(family.listed));
    if (!differs.valid()) return false;
    if (differs == diagram.no()) return true;
    family.listed = diagram.disjunction(family.listed, differs);
    const ir::Ref meant = family.meaning(setting, Width::meant);
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
    if (region == diagram.no()) return true;
    for (const describe::WordPart& arch : describe::split(diagram, region, target::Word::arch)) {
      if (arch.rest == diagram.no()) continue;
      for (const describe::WordPart& number : describe::split(diagram, arch.rest, target::Word::nr)) {
        if (number.rest == diagram.no()) continue;
        const auto witness =
            diagram.witness(number.rest, [](uint32_t payload) { return payload == ir::Diagram::kYes; });
        CHECK(witness);
        ir::Diagram::Witness event = *witness;
        event.data.arch = arch.first;
        event.data.nr = static_cast<int32_t>(number.first);
        add(profile, diagram, pair, event, kind);
      }
    }
    return true;
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
    // Numbers without a name are all alike.
    const auto same = [&](const ImportDifference& other) {
      return other.reason == made.reason && other.was_looser == made.was_looser && (other.call == made.call || !call);
    };
    const auto known = std::ranges::find_if(proof_.differences, same);
    if (known != proof_.differences.end()) {
      if (known->call != made.call) known->others.insert(made.call);
      return;
    }
    made.text =
        fmt::format("{} on {}: {} there, {} here", describe::event_text(words, event.data, event.tested),
                    target::info(words).name, describe::verdict_text(was, words), describe::verdict_text(now, words));
    proof_.differences.push_back(std::move(made));
  }

  struct Family {
    Profile here;  // the profile, for the family's ABIs
    ir::Diagram diagram;
    MeaningUnder meaning;
    ir::Ref listed;  // where differences need not be shown
  };

  Session& session_;
  std::map<std::pair<const Profile*, target::Family>, Family> families_;
  const importer::Foreign& foreign_;
  const std::vector<std::string>& names_;
  const ForeignMeaning& meaning_;
  ImportProof proof_;
  bool has_caps_ = false;  // whether some choice of capabilities is left in the text
};

}  // namespace

MeaningUnder meaning_of_rules(const Profile& profile, ir::Diagram& diagram) {
  return [meanings = importer::Meanings(profile, diagram)](const Setting& setting, Width width) mutable {
    return meanings(setting, width);
  };
}

ImportProof prove_import(Session& session, const importer::Foreign& foreign, const std::vector<std::string>& names,
                         const std::string& text, const ForeignMeaning& meaning) {
  return Prover(session, foreign, names, meaning).run(text);
}

}  // namespace sbpc::driver
