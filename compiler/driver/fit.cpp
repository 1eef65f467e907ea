#include "driver/fit.h"

#include "bpf/program.h"
#include "diag/kinds/program.def"
#include "driver/options.h"

namespace sbpc::driver {
namespace {

bool fits(const codegen::Code& code) { return code.program.insns.size() <= bpf::kMaxInsns; }

// Tests of a condition that asks for one value after the other; what lies above `most` is not counted.
size_t tests_of(const ir::Conds& conds, ir::CondId id, size_t most) {
  const ir::Cond& cond = conds[id];
  size_t count = 1;
  if (cond.kind == ir::Cond::Kind::member) {
    count = 0;
    for (const ir::Range& range : cond.ranges) count += range.first == range.last ? 1 : 2;
  }
  for (size_t i = 0; i < cond.operands.size() && count <= most; ++i)
    count += tests_of(conds, cond.operands[i], most - count);
  return count;
}

// Back to the meaning, which every level starts from.
void forget_graph(ir::Program& program) {
  for (ir::Function& function : program.functions) function.entry = ir::NodeId();
  for (ir::Section& section : program.sections) section.entry = ir::NodeId();
  program.entry = ir::NodeId();
  program.graph.clear();
  program.graph_index.clear();
}

}  // namespace

bool surely_fits(const ir::Program& program) {
  constexpr size_t kNumber = 3;    // a test of a word that is loaded, and two long jumps
  constexpr size_t kArgument = 5;  // with a load and a mask
  size_t insns = 0;
  for (const ir::Section& section : program.sections) insns += kNumber * (1 + section.ranges.size());
  for (const ir::Function& function : program.functions) {
    for (const ir::Clause& clause : function.clauses) {
      if (insns > bpf::kMaxInsns) return false;
      insns += kArgument * tests_of(program.conds, clause.when, bpf::kMaxInsns);
    }
  }
  return insns <= bpf::kMaxInsns;
}

void fit(Compiled& compiled, const opt::Options& search, diag::Sink& sink) {
  compiled.code = codegen::generate(compiled.program, goal_of(search.level));
  if (fits(compiled.code) || !search.only_passes.empty()) return;
  for (const opt::Level level : {opt::Level::os, opt::Level::o0}) {
    if (search.level == level || search.level == opt::Level::o0) continue;
    opt::Options smaller = search;
    smaller.level = level;
    smaller.print_after.clear();
    forget_graph(compiled.program);
    opt::run(compiled.program, smaller);
    codegen::Code code = codegen::generate(compiled.program, goal_of(level));
    if (!fits(code)) continue;
    sink.report(diag::kinds::MadeSmaller, compiled.policy.span, compiled.policy.name,
                compiled.code.program.insns.size(), level_name(search.level), level_name(level),
                code.program.insns.size());
    compiled.code = std::move(code);
    compiled.level = level;
    compiled.certificates.clear();
    return;
  }
}

}  // namespace sbpc::driver
