// ioctl_number.h: _IO, _IOR, _IOW and _IOWR, as include/uapi/asm-generic/ioctl.h and the ABIs that differ encode them.
#pragma once

#include "sema/evaluate.h"

namespace sbpc::sema {

// `_IOW('V', 1, int)` -> its number on the ABI; any other `name(...)` in an expression is an error.
[[nodiscard]] Value ioctl_number(const Eval& eval, const ast::Expr& call);

}  // namespace sbpc::sema
