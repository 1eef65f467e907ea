// site.h: the call whose arguments a condition speaks about, on one ABI.
#pragma once

#include "sema/context.h"

namespace sbpc::sema {

struct Site {
  Context& context;
  const Env& env;
  CallRef call;
  target::Abi abi;
  const std::vector<target::Arg>* args;  // null: the tables don't know the signature
  Span target;                           // the call as written
  std::vector<Condition>* conditions;    // of the ABI: where tests go
  // What the call's selector is fixed to by the conditions around (`cmd == F_SETFD`): it types the other arguments.
  std::span<const target::Command> selected;
  // What the alternatives beside leave of it where they fail: it types constants. Which bits are read is asked of each
  // command, as without it.
  std::span<const target::Command> left_over{};
  std::optional<target::TypeId> expected{};  // of the argument at hand: its constants are suggested first
  // `||`, `&&` or `!` around the condition at hand as it is written; none in parentheses or alone between commas.
  std::optional<ast::Op> around{};
  bool is_checked_only = false;  // in a branch that is not taken: values that led elsewhere are no mistake in it
};

// Whether the lone name is an argument of the call, on this ABI or on another one.
[[nodiscard]] bool names_argument(const Site& site, const ast::QName& name);

}  // namespace sbpc::sema
