// describe_name.h: what a declaration of a policy file is, as Markdown: for hovers and completions. Values, members and
// answers are the compiler's own.
#pragma once

#include <string>

#include "lsp/symbol_at.h"

namespace sbpc::lsp {

// Of a declared name; empty if nothing is known.
[[nodiscard]] std::string describe_declared(Analysis& analysis, const Symbol& symbol);
// The item that declares a name; null for parameters of rule sets and policies.
[[nodiscard]] sema::Decl item_of(const Analysis& analysis, Span declaration);
// The ABIs that the place is for: those of the policy around it, else of all policies of the file; empty if there are
// none.
[[nodiscard]] sema::AbiSet abis_at(Analysis& analysis, size_t offset);

}  // namespace sbpc::lsp
