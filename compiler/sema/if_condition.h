// if_condition.h: what an `if` asks, on one ABI: a constant over bools, parameters, sets and `kernel`, or one run-time
// bool.
#pragma once

#include "sema/evaluate.h"

namespace sbpc::sema {

struct Truth {
  enum class Kind : uint8_t { no, yes, flag, unknown, poison };
  Kind kind = Kind::poison;
  HoleId flag;              // Kind::flag: the run-time bool ...
  bool is_negated = false;  // ... or its opposite
};

[[nodiscard]] Truth truth_of(const Eval& eval, ast::ExprId condition);

}  // namespace sbpc::sema
