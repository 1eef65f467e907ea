// command_types.h: what an argument is beside a command that its conditions name.
//
//   fcntl(cmd == F_SETFD, arg == FD_CLOEXEC)     `arg` is fd_flags there, not u64
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lsp/analysis.h"

namespace sbpc::lsp {

// The conditions of a file's targets, by place.
class Conditions {
 public:
  explicit Conditions(const ast::File& file);
  // The constants that the conditions which hold together with the one at `offset` leave for `selector`: F_SETFD; both
  // of `cmd in { F_SETFD, F_SETFL }`. None: any value.
  [[nodiscard]] std::vector<std::string_view> commands(size_t offset, std::string_view selector) const;

 private:
  void add(const std::vector<ast::Target>& targets);
  const ast::File& file_;
  std::vector<const ast::Target*> targets_;  // that have conditions, by rising place
};

// The argument of a condition of an analysis' root, as the commands beside it make it; nullopt where the ABI has no
// such call or argument.
struct ArgumentUse {
  sema::CallRef call;
  std::string_view name;
  size_t offset;
};
[[nodiscard]] std::optional<target::Arg> argument_there(Analysis& analysis, const Conditions& conditions,
                                                        const ArgumentUse& use, target::Abi abi);

// The argument as the kernel reads it with any of these commands; as it is without one, and where they differ.
[[nodiscard]] target::Arg with_commands(target::Arg arg, target::CallId call, target::Abi abi,
                                        const std::vector<std::string_view>& commands);

}  // namespace sbpc::lsp
