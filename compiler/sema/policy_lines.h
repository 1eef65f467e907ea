// policy_lines.h: `default`, `newer`, `foreign`, `kernel`, `install`, `frequency`: what a policy says once and as a
// whole.
#pragma once

#include "sema/body.h"

namespace sbpc::sema {

// The lines of a policy's own body, each at most once. Null: not written.
struct PolicyLines {
  const ast::Statement* default_line = nullptr;
  const ast::Statement* newer = nullptr;
  const ast::Statement* kernel = nullptr;
  const ast::Statement* install = nullptr;
  const ast::Statement* frequency = nullptr;
  bool is_kernel_broken = false;               // a `kernel` line that the parser has reported
  std::vector<const ast::Statement*> foreign;  // `foreign A;` and `foreign A for ...;`
};
[[nodiscard]] PolicyLines find_lines(Context& context, const ast::Policy& policy);

// `defualt kill_process;` reads as a rule whose call is an action: a line of a policy, misspelt. One message about its
// word is enough.
[[nodiscard]] bool reads_as_line(const ast::RuleStatement& rule);

// Whether calls that no statement decides may run.
[[nodiscard]] bool default_lets_run(Context& context, const Env& env, const PolicyLines& lines, target::Abi abi);

// Fills in everything of `policy` that lines say, for one family: its ABIs are those of policy.abis.
struct LineReader {
  Context& context;
  Env env;
  AbiSet named;  // all ABIs of the policy, of every family
  PlaceId default_place;
};
void apply_lines(const LineReader& reader, const PolicyLines& lines, Policy& policy);

}  // namespace sbpc::sema
