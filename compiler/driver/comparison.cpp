#include "driver/comparison.h"

#include <fmt/format.h>

#include "bpf/encode.h"
#include "codegen/codegen.h"
#include "describe/names.h"
#include "diag/kinds/program.def"
#include "driver/families.h"
#include "opt/opt.h"
#include "prove/boxes.h"
#include "prove/parts.h"
#include "prove/prove.h"
#include "prove/trial.h"
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

using Outcome = prove::Proof::Outcome;

std::string call_on_abi(const target::SeccompData& data) {
  const auto nr = static_cast<uint32_t>(data.nr);
  const auto abi = describe::abi_of(data.arch, nr);
  if (!abi) return fmt::format("number {} on arch {:#x}", nr, data.arch);
  const auto call = target::call_at(*abi, nr);
  const std::string name = call ? std::string(target::call_name(*call)) : fmt::format("number {}", nr);
  return fmt::format("{} on {}", name, target::info(*abi).name);
}

// The program answers as the policy does.
bool is_program_of(const FollowedProgram& program, ir::Program& policy) {
  if (program.program.big_endian != policy.big_endian || !program.program.patches.empty()) return false;
  return prove::prove_in_parts(program.graph, policy).outcome == Outcome::proved;
}

// By what the compiler makes of the first: proved to be the first, and then the second.
bool equal_policies(const ir::Program& first, ir::Program& second) {
  if (first.holes != second.holes || first.big_endian != second.big_endian) return false;
  ir::Program compiled = first;
  opt::run(compiled, opt::Options());
  const bpf::Program program = codegen::generate(compiled, codegen::Goal::speed).program;
  if (program.insns.size() > bpf::kMaxInsns) return false;
  const std::vector<uint8_t> bytes = bpf::encode(program.insns, program.big_endian);
  ir::Program meaning = first;
  return prove::prove(bytes, program.patches, meaning).outcome == Outcome::proved &&
         prove::prove(bytes, program.patches, second).outcome == Outcome::proved;
}

ir::Ref within(const Events& events, ir::Diagram& diagram) {
  const ir::Ref named = targeted_events(events.abis, diagram);
  return events.is_all_but && !events.abis.empty() ? diagram.negate(named) : named;
}

}  // namespace

Result<FilePair> read_pair(Session& session, MeaningTable& table) {
  const auto& files = session.arguments.rest;
  auto first = read_meaning(session, files[0], table);
  auto second = read_meaning(session, files[1], table);
  if (!first || !second) return failed();
  return FilePair{std::move(*first), std::move(*second)};
}

Events events_that_count(const Session& session, const FamilyComparison& family) {
  return family.family ? Events{family.elsewhere, true} : Events{session.options.targets, false};
}

Comparison compare_files(const FilePair& pair, MeaningTable& table, const Events& events,
                         ir::FunctionRef<bool(ir::Diagram&, const Question&)> ask) {
  if (pair.first.unknown || pair.second.unknown) return {};
  ir::Diagram& diagram = table.diagram;
  const ir::Ref a = pair.first.function(diagram);
  const ir::Ref b = a.valid() ? pair.second.function(diagram) : a;
  if (b.valid() && ask(diagram, {within(events, diagram), a, b})) return {true, false, {}};
  const auto open =
      prove::by_boxes(pair.first.boxes, pair.second.boxes, [&](ir::Diagram& part, const prove::BoxPair& met) {
        return ask(part, {part.conjunction(met.within, within(events, part)), met.first, met.second});
      });
  Comparison made{open && open->empty(), true, {}};
  if (!open) return made;
  for (const target::SeccompData& data : *open) made.open.push_back(call_on_abi(data));
  return made;
}

std::optional<target::SeccompData> difference_by_trial(const FilePair& pair, const Trial& trial) {
  std::vector<prove::TrialProgram> programs;
  for (const FileMeaning* each : {&pair.first, &pair.second}) {
    const auto stuck = each->unknown ? std::optional(each->unknown->pc) : std::nullopt;
    if (each->code) programs.push_back({each->code->insns, each->code->big_endian, stuck});
  }
  if (programs.empty()) return std::nullopt;
  const auto is_off = [](const ir::Diagram::Opaque&) { return false; };
  ir::Diagram diagram;
  const ir::Ref counted = within(trial.events, diagram);
  const auto differs = [&](const target::SeccompData& data) {
    return !prove::holds_between(trial.relation, pair.first.ask(data, is_off), pair.second.ask(data, is_off)) &&
           diagram.evaluate(counted, data, is_off) == ir::Diagram::kYes;
  };
  std::vector<uint32_t> archs;
  const std::vector<target::Abi> tried = trial.events.is_all_but || trial.events.abis.empty()
                                             ? std::vector<target::Abi>{trial.abis.front()}
                                             : trial.events.abis;
  for (const target::Abi abi : tried) archs.push_back(target::info(abi).audit_arch);
  const auto found = prove::difference_by_trial(programs, archs, differs);
  for (const target::Abi abi : found ? trial.abis : std::vector<target::Abi>()) {
    target::SeccompData there = *found;
    there.arch = target::info(abi).audit_arch;
    if (differs(there)) return there;
  }
  return found;
}

void report_undecided(Session& session, const FilePair& pair, const Comparison& comparison) {
  bool is_told = false;
  for (const FileMeaning* each : {&pair.first, &pair.second}) {
    if (each->unknown && !is_told)
      session.sink.report(diag::kinds::Undecided, {}, each->name, unknown_text(*each->unknown));
    is_told |= each->unknown.has_value();
  }
  if (is_told) return;
  auto report = session.sink.report(diag::kinds::Undecided, {}, pair.first.name + "` and `" + pair.second.name,
                                    "together they outgrow the limit of decision-diagram nodes");
  if (!comparison.open.empty())
    report.note(fmt::format("all calls were compared but {}", fmt::join(comparison.open, "; ")));
}

bool equal_by_clauses(const FilePair& pair) {
  if (pair.first.policy && pair.second.policy) return equal_policies(*pair.first.policy, *pair.second.policy);
  if (pair.first.policy && pair.second.program) return is_program_of(*pair.second.program, *pair.first.policy);
  if (pair.first.program && pair.second.policy) return is_program_of(*pair.first.program, *pair.second.policy);
  return false;
}

}  // namespace sbpc::driver
