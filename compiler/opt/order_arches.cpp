// order_arches.cpp
//
// Does:   asks for the arch words of the sections by falling weight
// Before: sections i386, x86_64; nearly all calls are x86_64's
// After:  arch == x86_64 ? ... : arch == i386 ? ... : foreign
// Needs:  nothing; completes the sections. Keeps: sections that have tests
// Cost:   the most weighted arch pays one test
// Tested by test/opt/order_arches/ and test/unit/opt/pipeline_test.cpp
#include <algorithm>
#include <numeric>

#include "opt/complete.h"
#include "opt/pass.h"
#include "opt/weights.h"

namespace sbpc::opt {

bool order_arches(ir::Program& program, const PassContext& context) {
  std::vector<uint64_t> weights = section_weights(program, context.options);
  std::vector<size_t> order(program.sections.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return weights[a] > weights[b]; });
  ir::NodeId target = add_return(program, program.foreign);
  for (size_t i = order.size(); i-- > 0;) {
    ir::Section& section = program.sections[order[i]];
    ir::Node test;
    test.op = ir::Op::eq;
    test.word = ir::Word::arch;
    test.value = section.arch;
    test.yes = complete_section(program, section);
    test.no = target;
    target = add_test(program, test);
  }
  program.entry = target;
  return true;
}

}  // namespace sbpc::opt
