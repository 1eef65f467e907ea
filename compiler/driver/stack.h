// stack.h: `OLDER+NEWER` as a name of input: filters that are installed one above the other, the newest last.
//
// `sbpc prove` and `diff` compare stacks; `sbpc base.sb+app.sb -o one.bpf` makes one program of them, which costs one
// run and not two. Tested by test/cli/stack.test.
#pragma once

#include <optional>
#include <string>

#include "driver/compile.h"

namespace sbpc::driver {

struct StackParts {
  std::string older;  // may be a stack itself
  std::string newest;
};
// nullopt for the name of a file, and for names without `+`.
[[nodiscard]] std::optional<StackParts> stack_parts(const std::string& path);

// Each policy is compiled up to its meaning, asserts included; the fused one goes on from there, and `hook` sees it
// from Stage::lowered on.
[[nodiscard]] Result<Compiled> compile_stack(SourceMap& sources, sema::FileReader& reader, const StackParts& parts,
                                             const Options& options, diag::Sink& sink, const StageHook& hook);

}  // namespace sbpc::driver
