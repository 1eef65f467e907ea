// compile_each.cpp: the line for several policies of one file, which is read and typed once.
#include <map>
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
  std::map<std::string, size_t> families;
  for (const sema::Policy& policy : *policies) ++families[policy.name];
  for (size_t picked : sema::pick_each(*policies, names, sink)) {
    Compiled c;
    c.module = std::move(*module);
    c.policy = std::move((*policies)[picked]);
    c.has_other_families = families[c.policy.name] > 1;
    profile.apply(c.policy, sink);
    // Whether the hook has stopped it early or it failed: the next policy may have something to say, too.
    if (!sink.has_errors() && hook(Stage::parsed, c)) static_cast<void>(compile_policy(c, options, sink, hook));
    *module = std::move(c.module);
  }
}

}  // namespace sbpc::driver
