#include "driver/stack.h"

#include "diag/kinds/program.def"
#include "driver/files.h"
#include "driver/profiles.h"
#include "lower/stack.h"

namespace sbpc::driver {
namespace {

struct Inputs {
  SourceMap& sources;
  sema::FileReader& reader;
  const Options& options;
  diag::Sink& sink;
};

std::optional<Compiled> meaning_of_file(const Inputs& inputs, const std::string& path) {
  std::optional<Compiled> taken;
  const auto take = [&](Stage stage, Compiled& compiled) {
    if (stage != Stage::lowered) return true;
    taken = std::move(compiled);
    return false;
  };
  static_cast<void>(compile({inputs.sources, inputs.reader, path}, inputs.options, inputs.sink, take));
  return taken;
}

std::optional<Compiled> meaning_of(const Inputs& inputs, const std::string& path);

std::optional<Compiled> fused(const Inputs& inputs, const StackParts& parts) {
  auto older = meaning_of(inputs, parts.older);
  auto newer = meaning_of_file(inputs, parts.newest);
  if (!older || !newer) return std::nullopt;
  if (older->program.big_endian != newer->program.big_endian) {
    inputs.sink.report(diag::kinds::StackOfFamilies, newer->policy.span, older->policy.name, newer->policy.name);
    return std::nullopt;
  }
  auto program = lower::stack(older->program, newer->program, static_cast<ir::PlaceId>(older->policy.places.size()));
  if (!program) {
    inputs.sink.report(diag::kinds::StackTooLarge, newer->policy.span, older->policy.name, newer->policy.name);
    return std::nullopt;
  }
  Compiled made;
  made.module = std::move(newer->module);
  made.policy = lower::stack(older->policy, newer->policy);
  made.program = std::move(*program);
  return made;
}

std::optional<Compiled> meaning_of(const Inputs& inputs, const std::string& path) {
  const auto parts = stack_parts(path);
  return parts ? fused(inputs, *parts) : meaning_of_file(inputs, path);
}

}  // namespace

std::optional<StackParts> stack_parts(const std::string& path) {
  const size_t plus = path.rfind('+');
  if (plus == std::string::npos || read_file(path, 0)) return std::nullopt;
  return StackParts{path.substr(0, plus), path.substr(plus + 1)};
}

Result<Compiled> compile_stack(SourceMap& sources, sema::FileReader& reader, const StackParts& parts,
                               const Options& options, diag::Sink& sink, const StageHook& hook) {
  Options of_each = options;
  of_each.profile.clear();  // --profile is about the fused policy
  auto compiled = fused({sources, reader, of_each, sink}, parts);
  if (!compiled || sink.has_errors()) return failed();
  GivenProfile(sources, reader, options.profile, sink).apply(compiled->policy, sink);
  if (!options.profile.empty()) warn_of_uncounted(compiled->policy, sink);
  if (!compile_meaning(*compiled, options, sink, hook)) return failed();
  return std::move(*compiled);
}

}  // namespace sbpc::driver
