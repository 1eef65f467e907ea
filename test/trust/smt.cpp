#include "trust/smt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
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

// A, X and the scratch cells, as terms.
constexpr size_t kA = 0;
constexpr size_t kX = 1;
constexpr size_t kCells = 2;
constexpr size_t kMemWords = 16;  // BPF_MEMWORDS, include/uapi/linux/filter.h
using Registers = std::array<std::string, kCells + kMemWords>;

// One way into an instruction: under which condition, and what the registers hold then.
struct Edge {
  std::string condition;
  Registers holds;
};

std::string merged(const std::vector<Edge>& edges, size_t i) {
  std::string made = edges.back().holds[i];
  for (size_t edge = edges.size() - 1; edge-- > 0;) {
    if (edges[edge].holds[i] != made)
      made = fmt::format("(ite {} {} {})", edges[edge].condition, edges[edge].holds[i], made);
  }
  return made;
}

// What the kernel makes of a returned word: seccomp_run_filters and __seccomp_filter, kernel/seccomp.c.
std::string verdict_of(const std::string& word) {
  std::string made = number(target::info(target::Action::kill_process).ret);
  for (size_t i = 0; i < target::kActionCount; ++i) {
    const target::ActionInfo& row = target::info(static_cast<target::Action>(i));
    std::string acted = word;
    if (row.data == target::ActionData::none) acted = number(row.ret);
    if (row.action == target::Action::errno_) {
      const std::string most = number(target::encode({row.action, 4095}));  // MAX_ERRNO, include/linux/err.h
      acted = fmt::format("(ite (bvugt {0} {1}) {1} {0})", word, most);
    }
    made = fmt::format("(ite (= (bvand {} #xffff0000) {}) {} {})", word, number(row.ret), acted, made);
  }
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
      {Opcode::xor_k, Opcode::xor_x, "bvxor"},  {Opcode::mul_k, Opcode::mul_x, "bvmul"},
      {Opcode::div_k, Opcode::div_x, "bvudiv"}, {Opcode::lsh_k, Opcode::lsh_k, "bvshl"},
      {Opcode::rsh_k, Opcode::rsh_k, "bvlshr"},
  };
  // Of a register the low 5 bits count: bpf_convert_filter makes 32-bit shifts of them.
  if (opcode == Opcode::lsh_x) return fmt::format("(bvshl {} (bvand {} #x0000001f))", a, operand);
  if (opcode == Opcode::rsh_x) return fmt::format("(bvlshr {} (bvand {} #x0000001f))", a, operand);
  if (opcode == Opcode::neg) return fmt::format("(bvneg {})", a);
  for (const Row& row : kRows) {
    if (opcode == row.by_k || opcode == row.by_x) return fmt::format("({} {} {})", row.function, a, operand);
  }
  CHECK(false);
}

std::string condition(Opcode opcode, const std::string& a, const std::string& operand) {
  if (opcode == Opcode::jeq_k || opcode == Opcode::jeq_x) return fmt::format("(= {} {})", a, operand);
  if (opcode == Opcode::jgt_k || opcode == Opcode::jgt_x) return fmt::format("(bvugt {} {})", a, operand);
  if (opcode == Opcode::jge_k || opcode == Opcode::jge_x) return fmt::format("(bvuge {} {})", a, operand);
  CHECK(opcode == Opcode::jset_k || opcode == Opcode::jset_x);
  return fmt::format("(distinct (bvand {} {}) #x00000000)", a, operand);
}

// What an instruction that is no jump or return leaves behind.
void compute(const Insn& insn, Opcode opcode, bool big_endian, Registers& holds) {
  const bpf::Operand operand = bpf::info(opcode).operand;
  switch (opcode) {
    case Opcode::ld_imm: holds[kA] = number(insn.k); return;
    case Opcode::ldx_imm: holds[kX] = number(insn.k); return;
    case Opcode::ld_len: holds[kA] = number(target::kSeccompDataBytes); return;
    case Opcode::ldx_len: holds[kX] = number(target::kSeccompDataBytes); return;
    case Opcode::ld_mem: holds[kA] = holds[kCells + insn.k]; return;
    case Opcode::ldx_mem: holds[kX] = holds[kCells + insn.k]; return;
    case Opcode::st: holds[kCells + insn.k] = holds[kA]; return;
    case Opcode::stx: holds[kCells + insn.k] = holds[kX]; return;
    case Opcode::tax: holds[kX] = holds[kA]; return;
    case Opcode::txa: holds[kA] = holds[kX]; return;
    default: break;
  }
  if (operand == bpf::Operand::word) {
    holds[kA] = fmt::format("w{}", static_cast<int>(target::word_at(insn.k, big_endian)));
  } else {
    holds[kA] = computed(opcode, holds[kA], operand == bpf::Operand::x ? holds[kX] : number(insn.k));
  }
}

}  // namespace

SmtScript::SmtScript() {
  text_ = "(set-logic QF_BV)\n";
  for (int word = 0; word < target::kWordCount; ++word)
    text_ += fmt::format("(declare-const w{} (_ BitVec 32))\n", word);
}

// Definitions for each instruction in order; jumps go forward, so every way in is known when its turn comes. Returned
// words count as the kernel acts on them.
std::string SmtScript::add_program(const std::string& name, const bpf::Insns& insns, bool big_endian) {
  std::vector<std::vector<Edge>> into(insns.size());
  into[0].push_back({"true", {}});
  into[0].front().holds.fill(number(0));
  std::string answer = number(0);
  const auto define = [&](const std::string& what, const char* sort, const std::string& value) {
    text_ += fmt::format("(define-fun {} () {} {})\n", what, sort, value);
    return what;
  };
  for (size_t pc = 0; pc < insns.size(); ++pc) {
    if (into[pc].empty()) continue;
    const Insn& insn = insns[pc];
    const Opcode opcode = *bpf::find_opcode(insn.code);
    const bpf::Operand operand = bpf::info(opcode).operand;
    const std::string at = fmt::format("{}_{}", name, pc);
    std::string reached = "(or false";
    for (const Edge& edge : into[pc]) reached += " " + edge.condition;
    Edge on{define(at, "Bool", reached + ")"), {}};
    for (size_t i = 0; i < on.holds.size(); ++i) {
      on.holds[i] = merged(into[pc], i);
      if (on.holds[i].front() == '(') on.holds[i] = define(fmt::format("{}r{}", at, i), "(_ BitVec 32)", on.holds[i]);
    }
    if (bpf::is_return(operand)) {
      const std::string word = operand == bpf::Operand::a ? on.holds[kA] : number(insn.k);
      answer = fmt::format("(ite {} {} {})", at, define(at + "v", "(_ BitVec 32)", verdict_of(word)), answer);
    } else if (operand == bpf::Operand::jump) {
      into[pc + 1 + insn.k].push_back(on);
    } else if (bpf::is_branch(operand)) {
      const std::string other = operand == bpf::Operand::branchx ? on.holds[kX] : number(insn.k);
      const std::string test = condition(opcode, on.holds[kA], other);
      into[pc + 1 + insn.jt].push_back({fmt::format("(and {} {})", at, test), on.holds});
      into[pc + 1 + insn.jf].push_back({fmt::format("(and {} (not {}))", at, test), on.holds});
    } else {
      if (opcode == Opcode::div_x) {  // by 0 the program ends there and answers 0, as what `answer` starts from
        on.condition = fmt::format("(and {} (distinct {} {}))", at, on.holds[kX], number(0));
      }
      compute(insn, opcode, big_endian, on.holds);
      into[pc + 1].push_back(on);
    }
  }
  return define(name, "(_ BitVec 32)", answer);
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
