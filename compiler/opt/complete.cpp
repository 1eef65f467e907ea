#include "opt/complete.h"

#include "opt/cond_tests.h"
#include "opt/flag_cases.h"

namespace sbpc::opt {

using ir::Function;
using ir::FunctionId;
using ir::Node;
using ir::NodeId;
using ir::Program;
using ir::Section;

namespace {

ir::PlaceId first_of(const std::vector<ir::PlaceId>& places) { return places.empty() ? ir::kNoPlace : places.front(); }

}  // namespace

NodeId tests_of_case(Program& program, const Function& function) {
  const ir::Diagram& diagram = program.diagram;
  if (function.meaning.valid() && diagram.is_terminal(function.meaning)) {
    return add_return(program, target::decode(diagram.payload(function.meaning)));
  }
  return tests_of_clauses(program, function);
}

NodeId tests_of_clauses(Program& program, const Function& function) {
  NodeId target = add_return(program, function.otherwise);
  for (size_t i = function.clauses.size(); i-- > 0;) {
    const ir::Clause& clause = function.clauses[i];
    NodeId answer = add_return(program, clause.verdict);
    target = tests_of(program, clause.when, {answer, target}, first_of(clause.places));
  }
  return target;
}

NodeId complete_function(Program& program, FunctionId id) {
  NodeId entry = program.functions[id.value].entry;
  if (entry.valid()) return entry;
  Function function = program.functions[id.value];
  entry = flags_first(program, function, [&](const Function& one_case) { return tests_of_case(program, one_case); });
  program.functions[id.value].entry = entry;
  return entry;
}

NodeId complete_section(Program& program, Section& section) {
  if (section.entry.valid()) return section.entry;
  NodeId target;
  for (size_t i = section.ranges.size(); i-- > 0;) {
    NodeId found = complete_function(program, section.ranges[i].function);
    if (!target.valid()) {
      target = found;
      continue;
    }
    Node test;
    test.op = ir::Op::ge;
    test.word = ir::Word::nr;
    test.value = section.ranges[i + 1].first;
    test.yes = target;
    test.no = found;
    target = add_test(program, test);
  }
  section.entry = target;
  return target;
}

void complete(Program& program) {
  for (size_t i = 0; i < program.functions.size(); ++i) complete_function(program, FunctionId(i));
  for (Section& section : program.sections) complete_section(program, section);
  if (program.entry.valid()) return;
  NodeId target = add_return(program, program.foreign);
  for (size_t i = program.sections.size(); i-- > 0;) {
    Node test;
    test.op = ir::Op::eq;
    test.word = ir::Word::arch;
    test.value = program.sections[i].arch;
    test.yes = program.sections[i].entry;
    test.no = target;
    target = add_test(program, test);
  }
  program.entry = target;
}

}  // namespace sbpc::opt
