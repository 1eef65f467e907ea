// modes.h: modes that are written in decimal: a warning.
#pragma once

#include "sema/context.h"

namespace sbpc::sema {

// The value of a const or parameter of that type.
void check_modes(Context& context, const Env& env, target::TypeId type, ast::ExprId id);

}  // namespace sbpc::sema
