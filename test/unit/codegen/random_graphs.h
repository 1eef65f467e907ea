// random_graphs.h: test graphs of every shape, and what they answer, for the tests of codegen/ and prove/.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "ir/program.h"
#include "target/seccomp_data.h"

namespace sbpc::codegen::testing {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(engine_() % bound); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  // Few values, so that random events go both ways.
  uint32_t value() { return one_in(8) ? 0xc000003eU : one_in(6) ? 0U - below(4) : below(12); }

 private:
  std::mt19937_64 engine_;
};

inline constexpr uint32_t kHoles = 3;  // values
inline constexpr uint32_t kFlags = 3;  // bools, numbered after them

struct Shape {
  uint32_t tests = 10;
  uint32_t near = 0;  // successors are among the last so many nodes; 0: any
  bool holes = false;
  uint32_t returns = 5;
  bool links = true;  // one successor is the node before: everything is reachable
  uint32_t words = 16;
};

inline ir::Verdict random_verdict(Random& random) {
  if (random.one_in(3)) return {target::Action::allow, 0};
  if (random.one_in(5)) return {target::Action::kill_process, 0};
  return {target::Action::errno_, static_cast<uint16_t>(1 + random.below(40))};
}

inline ir::Node random_test(Random& random, const Shape& shape) {
  ir::Node test;
  test.op = static_cast<ir::Op>(random.below(4));
  test.word = static_cast<ir::Word>(random.below(shape.words));
  test.value = random.value();
  if (test.op != ir::Op::set && random.one_in(3)) {
    test.mask = random.one_in(2) ? 0xff : 7;
    test.value &= test.mask;
  }
  if (test.op == ir::Op::set && test.value == 0) test.value = 1U << random.below(4);
  if (shape.holes && random.one_in(4)) {
    test = {};
    test.op = random.one_in(2) ? ir::Op::hole : ir::Op::flag;
    test.hole_id = ir::HoleId(test.op == ir::Op::hole ? random.below(kHoles) : kHoles + random.below(kFlags));
    if (test.op == ir::Op::hole) {
      test.word = static_cast<ir::Word>(random.below(shape.words));
      test.hole_high = random.one_in(3);
      if (random.one_in(3)) test.mask = 0xff;
    }
  }
  test.place = random.below(20);
  return test;
}

// Entry is the last node made.
inline ir::Program random_graph(Random& random, const Shape& shape) {
  ir::Program program;
  program.big_endian = random.one_in(2);
  for (uint32_t i = 0; i < kHoles; ++i) program.holes.push_back({"value" + std::to_string(i), false, 64});
  for (uint32_t i = 0; i < kFlags; ++i) program.holes.push_back({"flag" + std::to_string(i), true, 32});
  std::vector<ir::NodeId> nodes;
  for (uint32_t i = 0; i < shape.returns; ++i) nodes.push_back(add_return(program, random_verdict(random)));
  for (uint32_t i = 0; i < shape.tests; ++i) {
    const auto count = static_cast<uint32_t>(nodes.size());
    const uint32_t from = shape.near != 0 && shape.near < count ? count - shape.near : 0;
    auto pick = [&] {
      return random.one_in(4) ? nodes[random.below(shape.returns)] : nodes[from + random.below(count - from)];
    };
    ir::Node test = random_test(random, shape);
    test.yes = pick();
    test.no = shape.links ? nodes.back() : pick();
    if (random.one_in(2)) std::swap(test.yes, test.no);
    nodes.push_back(add_test(program, test));
  }
  program.entry = nodes.back();
  return program;
}

// Values of the run-time parameters.
struct Parameters {
  uint64_t values[kHoles] = {};
  bool flags[kFlags] = {};
};

inline bool holds(const ir::Node& test, const target::SeccompData& data, const Parameters& parameters) {
  const uint32_t value = target::word_value(data, test.word) & test.mask;
  switch (test.op) {
    case ir::Op::eq: return value == test.value;
    case ir::Op::gt: return value > test.value;
    case ir::Op::ge: return value >= test.value;
    case ir::Op::set: return (value & test.value) != 0;
    case ir::Op::hole: {
      const uint64_t wanted = parameters.values[test.hole_id.value];
      return value == static_cast<uint32_t>(test.hole_high ? wanted >> 32 : wanted);
    }
    case ir::Op::flag: return parameters.flags[test.hole_id.value - kHoles];
  }
  return false;
}

inline uint32_t walk(const ir::Program& program, const target::SeccompData& data, const Parameters& parameters) {
  ir::NodeId at = program.entry;
  while (!program.graph[at.value].is_return) {
    const ir::Node& test = program.graph[at.value];
    at = holds(test, data, parameters) ? test.yes : test.no;
  }
  return target::encode(program.graph[at.value].verdict);
}

inline target::SeccompData random_event(Random& random) {
  target::SeccompData data;
  data.nr = static_cast<int32_t>(random.value());
  data.arch = random.value();
  data.instruction_pointer = uint64_t{random.value()} << 32 | random.value();
  for (uint64_t& arg : data.args) arg = uint64_t{random.value()} << 32 | random.value();
  return data;
}

inline Parameters random_parameters(Random& random) {
  Parameters parameters;
  for (uint64_t& value : parameters.values) value = uint64_t{random.value()} << 32 | random.value();
  for (bool& flag : parameters.flags) flag = random.one_in(2);
  return parameters;
}

}  // namespace sbpc::codegen::testing
