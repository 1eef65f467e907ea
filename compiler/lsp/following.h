// following.h: what the tokens before a cursor say beside its own place: the keywords that may follow there, and the
// ABIs that the `on` blocks around it leave.
//
//   allow openat(flags |      ->  only, has, lacks, any, in
//   on x86_64 { } else { |    ->  not x86_64
// Tested by test/lsp/completion.test.
#pragma once

#include <string_view>
#include <vector>

#include "lsp/typed.h"

namespace sbpc::lsp {

// The likeliest first.
[[nodiscard]] std::vector<std::string_view> keywords_after(const Typed& typed);

struct OnNames {
  bool are_excluded = false;  // the place is in an `else` of these
  std::vector<std::string_view> abis;
};
[[nodiscard]] std::vector<OnNames> on_blocks_around(const Typed& typed);

// `default`, `kernel` and their like.
[[nodiscard]] bool is_policy_line(parse::TokenKind kind);
// Whether a statement here stands directly in a policy: only there may policy lines be.
[[nodiscard]] bool is_directly_in_policy(const Typed& typed);

}  // namespace sbpc::lsp
