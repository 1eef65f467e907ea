// without_idle.h: a policy that can be written down with all values in their places (-E). What does nothing because of
// a parameter's value, or in an imported file, is no error there, and would be one in the text that comes out.
//
//   allow read(fd == 1) except read(fd == 2);            allow read(fd == 1 && !(fd == 2));
//   allow listen(backlog == 1);                          rules narrower_2 { allow listen(backlog == 1); }
//   allow listen(backlog <= 1 || sockfd == 3);           use narrower_2; allow listen(backlog <= 1 || sockfd == 3);
//   override { trap dup; }                               if (false) { } override { trap dup; }
#pragma once

#include <span>
#include <vector>

#include "judge/judge.h"
#include "sema/policy.h"

namespace sbpc::judge {

// All families of one policy: the same answers and the same asserts, and the same conditions in the same form, from
// which the same bytes come. `use`s and overrides of which nothing is left are gone. An `allow` that another one
// swallows is gone if the form is the same without it, else it stands in a set of its own: between sets that is
// ordinary union. Scope::has_untaken is set where an override changes nothing, or where a `use` ... except takes
// nothing or all of the set, and only there. Programs are lower's; conditions may be added to them, their diagrams are
// left as they were.
[[nodiscard]] std::vector<sema::Policy> without_idle(std::span<const Family> families);

}  // namespace sbpc::judge
