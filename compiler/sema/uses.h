// uses.h: which declaration each name of the files means. Kept for editors; a compile does without.
#pragma once

#include <cstdint>
#include <vector>

#include "base/source.h"

namespace sbpc::sema {

struct NameUse {
  enum class Kind : uint8_t { call, argument, constant, group, rules, policy, parameter, module };
  Kind kind;
  Span use;
  Span declaration;           // invalid for what the tables declare: `id` is then the CallId or ConstantId
  uint32_t id = 0xffffffffU;  // call, constant: in target/syscalls.h; argument: its call
};
using NameUses = std::vector<NameUse>;

}  // namespace sbpc::sema
