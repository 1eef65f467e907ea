// without_idle.h: a policy that can be written down with all values in their places (-E). What does nothing because of
// a parameter's value, or in an imported file, is no error there, and would be one in the text that comes out.
//
//   allow read(fd == 1) except read(fd == 2);            allow read(fd == 1 && !(fd == 2));
//   allow listen(backlog == 1);                          rules narrower_2 { allow listen(backlog == 1); }
//   allow listen(backlog <= 1 || sockfd == 3);           use narrower_2; allow listen(backlog <= 1 || sockfd == 3);
#pragma once

#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::judge {

// The same answers and the same asserts, and the same conditions in the same form, from which the same bytes come; but
// for overrides and for the `except`s of `use`s, which are left out where they change nothing, as are `use`s of which
// nothing is left. An `allow` that another one swallows is gone if the form is the same without it, else it stands in a
// set of its own: between sets that is ordinary union. `program` is lower's; conditions may be added to it, its diagram
// is left as it was.
[[nodiscard]] sema::Policy without_idle(const sema::Policy& policy, ir::Program& program);

}  // namespace sbpc::judge
