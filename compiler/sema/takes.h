// takes.h: what a place takes, and what takes a constant, in words: for messages about what does not fit.
#pragma once

#include <string>

#include "sema/types.h"

namespace sbpc::sema {

// "a value of `mmap`'s `prot`": one argument whose constants these are; empty if there is none.
[[nodiscard]] std::string example_argument(Context& context, const Belongs& belongs);

// "`F_DUPFD`, `F_GETFD`, `F_SETFD`, `F_GETFL` ..."; empty if the type has none.
[[nodiscard]] std::string some_constants(target::TypeId type);

// "`listen` takes a descriptor: a number, `STDERR_FILENO`, `STDIN_FILENO` ...". Empty for a type that takes any number.
[[nodiscard]] std::string what_it_takes(const Slot& slot);

}  // namespace sbpc::sema
