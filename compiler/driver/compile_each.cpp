// compile_each.cpp: the line for several policies of one file, which is read and typed once.
#include <set>
#include <string>

#include "driver/compile.h"
#include "driver/outcome.h"
#include "driver/profiles.h"

namespace sbpc::driver {

void compile_each(const PolicyFile& input, const Options& options, diag::Sink& sink, const StageHook& hook) {
  auto module = sema::load(input.sources, input.reader, input.path, sink);
  if (!module || sink.has_errors()) return;
  const sema::Options names = sema_options(options);
  GivenProfile profile(input.sources, input.reader, options.profile, sink);
  auto policies = sema::analyze({input.sources, *module, names}, sink);
  if (!policies) return;
  std::set<std::string> judged;
  for (size_t picked : sema::pick_each(*policies, names, sink)) {
    Compiled c;
    c.module = std::move(*module);
    c.policy = (*policies)[picked];
    c.is_judged = !judged.insert(c.policy.name).second;
    if (!c.is_judged) {
      const Relatives relatives = relatives_of(*policies, picked);
      for (const size_t family : relatives.families) c.other_families.push_back((*policies)[family]);
      c.has_other_policies = relatives.has_policies;
    }
    profile.apply(c.policy, sink);
    // Whether the hook has stopped it early or it failed: the next policy may have something to say, too.
    if (!sink.has_errors() && hook(Stage::parsed, c)) static_cast<void>(compile_policy(c, options, sink, hook));
    *module = std::move(c.module);
  }
}

}  // namespace sbpc::driver
