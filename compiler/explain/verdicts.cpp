#include "explain/verdicts.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "base/limits.h"
#include "ir/meaning.h"

namespace sbpc::explain {
namespace {

using ir::Diagram;
using ir::Ref;

uint32_t bit_of(const Diagram::Branch& branch) { return uint32_t{1} << branch.bit; }

// The function with the pattern's bits filled in: it looks at what is open only.
class Filling {
 public:
  Filling(Diagram& diagram, const CallPattern& pattern) : diagram_(diagram), pattern_(pattern) {}

  // As deep as a diagram has levels: 576 bits and the opaque ones, which limits.h bounds.
  Ref operator()(Ref function) {
    if (!function.valid() || diagram_.is_terminal(function)) return function;
    if (const auto known = made_.find(function); known != made_.end()) return known->second;
    const Diagram::Branch branch = diagram_.branch(function);
    Ref result;
    if (const uint32_t bit = bit_of(branch);
        !branch.is_opaque && (pattern_.fixed[static_cast<size_t>(branch.word)] & bit) != 0) {
      const bool set = (target::word_value(pattern_.data, branch.word) & bit) != 0;
      result = (*this)(set ? branch.one : branch.zero);
    } else {
      const Ref yes = (*this)(branch.one);
      const Ref no = (*this)(branch.zero);
      result = yes == branch.one && no == branch.zero ? function : above(branch, yes, no);
    }
    made_.emplace(function, result);
    return result;
  }

 private:
  // What is left of functions looks at what they looked at.
  Ref above(const Diagram::Branch& branch, Ref yes, Ref no) {
    if (!branch.is_opaque) return diagram_.by_bit(branch.word, branch.bit, no, yes);
    const Diagram::Opaque opaque = diagram_.opaques()[branch.opaque_id];
    return diagram_.ite(diagram_.opaque(opaque.word, opaque.id, opaque.high, opaque.mask), yes, no);
  }

  Diagram& diagram_;
  const CallPattern& pattern_;
  std::unordered_map<Ref, Ref> made_;
};

// The bits that the decision of an event looks at.
std::array<uint32_t, target::kWordCount> looked_at(const Diagram& diagram, Ref at, const Diagram::Witness& event) {
  std::array<uint32_t, target::kWordCount> bits{};
  while (!diagram.is_terminal(at)) {
    const Diagram::Branch branch = diagram.branch(at);
    bool one = false;
    if (branch.is_opaque) {
      const Diagram::Opaque& opaque = diagram.opaques()[branch.opaque_id];
      if (opaque.word) bits[static_cast<size_t>(*opaque.word)] |= opaque.mask;
      one = std::find(event.opaques_set.begin(), event.opaques_set.end(), branch.opaque_id) != event.opaques_set.end();
    } else {
      bits[static_cast<size_t>(branch.word)] |= bit_of(branch);
      one = (target::word_value(event.data, branch.word) & bit_of(branch)) != 0;
    }
    at = one ? branch.one : branch.zero;
  }
  return bits;
}

// The witness of what is open, with what the pattern says.
Diagram::Witness whole(const Diagram& diagram, Ref answer, Diagram::Witness open, const CallPattern& pattern) {
  CallPattern both = pattern;
  for (int i = 0; i < target::kWordCount; ++i) {
    const auto word = static_cast<target::Word>(i);
    both.fix(word, ~pattern.fixed[static_cast<size_t>(i)], target::word_value(open.data, word));
  }
  open.data = both.data;
  open.tested = looked_at(diagram, answer, open);
  return open;
}

// Clauses with the pattern's words filled in, and which bits of which words they ask about.
class Saying {
 public:
  Saying(ir::Conds& conds, const CallPattern& pattern) : conds_(conds), pattern_(pattern) {}

  // Recursion: as deep as conditions nest, which limits.h bounds.
  ir::CondId operator()(ir::CondId id) {
    if (const auto known = made_.find(id.value); known != made_.end()) return known->second;
    const ir::Cond cond = conds_[id];  // a copy: conditions are added below
    ir::CondId result = id;
    switch (cond.kind) {
      case ir::Cond::Kind::always:
      case ir::Cond::Kind::never:
      case ir::Cond::Kind::hole:
      case ir::Cond::Kind::flag: break;
      case ir::Cond::Kind::member: result = member(id, cond); break;
      case ir::Cond::Kind::negation: result = conds_.negation((*this)(cond.operands[0])); break;
      case ir::Cond::Kind::all:
      case ir::Cond::Kind::any: {
        std::vector<ir::CondId> operands;
        for (const ir::CondId operand : cond.operands) operands.push_back((*this)(operand));
        result = cond.kind == ir::Cond::Kind::all ? conds_.all(std::move(operands)) : conds_.any(std::move(operands));
        break;
      }
    }
    made_.emplace(id.value, result);
    return result;
  }

  [[nodiscard]] const std::array<uint32_t, target::kWordCount>& asked() const { return asked_; }

 private:
  ir::CondId member(ir::CondId id, const ir::Cond& cond) {
    const auto word = static_cast<size_t>(cond.word);
    asked_[word] |= cond.mask;
    if ((cond.mask & ~pattern_.fixed[word]) != 0) return id;
    const uint32_t value = target::word_value(pattern_.data, cond.word) & cond.mask;
    const bool is_in = std::any_of(cond.ranges.begin(), cond.ranges.end(), [value](const ir::Range& range) {
      return range.first <= value && value <= range.last;
    });
    return is_in ? conds_.always() : conds_.never();
  }

  ir::Conds& conds_;
  const CallPattern& pattern_;
  std::unordered_map<uint32_t, ir::CondId> made_;
  std::array<uint32_t, target::kWordCount> asked_{};
};

// Of a function without a meaning.
std::optional<std::vector<VerdictPart>> verdicts_by_clauses(ir::Program& program, const ir::Function& function,
                                                            const CallPattern& pattern) {
  Saying said(program.conds, pattern);
  ir::Function open;
  open.otherwise = function.otherwise;
  for (const ir::Clause& clause : function.clauses) open.clauses.push_back({said(clause.when), clause.verdict, {}});
  program.diagram.begin_part();
  ir::CondDiagrams diagrams(program);
  auto parts = verdicts_of(program.diagram, ir::clauses_meaning(program, open, diagrams), pattern);
  if (!program.diagram.end_part() || !parts) return std::nullopt;
  for (VerdictPart& part : *parts) {
    for (size_t word = 0; word < part.witness.tested.size(); ++word)
      part.witness.tested[word] |= said.asked()[word] & pattern.fixed[word];
  }
  return parts;
}

}  // namespace

ir::Ref answer_of(ir::Program& program, uint32_t arch, uint32_t nr) {
  for (const ir::Section& section : program.sections) {
    if (section.arch == arch) return program.functions[ir::function_of(section, nr).value].meaning;
  }
  return program.diagram.terminal(target::encode(program.foreign));
}

std::optional<std::vector<VerdictPart>> verdicts_of(ir::Diagram& diagram, ir::Ref answer, const CallPattern& pattern) {
  if (!answer.valid()) return std::nullopt;
  std::vector<VerdictPart> parts;
  diagram.begin_part(2 * limits::kFunctionDiagramNodes);  // where one answer is given, and where the other
  const Ref open = Filling(diagram, pattern)(answer);
  std::set<target::Verdict> verdicts;  // programs of others may say one verdict in several words
  if (open.valid()) {
    for (const uint32_t payload : diagram.payloads(open)) verdicts.insert(target::decode(payload));
  }
  for (const target::Verdict verdict : verdicts) {
    const auto is_it = [verdict](uint32_t payload) { return target::decode(payload) == verdict; };
    const Ref region =
        diagram.map(open, [&](uint32_t payload) { return is_it(payload) ? Diagram::kYes : Diagram::kNo; });
    auto witness = diagram.witness(open, is_it);
    if (region.valid() && witness)
      parts.push_back({verdict, whole(diagram, answer, std::move(*witness), pattern), region});
  }
  if (!diagram.end_part()) return std::nullopt;
  return parts;
}

std::optional<std::vector<VerdictPart>> verdicts_of(ir::Program& program, const CallPattern& pattern) {
  const auto nr = static_cast<uint32_t>(pattern.data.nr);
  const ir::Ref answer = answer_of(program, pattern.data.arch, nr);
  if (answer.valid()) {
    if (auto parts = verdicts_of(program.diagram, answer, pattern)) return parts;
  }
  for (const ir::Section& section : program.sections) {
    if (section.arch != pattern.data.arch) continue;
    const ir::Function function = program.functions[ir::function_of(section, nr).value];
    return verdicts_by_clauses(program, function, pattern);
  }
  return std::nullopt;
}

}  // namespace sbpc::explain
