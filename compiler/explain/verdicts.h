// verdicts.h: every answer that the events of a pattern can get, decided on the diagram: for all values of what the
// pattern leaves open.
//
//   openat(AT_FDCWD, _, _)   ->   allow where flags has only O_CLOEXEC;
//                                 errno(EACCES) elsewhere, for example at flags == O_WRONLY
// Tested by test/unit/explain/verdicts_test.cpp.
#pragma once

#include <optional>
#include <vector>

#include "explain/call.h"
#include "ir/program.h"

namespace sbpc::explain {

struct VerdictPart {
  target::Verdict verdict;
  // One event that is answered so. `tested` are the bits that the decision looks at, said by the pattern or not.
  ir::Diagram::Witness witness;
  // kYes on the events that are answered so, over what the pattern leaves open; terminal if that does not matter.
  ir::Ref region;
};

// What the program answers to a number of an arch word; invalid if the diagram outgrew its budget.
[[nodiscard]] ir::Ref answer_of(ir::Program& program, uint32_t arch, uint32_t nr);

// By rising verdict, strictest first. nullopt: the budget ran out.
[[nodiscard]] std::optional<std::vector<VerdictPart>> verdicts_of(ir::Diagram& diagram, ir::Ref answer,
                                                                  const CallPattern& pattern);

// The same of the pattern's own call. Where the whole function outgrew its budget, of its clauses with what the pattern
// says filled in: what is left of them is small if the pattern says the arguments.
[[nodiscard]] std::optional<std::vector<VerdictPart>> verdicts_of(ir::Program& program, const CallPattern& pattern);

}  // namespace sbpc::explain
