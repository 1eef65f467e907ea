// expand.h: a typed policy as SB text again, with nothing left to look up: no imports, groups, parameters or `if`s, and
// no `use` but of sets that mean something as a set.
//
//   policy web on x86_64 { use net.tcp_server(listen: 3); ... }
//   ->
//   policy web on x86_64 { allow accept4(sockfd == 3, ...); ... }
//
// Compiled with the same options it gives the same bytes, but for overrides and `except`s of `use`s that a parameter's
// value makes idle: these would be errors in the text, and tests of the same answers may come in another order without
// them. Nor is a `use` printed of which nothing is left, or a run-time parameter that nothing asks for then. (Groups of
// one call are left where a rule of the language asks for a group: words.h.) A set stays a rule set if something is
// said of it as a whole (`except`), if it overrides inside, or if inlining would put a conditional `allow` beside a
// wider one, which is an error in one body and an ordinary union between sets. Every value is the number that this
// policy's ABIs have, by its constant's name where there is one; what differs between ABIs stands in `on`. Tested by
// test/cli/expand*.test.
#pragma once

#include <string>

#include "base/source.h"
#include "sema/module.h"
#include "sema/policy.h"

namespace sbpc::expand {

// One statement a line, for ast/format to lay out.
[[nodiscard]] std::string expand(const SourceMap& sources, const sema::Module& module, const sema::Policy& policy);

}  // namespace sbpc::expand
