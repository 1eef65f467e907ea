#include "driver/comparison.h"

#include <fmt/format.h>

#include <algorithm>

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

ByClauses concluded(const prove::Proof& proof) {
  ByClauses made;
  made.is_equal = proof.outcome == Outcome::proved;
  if (proof.outcome == Outcome::refuted && proof.witness) made.different = proof.witness->data;
  return made;
}

// Whether the program answers as the policy does.
ByClauses against_policy(const FollowedProgram& program, ir::Program& policy) {
  if (program.program.big_endian != policy.big_endian || !program.program.patches.empty()) return {};
  return concluded(prove::prove_in_parts(program.graph, policy));
}

// By what the compiler makes of the first: proved to be the first, and then the second.
ByClauses as_compiled(const ir::Program& first, ir::Program& second) {
  if (first.holes != second.holes || first.big_endian != second.big_endian) return {};
  ir::Program compiled = first;
  opt::run(compiled, opt::Options());
  const bpf::Program program = codegen::generate(compiled, codegen::Goal::speed).program;
  if (program.insns.size() > bpf::kMaxInsns) return {};
  const std::vector<uint8_t> bytes = bpf::encode(program.insns, program.big_endian);
  ir::Program meaning = first;
  if (prove::prove(bytes, program.patches, meaning).outcome != Outcome::proved) return {};
  return concluded(prove::prove(bytes, program.patches, second));
}

// Byte for byte: whatever it answers.
bool is_one_program(const FilePair& pair) {
  const auto& [first, second] = pair;
  return first.code && second.code && first.code->insns == second.code->insns &&
         first.code->big_endian == second.code->big_endian && first.code->patches.empty() &&
         second.code->patches.empty();
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
  Comparison made;
  made.is_decided = is_one_program(pair);
  if (made.is_decided || pair.first.unknown || pair.second.unknown) return made;
  std::vector<prove::Meeting> met = pair.first.meetings;
  met.insert(met.end(), pair.second.meetings.begin(), pair.second.meetings.end());
  const prove::Reading reading = prove::in_some_order(met, table.diagram, [&](ir::Diagram& diagram) {
    const ir::Ref a = pair.first.function(diagram);
    const ir::Ref b = a.valid() ? pair.second.function(diagram) : a;
    return b.valid() && ask(diagram, {within(events, diagram), a, b});
  });
  made.is_decided = reading != prove::Reading::undecided;
  made.is_interleaved = reading == prove::Reading::interleaved;
  if (made.is_decided) return made;
  const auto open =
      prove::by_boxes({pair.first.boxes, pair.second.boxes}, prove::order_for(met).value_or(ir::kNaturalOrder),
                      [&](ir::Diagram& part, const prove::BoxPair& pair_met) {
                        const ir::Ref counted = part.conjunction(pair_met.within, within(events, part));
                        return ask(part, {counted, pair_met.first, pair_met.second});
                      });
  made.is_by_call = true;
  made.is_decided = open && open->empty();
  made.open = open.value_or(std::vector<target::SeccompData>());
  return made;
}

std::vector<target::Abi> witness_order(const FilePair& pair) {
  std::vector<target::Abi> order;
  for (const FileMeaning* each : {&pair.first, &pair.second})
    order.insert(order.end(), each->abis.begin(), each->abis.end());
  std::stable_partition(order.begin(), order.end(), [](target::Abi abi) { return abi == target::host_abi(); });
  const bool are_big = pair.first.big_endian || pair.second.big_endian;
  if (!are_big) order.push_back(target::host_abi());
  for (const bool is_same : {true, false}) {
    for (const target::AbiInfo& abi : target::abis()) {
      if (((abi.endian == target::Endian::big) == are_big) == is_same) order.push_back(abi.abi);
    }
  }
  return order;
}

std::optional<ir::Diagram::Witness> difference_by_trial(const FilePair& pair, const Trial& trial) {
  const auto shown = [](const target::SeccompData& data) {
    ir::Diagram::Witness witness;
    witness.data = data;
    witness.tested.fill(~uint32_t{0});
    return witness;
  };
  std::vector<prove::TrialProgram> programs;
  for (const FileMeaning* each : {&pair.first, &pair.second}) {
    const auto stuck = each->unknown ? std::optional(each->unknown->pc) : std::nullopt;
    if (each->code) programs.push_back({each->code->insns, each->code->big_endian, stuck});
  }
  const auto is_off = [](const ir::Diagram::Opaque&) { return false; };
  ir::Diagram diagram;
  const ir::Ref counted = within(trial.events, diagram);
  const auto differs = [&](const target::SeccompData& data) {
    return !prove::holds_between(trial.relation, pair.first.ask(data, is_off), pair.second.ask(data, is_off)) &&
           diagram.evaluate(counted, data, is_off) == ir::Diagram::kYes;
  };
  if (trial.candidate && differs(*trial.candidate)) return shown(prove::without_noise(*trial.candidate, differs));
  if (programs.empty()) return std::nullopt;
  std::vector<uint32_t> archs;
  const std::vector<target::Abi> tried = trial.events.is_all_but || trial.events.abis.empty()
                                             ? std::vector<target::Abi>{trial.abis.front()}
                                             : trial.events.abis;
  for (const target::Abi abi : tried) archs.push_back(target::info(abi).audit_arch);
  const auto found = prove::difference_by_trial(programs, archs, trial.open, differs);
  for (const target::Abi abi : found ? trial.abis : std::vector<target::Abi>()) {
    target::SeccompData there = *found;
    there.arch = target::info(abi).audit_arch;
    if (differs(there)) return shown(there);
  }
  return found ? std::optional(shown(*found)) : std::nullopt;
}

std::string event_text(const ir::Diagram::Witness& witness) {
  const target::SeccompData& data = witness.data;
  const auto abi = describe::abi_of(data.arch, static_cast<uint32_t>(data.nr));
  std::string text =
      abi ? fmt::format("{} on {}", describe::event_text(*abi, data, witness.tested), target::info(*abi).name)
          : fmt::format("number {} on arch {:#x}", static_cast<uint32_t>(data.nr), data.arch);
  if (data.instruction_pointer != 0) text += fmt::format(", called from {:#x}", data.instruction_pointer);
  return text;
}

std::vector<std::string> open_calls(const Comparison& comparison) {
  std::vector<std::string> calls;
  for (const target::SeccompData& data : comparison.open) calls.push_back(call_on_abi(data));
  return calls;
}

void report_undecided(Session& session, const FilePair& pair, const Comparison& comparison,
                      const std::optional<ir::Diagram::Witness>& known) {
  const auto tell = [&](diag::Builder& report) {
    if (known) report.note(fmt::format("they do differ: {}", event_text(*known)));
  };
  for (const FileMeaning* each : {&pair.first, &pair.second}) {
    if (!each->unknown) continue;
    auto report = session.sink.report(diag::kinds::Undecided, {}, each->name, unknown_text(*each->unknown));
    tell(report);
    return;
  }
  auto report = session.sink.report(diag::kinds::Undecided, {}, pair.first.name + "` and `" + pair.second.name,
                                    "together they outgrow the limit of decision-diagram nodes");
  if (!comparison.open.empty())
    report.note(fmt::format("all calls were compared but {}", fmt::join(open_calls(comparison), "; ")));
  tell(report);
}

ByClauses compare_by_clauses(const FilePair& pair) {
  if (pair.first.policy && pair.second.policy) return as_compiled(*pair.first.policy, *pair.second.policy);
  if (pair.first.policy && pair.second.program) return against_policy(*pair.second.program, *pair.first.policy);
  if (pair.first.program && pair.second.policy) return against_policy(*pair.first.program, *pair.second.policy);
  return {};
}

}  // namespace sbpc::driver
