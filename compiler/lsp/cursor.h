// cursor.h: what may stand at a place of a text that is being typed. Works on tokens: a text with a hole in it has no
// AST there.
//
//   policy p on x86_64 { allow openat(flags has O_CRE|      ->  a value for `flags` of `openat`, begun with "O_CRE"
// Tested by test/lsp/completion.test.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/following.h"

namespace sbpc::lsp {

struct Cursor {
  enum class Where {
    nothing,
    item,  // import, policy ...
    statement,
    expectation,     // expect
    module,          // after `import`
    path,            // in the string after it; `qualifier` is the directory as written, "" or "site/"
    rules,           // after `use`
    policy,          // after `for` of a test
    target,          // a call or group
    group,           // after `@`
    argument,        // what a condition tests: an argument of `calls`
    value,           // what it is compared with, or a value elsewhere: then `calls` is empty
    error_name,      // errno(
    number,          // trace(, trap(
    parameter_name,  // of `set`, in `use set(` or of the test's policy, in `with (`
    type,
    action,
    abi,
    flag,  // after `install`
  };
  Where where = Where::nothing;
  std::string_view prefix;               // what stands there already
  size_t begin = 0;                      // of the prefix, behind any `net.`
  std::string qualifier;                 // "net"
  std::vector<std::string_view> calls;   // argument, value: the calls whose arguments they are
  std::vector<std::string_view> groups;  // and groups of such
  std::string_view compared;             // value: the argument
  std::string_view selected;   // value: a constant compared before in the same condition: it may type the argument
  std::string set;             // parameter_name, value of one: the rule set, as written
  std::string_view parameter;  // value: the parameter it is given to
  std::string type;            // value of a declaration: the type before its `=`, as written without braces
  std::vector<std::string_view> given;     // parameter_name: those that have a value in the same brackets
  std::vector<std::string_view> keywords;  // that may stand here beside names
  std::vector<OnNames> on_blocks;          // around it
  bool is_directly_in_policy = false;
  bool takes_never = false;              // action: `assert |`
  size_t comma = 0;                      // commas before it in the innermost brackets
  size_t open = std::string_view::npos;  // the innermost `(`
};

// The text outlives the answer.
[[nodiscard]] Cursor cursor_at(std::string_view text, size_t offset);

}  // namespace sbpc::lsp
