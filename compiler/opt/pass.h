// pass.h: the passes of passes.def as functions. Used by pipeline.cpp and the tests.
#pragma once

#include <array>
#include <string_view>

#include "ir/program.h"
#include "opt/opt.h"

namespace sbpc::opt {

#define PASS(name, o1, o2, o3, os, contract) bool name(ir::Program& program, const PassContext& context);
#include "opt/passes.def"

struct PassInfo {
  std::string_view name;
  bool (*run)(ir::Program&, const PassContext&);
  std::array<bool, 5> levels;  // by Level
  std::string_view contract;
};

inline constexpr auto kPasses = std::to_array<PassInfo>({
#define PASS(name, o1, o2, o3, os, contract) {#name, name, {false, o1 != 0, o2 != 0, o3 != 0, os != 0}, contract},
#include "opt/passes.def"
});

}  // namespace sbpc::opt
