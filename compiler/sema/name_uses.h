// name_uses.h: which declaration each name of the root file means, without making a policy: for who is asked while the
// file is typed.
//
// Every statement is read once, on its ABIs and with open parameters, as a rule set that nobody uses is; `use` is not
// followed, so that the answer costs what the file's own text costs. What is wrong is `analyze`'s to say. Tested by
// test/lsp/.
#pragma once

#include "sema/context.h"

namespace sbpc::sema {

// Into context.uses. The context is declared (declare.h), and lenient.
void find_name_uses(Context& context);

}  // namespace sbpc::sema
