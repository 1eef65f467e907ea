// lines.h: what of an expanded policy is no statement: its lines, its run-time parameters, the calls that it declares.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "base/source.h"
#include "sema/module.h"
#include "sema/policy.h"

namespace sbpc::expand {

// "i32", "bool".
[[nodiscard]] std::string type_of(const sema::Hole& hole);
// `holes` are those that the policy's texts name: another one would be a mistake.
[[nodiscard]] std::string policy_lines(std::span<const sema::Policy> families, const std::set<uint32_t>& holes);
// For the ABIs of the policy.
[[nodiscard]] std::string declared_calls(const SourceMap& sources, const sema::Module& module,
                                         const sema::Policy& policy);

}  // namespace sbpc::expand
