// declare.h: enters the names of every file, and says what is wrong with declarations as such.
#pragma once

#include "sema/context.h"

namespace sbpc::sema {

// Fills context.names and context.declared. Duplicates, names of the kernel, parameters of rule sets.
void declare(Context& context);

// One `syscall` item: its numbers and arguments on each ABI.
void declare_syscall(Context& context, Decl decl);

// The -D values, as expressions in the root file's scope; unknown ones are reported.
void read_defines(Context& context);

// Parameters that nothing uses: of rule sets, of policies, of the root file.
void check_unused_parameters(Context& context);

// `use` among rule sets: cycles, and `use unsafe` in sets that are not `unsafe`.
void check_uses(Context& context);

}  // namespace sbpc::sema
