// expand.h: a typed policy as SB text again, with nothing left to look up: no imports, groups, parameters or `if`s, and
// no `use` but of sets that mean something as a set.
//
//   policy web on x86_64 { use net.tcp_server(listen: 3); ... }
//   ->
//   policy web on x86_64 { allow accept4(sockfd == 3, ...); ... }
//
// Compiled with the same options it gives the same bytes, for every family of ABIs that it is of. Nothing is printed of
// which nothing is left: no such `use`, and no run-time parameter that nothing asks for. (Groups of one call are left
// where a rule of the language asks for a group: words.h.) A set stays a rule set if something is said of it as a whole
// (`except`), if it overrides inside, or if inlining would put a conditional `allow` beside a wider one, which is an
// error in one body and an ordinary union between sets. Where a parameter's value makes an override or an `except`
// idle, which would be an error in the text, `if (false) { }` stands for the branch that another value takes. Every
// value is the number that this policy's ABIs have, by its constant's name where there is one; what differs between
// ABIs stands in `on`. Tested by test/cli/expand*.test.
#pragma once

#include <span>
#include <string>

#include "base/source.h"
#include "sema/module.h"
#include "sema/policy.h"

namespace sbpc::expand {

// One statement a line, for ast/format to lay out. The families of one policy, as without_idle has made them: all of
// them, or those that are wanted.
[[nodiscard]] std::string expand(const SourceMap& sources, const sema::Module& module,
                                 std::span<const sema::Policy> families);

}  // namespace sbpc::expand
