// idle.h: overrides that change nothing and `except`s that take nothing, statement by statement on one ABI.
//
//   allow read; override allow read;                 the override is idle
//   allow read(fd == 1) except read(fd == 2);        so is the except
//   errno(EPERM) mount except mount;                 the whole statement is
// What is reported of a text is put together by effects.h; -E writes them so that they are no mistakes
// (without_idle.h).
#pragma once

#include <vector>

#include "judge/view.h"

namespace sbpc::judge {

// By override of the scope: whether its answer, strong or weak, would be another one without it. What outgrows its
// budget is not called idle. Those in `left_out` are taken as not written.
[[nodiscard]] std::vector<bool> effective_overrides(View& view, sema::ScopeId scope, const std::vector<bool>& left_out);
// Says nothing at all: a parameter's value has emptied it.
[[nodiscard]] bool is_silent(const View& view, sema::ScopeId scope, size_t override_index);

// Whether the `except` takes anything away.
[[nodiscard]] bool removes(View& view, const sema::Rule& rule);
[[nodiscard]] bool removes(View& view, const sema::Use& use);
// Whether it takes away all that the statement says, answers of `else` as well.
[[nodiscard]] bool takes_all(View& view, const sema::Rule& rule);
[[nodiscard]] bool takes_all(View& view, const sema::Assertion& assertion);
[[nodiscard]] bool takes_all(View& view, const sema::Use& use);
// The same if the set's asserts do not count.
[[nodiscard]] bool takes_all_rules(View& view, const sema::Use& use);

}  // namespace sbpc::judge
