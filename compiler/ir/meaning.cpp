// meaning.cpp: conditions, clause lists and whole programs -> diagrams.
//
// Tested by test/unit/ir/program_test.cpp and, against a policy's own rules, by test/unit/lower/.
#include "ir/meaning.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc::ir {
namespace {

// Whether a conjunction may be put on top of both, test by test. If not its own diagram meets them, which costs its
// size, where each single test would cost theirs.
bool stands_above(const Program& program, const Cond& all, Ref yes, Ref no) {
  const Diagram& diagram = program.diagram;
  if (diagram.is_terminal(yes) && diagram.is_terminal(no)) return true;
  const Cond& last = program.conds[all.operands.back()];
  return last.kind == Cond::Kind::member && diagram.is_later(yes, last.word) && diagram.is_later(no, last.word);
}

}  // namespace

Ref CondDiagrams::operator()(CondId cond) {
  if (cond.value >= made_.size()) made_.resize(program_.conds.size());
  CHECK(cond.value < made_.size());
  if (!made_[cond.value].valid()) {
    Ref ref = choose(cond, program_.diagram.yes(), program_.diagram.no());
    made_[cond.value] = ref;
  }
  return made_[cond.value];
}

Ref CondDiagrams::choose(CondId id, Ref yes, Ref no) {
  Diagram& diagram = program_.diagram;
  if (!yes.valid() || !no.valid()) return {};
  bool is_made = id.value < made_.size() && made_[id.value].valid();
  const Cond& cond = program_.conds[id];
  if (cond.kind == Cond::Kind::all && !stands_above(program_, cond, yes, no)) return diagram.ite((*this)(id), yes, no);
  switch (cond.kind) {
    case Cond::Kind::always: return yes;
    case Cond::Kind::never: return no;
    case Cond::Kind::member:
      if (is_made || !diagram.is_later(yes, cond.word) || !diagram.is_later(no, cond.word)) {
        return diagram.ite(diagram.member(cond.word, cond.mask, cond.ranges), yes, no);
      }
      return diagram.choose(cond.word, cond.mask, cond.ranges, {yes, no});
    case Cond::Kind::hole:
      return diagram.ite(diagram.opaque(cond.word, cond.hole_id.value, cond.hole_high, cond.mask), yes, no);
    case Cond::Kind::flag: return diagram.ite(diagram.opaque(std::nullopt, cond.hole_id.value, false), yes, no);
    case Cond::Kind::negation: return choose(cond.operands[0], no, yes);
    case Cond::Kind::all: {
      // Operands stand in the order of levels: from the last to the first, each step puts a test on top.
      for (auto it = cond.operands.rbegin(); it != cond.operands.rend(); ++it) yes = choose(*it, yes, no);
      return yes;
    }
    case Cond::Kind::any: return choose_any(cond, yes, no);
  }
  CHECK(false);
}

namespace {

// A range of a word and what else must hold there.
struct Way {
  Range range;
  const Cond* all;  // its first operand is the range's; null: nothing else
};

// any(all(w in R1, x), w in R2, ...) with one unmasked word w and disjoint ranges, which is what 64-bit sets become:
// the ways of w by rising range. Empty for anything else.
std::vector<Way> ways_of(const Conds& conds, const Cond& any, Word& word) {
  std::vector<Way> ways;
  for (CondId operand : any.operands) {
    const Cond& cond = conds[operand];
    const Cond& first = cond.kind == Cond::Kind::all ? conds[cond.operands[0]] : cond;
    if (ways.empty()) word = first.word;
    if (first.kind != Cond::Kind::member || first.mask != 0xffffffffU || first.word != word) return {};
    for (Range range : first.ranges) ways.push_back({range, cond.kind == Cond::Kind::all ? &cond : nullptr});
  }
  std::sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) { return a.range < b.range; });
  for (size_t i = 1; i < ways.size(); ++i) {
    if (ways[i].range.first <= ways[i - 1].range.last) return {};
  }
  return ways;
}

}  // namespace

Ref CondDiagrams::choose_any(const Cond& cond, Ref yes, Ref no) {
  Diagram& diagram = program_.diagram;
  auto general = [&] { return diagram.ite(fold(cond.operands, 0, cond.operands.size()), yes, no); };
  Word word{};
  std::vector<Way> ways = ways_of(program_.conds, cond, word);
  if (ways.empty() || !diagram.is_later(yes, word) || !diagram.is_later(no, word)) return general();
  std::vector<uint32_t> lasts;
  std::vector<Ref> values;
  for (const Way& way : ways) {
    Ref value = yes;
    if (way.all != nullptr) {
      const std::vector<CondId>& operands = way.all->operands;
      for (size_t i = operands.size(); i-- > 1;) value = choose(operands[i], value, no);
    }
    if (!value.valid()) return {};
    if (!diagram.is_later(value, word)) return general();
    bool has_gap = lasts.empty() ? way.range.first != 0 : way.range.first != lasts.back() + 1;
    if (has_gap) {
      lasts.push_back(way.range.first - 1);
      values.push_back(no);
    }
    lasts.push_back(way.range.last);
    values.push_back(value);
  }
  if (lasts.back() != 0xffffffffU) {
    lasts.push_back(0xffffffffU);
    values.push_back(no);
  }
  return diagram.by_word(word, lasts, values);
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
    result = conds.choose(it->when, program.diagram.terminal(target::encode(it->verdict)), result);
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
