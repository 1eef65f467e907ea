// meaning.cpp: conditions, clause lists and whole programs -> diagrams.
//
// Tested by test/unit/ir/program_test.cpp and, against a policy's own rules, by test/unit/lower/.
#include "ir/meaning.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc::ir {

Ref CondDiagrams::operator()(CondId cond) {
  if (cond.value >= made_.size()) made_.resize(program_.conds.size());
  CHECK(cond.value < made_.size());
  if (!made_[cond.value].valid()) {
    Ref ref = make(cond);
    made_[cond.value] = ref;
  }
  return made_[cond.value];
}

Ref CondDiagrams::make(CondId id) {
  Diagram& diagram = program_.diagram;
  const Cond& cond = program_.conds[id];
  switch (cond.kind) {
    case Cond::Kind::always: return diagram.yes();
    case Cond::Kind::never: return diagram.no();
    case Cond::Kind::member: return diagram.member(cond.word, cond.mask, cond.ranges);
    case Cond::Kind::hole: return diagram.opaque(cond.word, cond.hole_id.value, cond.hole_high, cond.mask);
    case Cond::Kind::flag: return diagram.opaque(std::nullopt, cond.hole_id.value, false);
    case Cond::Kind::negation: return diagram.negate((*this)(cond.operands[0]));
    case Cond::Kind::all: {
      // Operands stand in the order of levels: from the last to the first, each step puts a test on top.
      Ref result = diagram.yes();
      for (auto it = cond.operands.rbegin(); it != cond.operands.rend(); ++it) result = diagram.conjunction((*this)(*it), result);
      return result;
    }
    case Cond::Kind::any: return fold(cond.operands, 0, cond.operands.size());
  }
  CHECK(false);
}

// Halves, so that n small operands don't meet one growing diagram n times.
Ref CondDiagrams::fold(const std::vector<CondId>& operands, size_t first, size_t last) {
  if (last - first == 1) return (*this)(operands[first]);
  size_t middle = first + (last - first) / 2;
  Ref left = fold(operands, first, middle);
  return program_.diagram.disjunction(left, fold(operands, middle, last));
}

Ref clauses_meaning(Program& program, const Function& function, CondDiagrams& conds) {
  Ref result = program.diagram.terminal(target::encode(function.otherwise));
  for (auto it = function.clauses.rbegin(); it != function.clauses.rend(); ++it) {
    result = program.diagram.ite(conds(it->when), program.diagram.terminal(target::encode(it->verdict)), result);
  }
  return result;
}

Ref section_meaning(Program& program, const Section& section) {
  std::vector<uint32_t> lasts;
  std::vector<Ref> values;
  for (const NrRange& range : section.ranges) {
    Ref value = program.functions[range.function.value].meaning;
    if (!values.empty() && values.back() == value) {
      lasts.back() = range.last;
      continue;
    }
    lasts.push_back(range.last);
    values.push_back(value);
  }
  return program.diagram.by_word(Word::nr, lasts, values);
}

Ref whole_meaning(Program& program) {
  Ref foreign = program.diagram.terminal(target::encode(program.foreign));
  std::vector<const Section*> sections;
  for (const Section& section : program.sections) sections.push_back(&section);
  std::sort(sections.begin(), sections.end(), [](const Section* a, const Section* b) { return a->arch < b->arch; });
  std::vector<uint32_t> lasts;
  std::vector<Ref> values;
  uint64_t next = 0;  // the first arch word that no interval covers yet
  for (const Section* section : sections) {
    CHECK(section->arch >= next);
    if (section->arch > next) {
      lasts.push_back(section->arch - 1);
      values.push_back(foreign);
    }
    lasts.push_back(section->arch);
    values.push_back(section_meaning(program, *section));
    next = uint64_t{section->arch} + 1;
  }
  if (next <= 0xffffffffU) {
    lasts.push_back(0xffffffffU);
    values.push_back(foreign);
  }
  return program.diagram.by_word(Word::arch, lasts, values);
}

}  // namespace sbpc::ir
