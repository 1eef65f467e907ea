#include "driver/container_file.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/sha256.h"
#include "diag/kinds/program.def"
#include "driver/help.h"
#include "driver/source_map.h"
#include "sbp.h"

namespace sbpc::driver {
namespace {

output::Emitted source_of(Emit emit, const output::SourceCode& code) {
  if (emit == Emit::c) return output::emit_c(code);
  return emit == Emit::rust ? output::emit_rust(code) : output::emit_go(code);
}

}  // namespace

uint32_t install_flags(const sema::InstallFlags& flags) {
  return (flags.tsync ? SBP_TSYNC : 0U) | (flags.log ? SBP_LOG : 0U) | (flags.spec_allow ? SBP_SPEC_ALLOW : 0U) |
         (flags.new_listener ? SBP_NEW_LISTENER : 0U) | (flags.wait_killable ? SBP_WAIT_KILLABLE : 0U);
}

std::vector<output::ContainerParam> params_of(const std::vector<sema::Hole>& holes) {
  using Kind = output::ContainerParam::Kind;
  std::vector<output::ContainerParam> params;
  for (const sema::Hole& hole : holes) {
    const Kind kind = hole.is_bool ? Kind::boolean : hole.is_signed ? Kind::signed_number : Kind::unsigned_number;
    params.push_back({hole.name, kind, hole.is_bool ? uint8_t{1} : hole.width});
  }
  return params;
}

void ContainerBuilder::add(const SourceMap& sources, const Compiled& compiled) {
  if (files_.empty()) {
    const std::string_view root = sources.name(compiled.module.files.front().ast.file);
    for (const auto& file : compiled.module.files) {
      if (!file.is_standard)
        files_.push_back({short_name(root, sources.name(file.ast.file)), sha256(sources.text(file.ast.file))});
    }
  }
  output::ContainerProgram made;
  made.name = compiled.policy.name;
  for (const sema::AbiPolicy& abi : compiled.policy.abis) made.abis.push_back(abi.abi);
  made.install_flags = install_flags(compiled.policy.install);
  made.program = compiled.code.program;
  made.params = params_of(compiled.policy.holes);
  made.rules = source_rules(sources, compiled, container_.places);
  container_.programs.push_back(std::move(made));
}

std::optional<std::string> ContainerBuilder::dump(Emit emit, const std::string& path, diag::Sink& sink) const {
  if (emit == Emit::c || emit == Emit::rust || emit == Emit::go) {
    auto source = source_of(emit, {fmt::format("sbpc {}", version_number()), files_, container_, is_permissive_});
    if (source) return std::move(*source);
    sink.report(diag::kinds::NamesClash, {}, source.error());
    return std::nullopt;
  }
  CHECK(emit == Emit::sbp);
  const auto made = output::write_container(container_);
  if (made) return std::string(made->begin(), made->end());
  sink.report(diag::kinds::ContainerTooLarge, {}, path, made.error());
  return std::nullopt;
}

}  // namespace sbpc::driver
