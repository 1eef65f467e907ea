// lower.cpp: the stage: say what each scope says, close every ABI, look for conflicts.
//
// Tested by test/unit/lower/ (random policies against an evaluator of their own) and test/lower/.
#include "lower/lower.h"

#include "base/check.h"
#include "lower/close.h"
#include "lower/conflicts.h"

namespace sbpc::lower {
namespace {

std::vector<ir::Hole> holes_of(const sema::Policy& policy) {
  std::vector<ir::Hole> result;
  for (const sema::Hole& hole : policy.holes) result.push_back({hole.name, hole.is_bool, hole.width});
  return result;
}

}  // namespace

Result<ir::Program> lower(const sema::Policy& policy, diag::Sink& sink) {
  const size_t errors = sink.errors();
  ir::Program program = lower_whole(policy, sink);
  if (sink.errors() != errors) return failed();
  return program;
}

ir::Program lower_whole(const sema::Policy& policy, diag::Sink& sink) {
  CHECK(!policy.abis.empty());
  ir::Program program;
  program.name = policy.name;
  program.big_endian = target::info(policy.abis[0].abi).endian == target::Endian::big;
  program.holes = holes_of(policy);
  Workshop workshop(program);
  std::vector<Sayings> roots;
  for (const sema::AbiPolicy& abi : policy.abis) {
    Conditions conditions(abi, program.conds);
    roots.push_back(std::move(say(abi, conditions, workshop)[abi.root.value].all));
  }
  std::vector<ClosedCall> calls = close(policy, roots, workshop);
  report_conflicts(policy, program, calls, sink);
  return program;
}

}  // namespace sbpc::lower
