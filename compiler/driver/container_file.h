// container_file.h: finished compiles -> one container.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "driver/compile.h"
#include "output/container.h"
#include "output/source_code.h"

namespace sbpc::driver {

// A policy's `install` line as SECCOMP_FILTER_FLAG_*, which SBP_TSYNC and its kind of sbp.h are, too.
[[nodiscard]] uint32_t install_flags(const sema::InstallFlags& flags);

[[nodiscard]] std::vector<output::ContainerParam> params_of(const std::vector<sema::Hole>& holes);

class ContainerBuilder {
 public:
  explicit ContainerBuilder(bool is_permissive) : is_permissive_(is_permissive) {}
  // `compiled` has passed every stage.
  void add(const SourceMap& sources, const Compiled& compiled);
  // For an Emit that is made of all policies. nullopt after a report; `path` is for messages.
  [[nodiscard]] std::optional<std::string> dump(Emit emit, const std::string& path, diag::Sink& sink) const;

 private:
  output::Container container_;
  bool is_permissive_;                     // said in source code: what is built so protects nothing
  std::vector<output::SourceFile> files_;  // the policies', those of the standard library left out
};

}  // namespace sbpc::driver
