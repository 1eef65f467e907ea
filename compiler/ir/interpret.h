// interpret.h: the answer of a program for one event, read off each of its forms. They must agree.
#pragma once

#include <cstdint>
#include <span>

#include "ir/program.h"

namespace sbpc::ir {

// The values of Program::holes, by HoleId: a bool is 0 or 1, a value is extended to 64 bits. May be empty if there are
// no holes.
using HoleValues = std::span<const uint64_t>;

[[nodiscard]] bool holds(const Conds& conds, CondId cond, const target::SeccompData& data, HoleValues holes);
// The same with the atoms that depend on holes answered by `opaque`.
[[nodiscard]] bool holds(const Conds& conds, CondId cond, const target::SeccompData& data,
                         FunctionRef<bool(const Diagram::Opaque&)> opaque);
// Whether a run-time flag is set, or a word equals a run-time value.
[[nodiscard]] bool holds(const Diagram::Opaque& opaque, const target::SeccompData& data, HoleValues holes);

[[nodiscard]] Verdict interpret_clauses(const Program& program, const target::SeccompData& data, HoleValues holes = {});
// Every function the event reaches must have a meaning.
[[nodiscard]] Verdict interpret_diagram(const Program& program, const target::SeccompData& data, HoleValues holes = {});
// The program must be complete (Program::entry).
[[nodiscard]] Verdict interpret_graph(const Program& program, const target::SeccompData& data, HoleValues holes = {});

}  // namespace sbpc::ir
