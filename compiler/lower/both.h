// both.h: a condition and another one. Most have one that always holds, for which no list is made.
#pragma once

#include "ir/program.h"

namespace sbpc::lower {

[[nodiscard]] inline ir::CondId both(ir::Conds& conds, ir::CondId a, ir::CondId b) {
  if (a == conds.always()) return b;
  return b == conds.always() ? a : conds.all({a, b});
}

}  // namespace sbpc::lower
