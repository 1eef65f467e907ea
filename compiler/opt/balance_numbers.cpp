// balance_numbers.cpp
//
// Does:   gives each section a binary search over its number ranges, == for a single number between equal neighbours
// Before: 0..40 -> f, 41 -> g, 42.. -> f
// After:  nr == 41 ? g : f
// Needs:  nothing; joins neighbours itself. Keeps: functions that have tests
// Cost:   log2 of the ranges, rounded up, is the longest way
// Tested by test/opt/balance_numbers/ and test/unit/opt/pipeline_test.cpp
#include "opt/number_pieces.h"
#include "opt/pass.h"
#include "opt/word_search.h"

namespace sbpc::opt {

bool balance_numbers(ir::Program& program, const PassContext&) {
  for (ir::Section& section : program.sections) {
    SearchTree tree = balanced_search(number_runs(program, section));
    section.entry = emit(program, tree, ir::Word::nr, 0xffffffffU);
  }
  return !program.sections.empty();
}

}  // namespace sbpc::opt
