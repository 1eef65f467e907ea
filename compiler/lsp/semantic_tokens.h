// semantic_tokens.h: the legend of semantic tokens: token_types.def, and the modifiers.
#pragma once

#include "lsp/json_fwd.h"

namespace sbpc::lsp {

[[nodiscard]] Json semantic_legend();

}  // namespace sbpc::lsp
