// compile.cpp: one call per stage, in order, an early return after each. Set a breakpoint here to see a policy go by.
#include "driver/compile.h"

#include <algorithm>
#include <deque>

#include "bpf/encode.h"
#include "driver/dumps.h"
#include "driver/fit.h"
#include "driver/outcome.h"
#include "driver/profiles.h"
#include "judge/judge.h"
#include "lower/lower.h"
#include "sema/load.h"

namespace sbpc::driver {
namespace {

// The test graph; the instructions, too, where it is so large that they may not fit.
void optimize(Compiled& c, const Options& options, diag::Sink& sink) {
  const opt::Options search = optimizer_options(options, c.policy);
  c.level = search.level;
  opt::run(c.program, search, &c.printed);
  if (search.level == opt::Level::o3) c.certificates = opt::certify(c.program, search);
  if (c.program.graph.size() > kSurelyFits) fit(c, search, sink);
}

// What is wrong with a policy is asked of all its families, whichever of them is compiled (ruling 2).
void judge_families(Compiled& c, diag::Sink& sink) {
  if (c.is_judged) return;
  std::deque<ir::Program> programs;
  std::vector<judge::Family> families{{c.policy, c.program}};
  for (const sema::Policy& policy : c.other_families)
    families.push_back({policy, programs.emplace_back(lower::lower_whole(policy, sink))});
  if (sink.has_errors()) {
    judge::judge_assertions(families, sink);
    return;
  }
  judge::Gathered gathered;
  judge::judge(families, gathered, sink);
  gathered.escapes.report(sink);
  if (!c.has_other_policies) gathered.idle.report(sink);
}

bool stop_after(Stage stage, Compiled& c, const diag::Sink& sink, const StageHook& hook) {
  return sink.has_errors() || (hook && !hook(stage, c));
}

}  // namespace

Relatives relatives_of(std::span<const sema::Policy> policies, size_t picked) {
  Relatives found;
  for (size_t i = 0; i < policies.size(); ++i) {
    const bool is_same = policies[i].name == policies[picked].name;
    found.has_policies = found.has_policies || !is_same;
    if (is_same && i != picked) found.families.push_back(i);
  }
  return found;
}

Result<Compiled> compile(const PolicyFile& input, const Options& options, diag::Sink& sink, const StageHook& hook) {
  Compiled c;
  auto module = sema::load(input.sources, input.reader, input.path, sink);
  if (!module) return failed();
  c.module = std::move(*module);
  if (stop_after(Stage::parsed, c, sink, hook)) return failed();

  sema::Options names = sema_options(options);
  const auto is_expanded = [](const EmitRequest& request) { return request.emit == Emit::expanded; };
  names.any_family =
      is_of_all_families(options) && !options.emits.empty() && std::ranges::all_of(options.emits, is_expanded);
  GivenProfile profile(input.sources, input.reader, options.profile, sink);
  auto policies = sema::analyze_whole({input.sources, c.module, names}, sink);
  if (!policies) return failed();
  auto picked = sema::pick(*policies, names, sink);
  if (!picked) return failed();
  const Relatives relatives = relatives_of(*policies, *picked);
  for (const size_t family : relatives.families) c.other_families.push_back(std::move((*policies)[family]));
  c.has_other_policies = relatives.has_policies;
  c.policy = std::move((*policies)[*picked]);
  profile.apply(c.policy, sink);
  if (!compile_policy(c, options, sink, hook)) return failed();
  return c;
}

Result<void> compile_policy(Compiled& c, const Options& options, diag::Sink& sink, const StageHook& hook) {
  // An error that leaves the policy whole stops behind the question whether its assertions hold.
  if (!sink.has_errors() && stop_after(Stage::analyzed, c, sink, hook)) return failed();

  warn_of_uncounted(c.policy, sink);
  c.program = lower::lower_whole(c.policy, sink);
  judge_families(c, sink);
  return compile_meaning(c, options, sink, hook);
}

Result<void> compile_meaning(Compiled& c, const Options& options, diag::Sink& sink, const StageHook& hook) {
  if (stop_after(Stage::lowered, c, sink, hook)) return failed();
  c.other_families.clear();
  if (options.permissive) make_permissive(c, sink);

  optimize(c, options, sink);
  if (stop_after(Stage::optimized, c, sink, hook)) return failed();

  if (c.code.program.insns.empty()) c.code = codegen::generate(c.program, goal_of(c.level));
  report_size(c, sink);
  if (stop_after(Stage::generated, c, sink, hook)) return failed();

  c.bytes = bpf::encode(c.code.program.insns, c.code.program.big_endian);
  if (options.prove) c.proof = prove::prove(c.bytes, c.code.program.patches, c.program);
  report_proof(c, options, sink);
  if (stop_after(Stage::proved, c, sink, hook)) return failed();
  return {};
}

}  // namespace sbpc::driver
