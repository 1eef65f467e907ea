// random_policies.h: policies as lower/ would leave them, and a plain test graph for them, for the tests of prove/.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "ir/meaning.h"
#include "ir/program.h"

namespace sbpc::prove::testing {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(engine_() % bound); }
  bool one_in(uint32_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

struct Traits {
  bool parameters = false;
  uint32_t calls = 12;
  bool big_endian = false;
};

inline constexpr uint32_t kArches[] = {0x40000003U, 0xc000003eU};
inline constexpr uint32_t kValues = 2;  // run-time values; bools are numbered after them
inline constexpr uint32_t kBools = 2;

inline ir::Verdict random_verdict(Random& random) {
  switch (random.below(5)) {
    case 0: return {target::Action::kill_process, 0};
    case 1: return {target::Action::errno_, static_cast<uint16_t>(1 + random.below(3))};
    case 2: return {target::Action::log, 0};
    default: return {target::Action::allow, 0};
  }
}

inline ir::CondId random_atom(Random& random, ir::Program& program, bool parameters) {
  const auto word = static_cast<ir::Word>(4 + random.below(5));
  if (parameters && random.one_in(4)) return program.conds.flag(ir::HoleId(kValues + random.below(kBools)));
  if (parameters && random.one_in(3))
    return program.conds.hole(word, ir::HoleId(random.below(kValues)), random.one_in(2));
  const uint32_t mask = random.one_in(3) ? 0xff00ff : 0xffffffffU;
  if (random.one_in(4)) return program.conds.negation(program.conds.member(word, 1U << random.below(32), {{0, 0}}));
  std::vector<ir::Range> ranges;
  uint32_t from = random.below(40);
  for (uint32_t i = 0; i <= random.below(3); ++i) {
    ranges.push_back({from, from + random.below(20)});
    from = ranges.back().last + 2 + random.below(1000);
  }
  return program.conds.member(word, mask, ranges);
}

inline ir::CondId random_cond(Random& random, ir::Program& program, bool parameters) {
  std::vector<ir::CondId> any;
  for (uint32_t i = 0; i <= random.below(2); ++i) {
    std::vector<ir::CondId> all;
    for (uint32_t j = 0; j <= random.below(3); ++j) all.push_back(random_atom(random, program, parameters));
    any.push_back(program.conds.all(all));
  }
  return program.conds.any(any);
}

inline ir::FunctionId random_function(Random& random, ir::Program& program, bool parameters) {
  ir::Function function;
  function.otherwise = random_verdict(random);
  for (uint32_t i = 0; i <= random.below(3); ++i) {
    function.clauses.push_back({random_cond(random, program, parameters), random_verdict(random), {}});
  }
  ir::CondDiagrams conds(program);
  function.meaning = ir::clauses_meaning(program, function, conds);
  program.functions.push_back(function);
  return ir::FunctionId(program.functions.size() - 1);
}

inline ir::Section random_section(Random& random, ir::Program& program, uint32_t arch, const Traits& traits) {
  ir::Section section;
  section.arch = arch;
  uint64_t nr = 0;
  while (section.ranges.size() < traits.calls && nr < 0xffffffffU) {
    const auto first = static_cast<uint32_t>(nr);
    const uint32_t last = first + random.below(6);
    const ir::FunctionId function = random.one_in(3) ? random_function(random, program, traits.parameters)
                                                     : constant_function(program, random_verdict(random));
    section.ranges.push_back({first, last, function});
    nr = uint64_t{last} + 1;
  }
  section.ranges.push_back(
      {static_cast<uint32_t>(nr), 0xffffffffU, constant_function(program, random_verdict(random))});
  return section;
}

// ---- a test graph with no cleverness at all ----

inline ir::NodeId graph_of(ir::Program& program, ir::CondId id, ir::NodeId yes, ir::NodeId no);

inline ir::NodeId graph_of_member(ir::Program& program, const ir::Cond& cond, ir::NodeId yes, ir::NodeId no) {
  ir::Node test;
  test.word = cond.word;
  test.mask = cond.mask;
  ir::NodeId at = no;
  for (auto range = cond.ranges.rbegin(); range != cond.ranges.rend(); ++range) {
    ir::Node last = test;
    last.op = ir::Op::gt;
    last.value = range->last;
    last.yes = at;
    last.no = yes;
    ir::Node first = test;
    first.op = ir::Op::ge;
    first.value = range->first;
    first.yes = add_test(program, last);
    first.no = at;
    at = range->first == 0 ? first.yes : add_test(program, first);
  }
  return at;
}

inline ir::NodeId graph_of(ir::Program& program, ir::CondId id, ir::NodeId yes, ir::NodeId no) {
  const ir::Cond cond = program.conds[id];
  ir::Node test;
  test.word = cond.word;
  test.mask = cond.mask;
  test.hole_id = cond.hole_id;
  test.hole_high = cond.hole_high;
  test.yes = yes;
  test.no = no;
  ir::NodeId at;
  switch (cond.kind) {
    case ir::Cond::Kind::always: return yes;
    case ir::Cond::Kind::never: return no;
    case ir::Cond::Kind::member: return graph_of_member(program, cond, yes, no);
    case ir::Cond::Kind::hole: test.op = ir::Op::hole; return add_test(program, test);
    case ir::Cond::Kind::flag: test.op = ir::Op::flag; return add_test(program, test);
    case ir::Cond::Kind::negation: return graph_of(program, cond.operands[0], no, yes);
    case ir::Cond::Kind::all:
      at = yes;
      for (size_t i = cond.operands.size(); i-- > 0;) at = graph_of(program, cond.operands[i], at, no);
      return at;
    case ir::Cond::Kind::any:
      at = no;
      for (size_t i = cond.operands.size(); i-- > 0;) at = graph_of(program, cond.operands[i], yes, at);
      return at;
  }
  return {};
}

inline ir::NodeId graph_of(ir::Program& program, const ir::Function& function) {
  ir::NodeId at = add_return(program, function.otherwise);
  for (size_t i = function.clauses.size(); i-- > 0;) {
    at = graph_of(program, function.clauses[i].when, add_return(program, function.clauses[i].verdict), at);
  }
  return at;
}

inline ir::NodeId number_test(ir::Program& program, ir::Word word, ir::Op op, uint32_t value,
                              std::pair<ir::NodeId, ir::NodeId> ways) {
  ir::Node test;
  test.word = word;
  test.op = op;
  test.value = value;
  test.yes = ways.first;
  test.no = ways.second;
  return add_test(program, test);
}

inline ir::NodeId graph_of(ir::Program& program, const ir::Section& section, size_t first, size_t last) {
  if (first == last) {
    const ir::Function function = program.functions[section.ranges[first].function.value];
    return graph_of(program, function);
  }
  const size_t middle = first + (last - first) / 2;
  const ir::NodeId below = graph_of(program, section, first, middle);
  const ir::NodeId above = graph_of(program, section, middle + 1, last);
  return number_test(program, ir::Word::nr, ir::Op::ge, section.ranges[middle + 1].first, {above, below});
}

inline void complete(ir::Program& program) {
  ir::NodeId at = add_return(program, program.foreign);
  for (size_t i = program.sections.size(); i-- > 0;) {
    const ir::Section section = program.sections[i];
    const ir::NodeId inside = graph_of(program, section, 0, section.ranges.size() - 1);
    at = number_test(program, ir::Word::arch, ir::Op::eq, section.arch, {inside, at});
  }
  program.entry = at;
}

inline ir::Program random_policy(Random& random, const Traits& traits) {
  ir::Program program;
  program.big_endian = traits.big_endian;
  program.foreign = {target::Action::kill_process, 0};
  if (traits.parameters) {
    for (uint32_t i = 0; i < kValues; ++i) program.holes.push_back({"value" + std::to_string(i), false, 64});
    for (uint32_t i = 0; i < kBools; ++i) program.holes.push_back({"bool" + std::to_string(i), true, 32});
  }
  for (uint32_t arch : kArches) program.sections.push_back(random_section(random, program, arch, traits));
  complete(program);
  return program;
}

// Events at the edges of everything that the policy tests, in random combinations.
class Events {
 public:
  explicit Events(const ir::Program& program) {
    for (const ir::Section& section : program.sections) {
      for (const ir::NrRange& range : section.ranges) add(numbers_, range.first, range.last);
    }
    for (uint32_t i = 0; i < program.conds.size(); ++i) {
      const ir::Cond& cond = program.conds[ir::CondId(i)];
      for (const ir::Range& range : cond.ranges) add(words_, range.first, range.last);
      if (cond.mask != 0xffffffffU) words_.push_back(cond.mask);
    }
    for (uint32_t bit = 0; bit < 32; ++bit) words_.push_back(1U << bit);
    words_.push_back(0);
  }
  target::SeccompData operator()(Random& random) const {
    target::SeccompData data;
    data.arch = random.one_in(8) ? 5 : kArches[random.below(2)];
    data.nr = static_cast<int32_t>(numbers_[random.below(static_cast<uint32_t>(numbers_.size()))]);
    data.instruction_pointer = uint64_t{word(random)} << 32 | word(random);
    for (uint64_t& arg : data.args) arg = uint64_t{word(random)} << 32 | word(random);
    return data;
  }
  uint32_t word(Random& random) const { return words_[random.below(static_cast<uint32_t>(words_.size()))]; }
  [[nodiscard]] const std::vector<uint32_t>& numbers() const { return numbers_; }

 private:
  static void add(std::vector<uint32_t>& to, uint32_t first, uint32_t last) {
    for (uint32_t value : {first - 1, first, last, last + 1}) to.push_back(value);
  }
  std::vector<uint32_t> numbers_;
  std::vector<uint32_t> words_;
};

}  // namespace sbpc::prove::testing
