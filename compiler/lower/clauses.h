// clauses.h: first-match lists as partial functions from events to verdicts, and the operations that the language's
// meaning needs.
//
// A list says nothing on events that no clause matches. A list is "ordered" when its verdicts stand strictest first
// (equal actions by rising datum): then first match and strictest match are the same, and lists can be merged by
// sorting.
#pragma once

#include <vector>

#include "ir/program.h"

namespace sbpc::lower {

using Clauses = std::vector<ir::Clause>;

// The list that says what `lists` say together: the strictest wins. Equal verdicts become one clause.
[[nodiscard]] Clauses merge_clauses(std::vector<Clauses> lists, ir::Conds& conds);

// `top` where it speaks, else `bottom`.
[[nodiscard]] Clauses overlay_clauses(Clauses top, const Clauses& bottom, ir::Conds& conds);

// The same list, silent where `cond` does not hold.
[[nodiscard]] Clauses restrict_clauses(Clauses list, ir::CondId cond, ir::Conds& conds);

// Equal neighbours become one, what never matches or comes after `always` goes.
[[nodiscard]] Clauses tidy_clauses(Clauses list, ir::Conds& conds);

}  // namespace sbpc::lower
