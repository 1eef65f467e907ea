// asked_order.h: which of libseccomp's rules for one call is asked first.
//
// libseccomp puts the comparisons of a call's rules into a tree, and the filter walks it: of two rules that both hold,
// the one that stands before the other there answers, wherever the file has them.
//   A0 == 3 -> kill, A1 == 1 -> allow        allow: the higher argument is asked first
//   A1 >= 5 -> kill, A1 == 7 -> allow        allow: equalities are asked before orderings
// The order by which policies are written; argument_tree.h finds the same for the proof by another way.
// Source: libseccomp 2.5 and 2.6, db.c: _db_rule_gen_64, _db_chain_lt, _db_tree_add. Tested by
// test/unit/import/asked_order_test.cpp, and against libseccomp by test/agree/import_test.cpp.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "import/meaning.h"

namespace sbpc::importer {

// Whether some of the rules answer otherwise than others: else no order matters.
[[nodiscard]] bool disagree(std::span<const Applied> rules);

// The rules as the filter asks them, each with one alternative. nullopt: nobody can rely on the order. libseccomp joins
// what only looks alike, of several orderings or inequalities with different answers, and of conditions on several
// arguments that are not all equalities; or it refuses a rule, the second of two equal conditions, or one with an
// argument that stands twice.
[[nodiscard]] std::optional<std::vector<Applied>> asked_order(std::span<const Applied> rules);

}  // namespace sbpc::importer
