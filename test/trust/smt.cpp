#include "trust/smt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/check.h"
#include "bpf/opcode.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::trust {
namespace {

using bpf::Insn;
using bpf::Opcode;

std::string number(uint32_t value) { return fmt::format("#x{:08x}", value); }

// One way into an instruction: under which condition, and what A and X hold then.
struct Edge {
  std::string condition;
  std::string a;
  std::string x;
};

std::string merged(const std::vector<Edge>& edges, std::string Edge::*part) {
  std::string made = edges.back().*part;
  for (size_t i = edges.size() - 1; i-- > 0;)
    made = fmt::format("(ite {} {} {})", edges[i].condition, edges[i].*part, made);
  return made;
}

std::string computed(Opcode opcode, const std::string& a, const std::string& operand) {
  struct Row {
    Opcode by_k;
    Opcode by_x;
    const char* function;
  };
  static constexpr Row kRows[] = {
      {Opcode::add_k, Opcode::add_x, "bvadd"},  {Opcode::sub_k, Opcode::sub_x, "bvsub"},
      {Opcode::or_k, Opcode::or_x, "bvor"},     {Opcode::and_k, Opcode::and_x, "bvand"},
      {Opcode::xor_k, Opcode::xor_x, "bvxor"},  {Opcode::lsh_k, Opcode::lsh_k, "bvshl"},
      {Opcode::rsh_k, Opcode::rsh_k, "bvlshr"},
  };
  if (opcode == Opcode::neg) return fmt::format("(bvneg {})", a);
  for (const Row& row : kRows) {
    if (opcode == row.by_k || opcode == row.by_x) return fmt::format("({} {} {})", row.function, a, operand);
  }
  CHECK(false);  // the pairs are made without the others
}

std::string condition(Opcode opcode, const std::string& a, const std::string& operand) {
  if (opcode == Opcode::jeq_k || opcode == Opcode::jeq_x) return fmt::format("(= {} {})", a, operand);
  if (opcode == Opcode::jgt_k || opcode == Opcode::jgt_x) return fmt::format("(bvugt {} {})", a, operand);
  if (opcode == Opcode::jge_k || opcode == Opcode::jge_x) return fmt::format("(bvuge {} {})", a, operand);
  CHECK(opcode == Opcode::jset_k || opcode == Opcode::jset_x);
  return fmt::format("(distinct (bvand {} {}) #x00000000)", a, operand);
}

}  // namespace

SmtScript::SmtScript() {
  text_ = "(set-logic QF_BV)\n";
  for (int word = 0; word < target::kWordCount; ++word)
    text_ += fmt::format("(declare-const w{} (_ BitVec 32))\n", word);
}

// Returned constants count as the kernel acts on them. Definitions for each instruction in order; jumps go forward, so
// every way in is known when its turn comes.
std::string SmtScript::add_program(const std::string& name, const bpf::Insns& insns, bool big_endian) {
  std::vector<std::vector<Edge>> into(insns.size());
  into[0].push_back({"true", number(0), number(0)});
  std::string answer = number(0);
  const auto define = [&](const std::string& what, const char* sort, const std::string& value) {
    text_ += fmt::format("(define-fun {} () {} {})\n", what, sort, value);
  };
  for (size_t pc = 0; pc < insns.size(); ++pc) {
    if (into[pc].empty()) continue;
    const Insn& insn = insns[pc];
    const Opcode opcode = *bpf::find_opcode(insn.code);
    const bpf::Operand operand = bpf::info(opcode).operand;
    const std::string at = fmt::format("{}_{}", name, pc);
    std::string reached = "(or false";
    for (const Edge& edge : into[pc]) reached += " " + edge.condition;
    define(at, "Bool", reached + ")");
    define(at + "a", "(_ BitVec 32)", merged(into[pc], &Edge::a));
    define(at + "x", "(_ BitVec 32)", merged(into[pc], &Edge::x));
    Edge on{at, at + "a", at + "x"};
    const bool by_x = operand == bpf::Operand::x || operand == bpf::Operand::branchx;
    const std::string other = by_x ? on.x : number(insn.k);
    if (operand == bpf::Operand::verdict || operand == bpf::Operand::a) {
      answer = fmt::format("(ite {} {} {})", at,
                           operand == bpf::Operand::a ? on.a : number(target::encode(target::decode(insn.k))), answer);
      continue;
    }
    if (operand == bpf::Operand::jump) {
      into[pc + 1 + insn.k].push_back(on);
    } else if (bpf::is_branch(operand)) {
      const std::string test = condition(opcode, on.a, other);
      into[pc + 1 + insn.jt].push_back({fmt::format("(and {} {})", at, test), on.a, on.x});
      into[pc + 1 + insn.jf].push_back({fmt::format("(and {} (not {}))", at, test), on.a, on.x});
    } else {
      if (operand == bpf::Operand::word)
        on.a = fmt::format("w{}", static_cast<int>(target::word_at(insn.k, big_endian)));
      else if (opcode == Opcode::ld_imm)
        on.a = other;
      else if (opcode == Opcode::ldx_imm)
        on.x = other;
      else if (opcode == Opcode::tax)
        on.x = on.a;
      else if (opcode == Opcode::txa)
        on.a = on.x;
      else
        on.a = computed(opcode, on.a, other);
      into[pc + 1].push_back(on);
    }
  }
  define(name, "(_ BitVec 32)", answer);
  return name;
}

void SmtScript::add_pair(const bpf::Insns& first, const bpf::Insns& second, bool big_endian) {
  text_ += "(push)\n";
  const std::string a = add_program(fmt::format("p{}", pairs_), first, big_endian);
  const std::string b = add_program(fmt::format("q{}", pairs_), second, big_endian);
  text_ += fmt::format("(assert (distinct {} {}))\n(check-sat)\n(pop)\n", a, b);
  ++pairs_;
}

std::optional<std::vector<bool>> ask_z3(const SmtScript& script, std::string& reason) {
  if (std::system("command -v z3 >/dev/null 2>&1") != 0) {
    reason = "z3 is not installed";
    return std::nullopt;
  }
  char name[] = "/tmp/sbpc-smt-XXXXXX";
  const int file = mkstemp(name);
  if (file < 0) {
    reason = "no temporary file";
    return std::nullopt;
  }
  std::ofstream(name) << script.text();
  FILE* pipe = popen(fmt::format("z3 -T:300 {} 2>&1", name).c_str(), "r");
  std::vector<bool> answers;
  char line[256];
  while (pipe != nullptr && fgets(line, sizeof line, pipe) != nullptr) {
    const std::string said(line);
    if (said != "sat\n" && said != "unsat\n") reason = "z3 says: " + said;
    answers.push_back(said == "sat\n");
  }
  if (pipe != nullptr) pclose(pipe);
  std::remove(name);
  if (!reason.empty()) return std::nullopt;
  return answers;
}

}  // namespace sbpc::trust
