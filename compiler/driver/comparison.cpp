#include "driver/comparison.h"

#include <fmt/format.h>

#include "bpf/encode.h"
#include "codegen/codegen.h"
#include "describe/names.h"
#include "driver/families.h"
#include "opt/opt.h"
#include "prove/boxes.h"
#include "prove/parts.h"
#include "prove/prove.h"
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

}  // namespace

Result<FilePair> read_pair(Session& session, MeaningTable& table) {
  const auto& files = session.arguments.rest;
  auto first = read_meaning(session, files[0], table);
  auto second = read_meaning(session, files[1], table);
  if (!first || !second) return failed();
  return FilePair{std::move(*first), std::move(*second)};
}

std::vector<target::Abi> events_that_count(const Session& session, const MeaningTable& table) {
  return table.family ? abis_of_family(*table.family) : session.options.targets;
}

Comparison compare_files(const FilePair& pair, MeaningTable& table, const std::vector<target::Abi>& abis,
                         ir::FunctionRef<bool(ir::Diagram&, const Question&)> ask) {
  ir::Diagram& diagram = table.diagram;
  const ir::Ref a = pair.first.function(diagram);
  const ir::Ref b = a.valid() ? pair.second.function(diagram) : a;
  if (b.valid() && ask(diagram, {targeted_events(abis, diagram), a, b})) return {true, false, {}};
  const auto open =
      prove::by_boxes(pair.first.boxes, pair.second.boxes, [&](ir::Diagram& part, const prove::BoxPair& met) {
        return ask(part, {part.conjunction(met.within, targeted_events(abis, part)), met.first, met.second});
      });
  Comparison made{open && open->empty(), true, {}};
  if (!open) return made;
  for (const target::SeccompData& data : *open) made.open.push_back(call_on_abi(data));
  return made;
}

bool equal_by_clauses(const FilePair& pair) {
  if (pair.first.policy && pair.second.policy) return equal_policies(*pair.first.policy, *pair.second.policy);
  if (pair.first.policy && pair.second.program) return is_program_of(*pair.second.program, *pair.first.policy);
  if (pair.first.program && pair.second.policy) return is_program_of(*pair.first.program, *pair.second.policy);
  return false;
}

}  // namespace sbpc::driver
