#include "driver/import_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "describe/names.h"
#include "diag/kinds/import.def"
#include "driver/disk_reader.h"
#include "driver/outcome.h"
#include "import/items.h"
#include "import/meaning.h"
#include "ir/copy.h"
#include "ir/meaning.h"
#include "lower/lower.h"
#include "output/diff.h"
#include "sema/analyze.h"
#include "sema/load.h"

namespace sbpc::driver {
namespace {

using importer::Profile;
using importer::Setting;
using importer::Width;
using target::Abi;

constexpr std::string_view kWritten = "the imported policy";

// Why the language says something else. The first words are the reason, `explained` is false if there is none.
std::string reason_of(const Profile& profile, const output::DiffGroup& group, const output::DiffEntry& entry) {
  const auto nr = static_cast<uint32_t>(entry.witness.nr);
  const auto abi = describe::abi_of(entry.witness.arch, nr);
  const auto call = abi ? target::call_at(*abi, nr) : std::nullopt;
  const std::string_view name = call ? target::call_name(*call) : std::string_view();
  const bool is_x86_64 = entry.witness.arch == target::info(Abi::x86_64).audit_arch;
  if (is_x86_64 && profile.guards_x32 && nr > 0x7fffffffU)
    return "libseccomp takes numbers from 2^31 on for x32's; no call has such a number";
  if (is_x86_64 && profile.abis.has(Abi::x32) && (nr & target::kX32Bit) != 0 && target::call_at(Abi::x86_64, nr & ~target::kX32Bit))
    return "x32 does not have this number of x86_64's; the policy takes it for another ABI's";
  if (name == "ipc" && profile.joins_multiplexers) return "the kernel looks at the lower 16 bits of ipc's number, and so does the policy";
  if (name == "socketcall" && profile.joins_multiplexers) return "the kernel looks at 32 bits of socketcall's number, and so does the policy";
  static_cast<void>(group);
  return {};
}

class Prover {
 public:
  Prover(Session& session, const importer::Foreign& foreign, const std::vector<std::string>& names)
      : session_(session), foreign_(foreign), names_(names) {}

  ImportProof run(const std::string& text) {
    DiskReader reader({});
    reader.overlay(std::string(kWritten), text);
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
    if (!importer::asked_caps(profile).empty()) options.params["caps"] = fmt::format("{{ {} }}", fmt::join(setting.caps, ", "));
    const bool asks_kernel = std::ranges::any_of(profile.rules, [](const importer::Rule& r) { return r.guard.since || r.guard.before; });
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

  bool compare_program(const Profile& profile, const Setting& setting, const sema::Policy& policy, ir::Program& program) {
    ++proof_.comparisons;
    Profile here = profile;
    importer::AbiSet abis;
    for (const sema::AbiPolicy& abi : policy.abis) abis.add(abi.abi);
    here.abis = abis;
    Family& family = families_[{&profile, target::info(abis.first()).family}];
    ir::Diagram& diagram = family.diagram;
    const ir::Ref whole = ir::whole_meaning(program);
    if (!whole.valid()) return false;
    const ir::Ref ours = ir::copy(program.diagram, whole, diagram);
    const ir::Ref exact = importer::meaning(here, setting, Width::exact, diagram);
    if (!ours.valid() || !exact.valid()) return false;
    if (ours == exact) return true;
    if (!family.listed.valid()) family.listed = diagram.negate(reachable(diagram, abis));
    // What another setting has shown already is not shown again.
    const ir::Ref differs = diagram.conjunction(diagram.negate(same_where(diagram, exact, ours)), diagram.negate(family.listed));
    if (!differs.valid()) return false;
    if (differs == diagram.no()) return true;
    family.listed = diagram.disjunction(family.listed, differs);
    const ir::Ref meant = importer::meaning(here, setting, Width::meant, diagram);
    const ir::Ref same = same_where(diagram, exact, meant);
    if (!same.valid()) return false;
    return list(here, diagram, exact, ours, diagram.conjunction(differs, diagram.negate(same)), true) &&
           list(here, diagram, exact, ours, diagram.conjunction(differs, same), false);
  }

  // Without the calls of x86_64 where another machine's filter is looked at: `foreign ... for legacy` speaks of them everywhere.
  static ir::Ref reachable(ir::Diagram& diagram, importer::AbiSet abis) {
    if (target::info(abis.first()).family == target::Family::x86) return diagram.yes();
    const uint32_t x86_64 = target::info(Abi::x86_64).audit_arch;
    const ir::WordRange range{x86_64, x86_64};
    return diagram.negate(diagram.member(target::Word::arch, ~uint32_t{0}, std::span(&range, 1)));
  }

  static ir::Ref same_where(ir::Diagram& diagram, ir::Ref a, ir::Ref b) {
    return diagram.apply(a, b, [](uint32_t x, uint32_t y) { return x == y ? ir::Diagram::kYes : ir::Diagram::kNo; });
  }

  bool list(const Profile& profile, ir::Diagram& diagram, ir::Ref exact, ir::Ref ours, ir::Ref within, bool is_width) {
    if (within == diagram.no()) return true;
    const output::Diff found = output::diff(diagram, exact, ours, within, {});
    if (!found.decided) return false;
    for (const output::DiffGroup& group : found.groups) {
      for (const output::DiffEntry& entry : group.entries) add(profile, group, entry, is_width);
    }
    return true;
  }

  void add(const Profile& profile, const output::DiffGroup& group, const output::DiffEntry& entry, bool is_width) {
    ImportDifference made;
    made.call = entry.call;
    made.is_width = is_width;
    made.was_looser = target::info(group.was.action).may_run && !target::info(group.now.action).may_run;
    made.reason = is_width ? "the foreign filter compares bits of a register that the kernel ignores; the policy does not" : reason_of(profile, group, entry);
    made.explained = !made.reason.empty();
    const auto abi = describe::abi_of(entry.witness.arch, static_cast<uint32_t>(entry.witness.nr)).value_or(target::host_abi());
    made.text = fmt::format("{} on {}: {} there, {} here", entry.witness_text, target::info(abi).name, describe::verdict_text(group.was, abi),
                            describe::verdict_text(group.now, abi));
    // Numbers without a name are all alike.
    const auto same = [&](const ImportDifference& other) {
      return other.reason == made.reason && other.was_looser == made.was_looser && (other.call == made.call || !entry.is_named);
    };
    const auto known = std::ranges::find_if(proof_.differences, same);
    if (known == proof_.differences.end()) proof_.differences.push_back(std::move(made));
    else if (known->call != made.call) known->others.insert(made.call);
  }

  struct Family {
    ir::Diagram diagram;
    ir::Ref listed;  // where differences need not be shown
  };

  Session& session_;
  std::map<std::pair<const Profile*, target::Family>, Family> families_;
  const importer::Foreign& foreign_;
  const std::vector<std::string>& names_;
  ImportProof proof_;
};

}  // namespace

ImportProof prove_import(Session& session, const importer::Foreign& foreign, const std::vector<std::string>& names, const std::string& text) {
  return Prover(session, foreign, names).run(text);
}

}  // namespace sbpc::driver
