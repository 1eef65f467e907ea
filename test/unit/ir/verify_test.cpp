// verify finds each broken invariant, and nothing in a sound program.
#include "ir/verify.h"

#include <gtest/gtest.h>

#include <functional>

#include "ir/meaning.h"
#include "ir/read.h"

namespace sbpc::ir {
namespace {

Program sound() {
  auto program = read(R"(program p little
hole h0 value 32
hole h1 net flag
foreign kill_process
function f0: allow
function f1 entry n3:
  when arg0.lo & 3 == 2 and h1: allow
  else errno(1)
section 0xc000003e x86_64 entry n4:
  0: f1
  1..0xffffffff: f0
graph entry n6:
  n0: return allow
  n1: return errno(1)
  n2: if ? h1 then n0 else n1
  n3: if arg0.lo & 3 == 2 then n2 else n1
  n4: if nr == 0 then n3 else n0
  n5: return kill_process
  n6: if arch == 0xc000003e then n4 else n5
)");
  EXPECT_TRUE(program.has_value()) << program.error().message;
  return std::move(*program);
}

TEST(Verify, ASoundProgramHasNoProblems) {
  Program program = sound();
  EXPECT_EQ(verify(program), std::vector<std::string>{});
}

TEST(Verify, FindsEachBreach) {
  struct Case {
    std::string_view problem;
    std::function<void(Program&)> breach;
  };
  for (const Case& broken : {
           Case{"section 0xc000003e: ranges have a gap or overlap at 2",
                [](Program& p) { p.sections[0].ranges[1].first = 2; }},
           Case{"section 0xc000003e: ranges don't cover every number",
                [](Program& p) { p.sections[0].ranges[1].last = 7; }},
           Case{"section 0xc000003e: range at 0 has no function",
                [](Program& p) { p.sections[0].ranges[0].function = FunctionId(9U); }},
           Case{"section 0xc000003e: an ABI has another arch word",
                [](Program& p) { p.sections[0].abis = {target::Abi::i386}; }},
           Case{"section 0xc000003e: its entry is no node", [](Program& p) { p.sections[0].entry = NodeId(70U); }},
           Case{"section 0xc000003e stands twice", [](Program& p) { p.sections.push_back(p.sections[0]); }},
           Case{"function f1: a clause has no condition",
                [](Program& p) { p.functions[1].clauses[0].when = CondId(99U); }},
           Case{"function f1: its entry is no node", [](Program& p) { p.functions[1].entry = NodeId(70U); }},
           Case{"node n2: a way out is not an earlier node", [](Program& p) { p.graph[2].yes = NodeId(2U); }},
           Case{"node n2: both ways out are the same", [](Program& p) { p.graph[2].yes = p.graph[2].no; }},
           Case{"node n2: asks for a hole that is no flag", [](Program& p) { p.graph[2].hole_id = HoleId(0U); }},
           Case{"node n3: the value has bits that the mask lacks", [](Program& p) { p.graph[3].value = 4; }},
           Case{"program: its entry is no node", [](Program& p) { p.entry = NodeId(70U); }},
           Case{"condition 3: asks for a hole that is no flag", [](Program& p) { p.holes[1].is_bool = false; }},
           Case{"function f1: meaning and clauses differ", [](Program& p) { p.functions[1].otherwise.data = 2; }},
           Case{"function f1: meaning and graph differ", [](Program& p) { p.graph[3].value = 1; }},
           Case{"section 0xc000003e: ranges and graph differ", [](Program& p) { p.graph[4].value = 1; }},
           Case{"program: sections and graph differ",
                [](Program& p) {
                  p.foreign = {target::Action::allow, 0};
                }},
       }) {
    Program program = sound();
    broken.breach(program);
    std::vector<std::string> problems = verify(program);
    EXPECT_NE(std::find(problems.begin(), problems.end(), broken.problem), problems.end())
        << broken.problem << "; first seen: " << (problems.empty() ? "nothing" : problems[0]);
  }
}

TEST(Verify, ConditionsOnArchAndNumberAreRefused) {
  Program program = sound();
  program.functions[0].clauses.push_back({program.conds.member(Word::nr, ~0U, {{1, 1}}), {}, {}});
  EXPECT_EQ(verify_structure(program).size(), 1U);
}

}  // namespace
}  // namespace sbpc::ir
