#include "driver/fit.h"

#include "bpf/program.h"
#include "diag/kinds/program.def"
#include "driver/options.h"

namespace sbpc::driver {
namespace {

bool fits(const codegen::Code& code) { return code.program.insns.size() <= bpf::kMaxInsns; }

// Back to the meaning, which every level starts from.
void forget_graph(ir::Program& program) {
  for (ir::Function& function : program.functions) function.entry = ir::NodeId();
  for (ir::Section& section : program.sections) section.entry = ir::NodeId();
  program.entry = ir::NodeId();
  program.graph.clear();
  program.graph_index.clear();
}

}  // namespace

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
