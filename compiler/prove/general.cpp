#include "prove/general.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/limits.h"
#include "bpf/opcode.h"
#include "prove/bits.h"
#include "prove/registers.h"
#include "prove/symbolic.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::prove {
namespace {

using bpf::Insn;
using bpf::Opcode;
using bpf::Operand;
using ir::Ref;

constexpr size_t kMostWords = 4096;  // that one `ret a` can return
constexpr uint32_t kUnknown = ir::Diagram::kNone;
constexpr uint32_t kNone = 0xffffffffU;

// ---- forward: the states, with their conditions; backward: what they answer ----

struct MachineState {
  uint32_t pc = 0;
  std::array<uint32_t, kRegisters> registers{};  // ids of values; 0 where nobody looks any more
  Ref condition;                                 // of going to on_true
  uint32_t on_true = kNone;
  uint32_t on_false = kNone;
  Ref answer;  // of a return
};

class Machine {
 public:
  Machine(const bpf::Insns& insns, bool big_endian, ir::Diagram& diagram, const Asked& asked)
      : insns_(insns),
        big_endian_(big_endian),
        diagram_(diagram),
        asked_(asked),
        arithmetic_(diagram),
        live_(live_registers(insns)),
        at_(insns.size()) {}

  bpf::Expected<KnownAnswers> run();

 private:
  uint32_t value(const Bits& bits);
  uint32_t state(uint32_t pc, std::array<uint32_t, kRegisters> registers);
  uint32_t returning_zero();
  void step(uint32_t id);
  void branch(MachineState& from, const Insn& insn, Opcode opcode);
  void compute(MachineState& from, const Insn& insn, Opcode opcode);
  [[nodiscard]] Bits operand_of(const MachineState& from, const Insn& insn, Opcode opcode);
  void go(MachineState& from, uint32_t pc) { from.on_true = from.on_false = state(pc, from.registers); }
  Bits computed(Opcode opcode, const Bits& a, const Bits& operand);
  Ref returned(uint32_t pc, const Bits& bits);
  Ref returned_words(const Bits& bits, unsigned bit, uint32_t word, Ref where);
  Ref returned_actions(const Bits& bits);
  void fail(uint32_t pc, std::string why) {
    if (!error_) error_ = bpf::Error{pc, std::move(why)};
  }

  const bpf::Insns& insns_;
  bool big_endian_;
  ir::Diagram& diagram_;
  const Asked& asked_;
  Arithmetic arithmetic_;
  std::vector<RegisterSet> live_;
  std::vector<std::vector<uint32_t>> at_;  // by pc: ids of its states
  std::vector<MachineState> states_;
  std::vector<Bits> values_;
  std::map<Bits, uint32_t> ids_;  // only looked up
  std::optional<bpf::Error> error_;
  uint32_t returning_zero_ = kNone;
  size_t words_ = 0;                 // that the present `ret a` can return, so far
  std::optional<uint32_t> unknown_;  // the first `ret a` that can return more than that
};

uint32_t Machine::value(const Bits& bits) {
  const auto [entry, is_new] = ids_.try_emplace(bits, static_cast<uint32_t>(values_.size()));
  if (is_new) values_.push_back(bits);
  return entry->second;
}

uint32_t Machine::state(uint32_t pc, std::array<uint32_t, kRegisters> registers) {
  for (size_t i = 0; i < kRegisters; ++i) {
    if (!live_[pc].test(i)) registers[i] = 0;
  }
  for (uint32_t id : at_[pc]) {
    if (states_[id].registers == registers) return id;
  }
  if (at_[pc].size() >= limits::kProofStates)
    fail(pc, fmt::format("the registers have more than {} forms here", limits::kProofStates));
  MachineState made;
  made.pc = pc;
  made.registers = registers;
  states_.push_back(made);
  at_[pc].push_back(static_cast<uint32_t>(states_.size() - 1));
  return at_[pc].back();
}

uint32_t Machine::returning_zero() {
  if (returning_zero_ != kNone) return returning_zero_;
  MachineState made;
  made.answer = diagram_.terminal(0);
  states_.push_back(made);
  return returning_zero_ = static_cast<uint32_t>(states_.size() - 1);
}

Bits Machine::computed(Opcode opcode, const Bits& a, const Bits& operand) {
  switch (opcode) {
    case Opcode::add_k:
    case Opcode::add_x: return arithmetic_.sum(a, operand);
    case Opcode::sub_k:
    case Opcode::sub_x: return arithmetic_.difference(a, operand);
    case Opcode::mul_k:
    case Opcode::mul_x: return arithmetic_.product(a, operand);
    case Opcode::div_k:
    case Opcode::div_x: return arithmetic_.quotient(a, operand);
    case Opcode::or_k:
    case Opcode::or_x: return arithmetic_.either(a, operand);
    case Opcode::and_k:
    case Opcode::and_x: return arithmetic_.both(a, operand);
    case Opcode::lsh_k:
    case Opcode::lsh_x: return arithmetic_.shifted_left(a, operand);
    case Opcode::rsh_k:
    case Opcode::rsh_x: return arithmetic_.shifted_right(a, operand);
    case Opcode::xor_k:
    case Opcode::xor_x: return arithmetic_.differing(a, operand);
    case Opcode::neg: return arithmetic_.difference(arithmetic_.constant(0), a);
    case Opcode::st:
    case Opcode::tax: return a;
    case Opcode::ld_word:
    case Opcode::ld_imm:
    case Opcode::ld_len:
    case Opcode::ld_mem:
    case Opcode::ldx_imm:
    case Opcode::ldx_len:
    case Opcode::ldx_mem:
    case Opcode::stx:
    case Opcode::txa: return operand;
    case Opcode::ja:
    case Opcode::jeq_k:
    case Opcode::jeq_x:
    case Opcode::jgt_k:
    case Opcode::jgt_x:
    case Opcode::jge_k:
    case Opcode::jge_x:
    case Opcode::jset_k:
    case Opcode::jset_x:
    case Opcode::ret_k:
    case Opcode::ret_a: break;
  }
  CHECK(false);
}

void Machine::branch(MachineState& from, const Insn& insn, Opcode opcode) {
  const Bits a = values_[from.registers[kA]];
  const bool by_x = bpf::info(opcode).operand == Operand::branchx;
  const Bits b = by_x ? values_[from.registers[kX]] : arithmetic_.constant(insn.k);
  const bool is_equal = opcode == Opcode::jeq_k || opcode == Opcode::jeq_x;
  const bool is_greater = opcode == Opcode::jgt_k || opcode == Opcode::jgt_x;
  const bool is_at_least = opcode == Opcode::jge_k || opcode == Opcode::jge_x;
  from.condition = is_equal      ? arithmetic_.equal(a, b)
                   : is_greater  ? arithmetic_.below(b, a)
                   : is_at_least ? diagram_.negate(arithmetic_.below(a, b))
                                 : arithmetic_.any(arithmetic_.both(a, b));
  if (!from.condition.valid()) return fail(from.pc, "the comparison outgrows the limit of decision-diagram nodes");
  const bool never = from.condition == diagram_.no();
  const bool always = from.condition == diagram_.yes();
  if (!never) from.on_true = state(from.pc + 1 + insn.jt, from.registers);
  if (!always) from.on_false = state(from.pc + 1 + insn.jf, from.registers);
  if (never) from.on_true = from.on_false;
  if (always) from.on_false = from.on_true;
}

// The words that `ret a` returns, with their bits from `bit` up decided, on the events of `where`.
Ref Machine::returned_words(const Bits& bits, unsigned bit, uint32_t word, Ref where) {
  if (!where.valid() || words_ > kMostWords) return {};
  if (where == diagram_.no()) return diagram_.none();
  if (bit == 0) {
    ++words_;
    return diagram_.terminal(target::canonical(word));
  }
  const Ref here = bits[bit - 1];
  const Ref zero = returned_words(bits, bit - 1, word, diagram_.conjunction(where, diagram_.negate(here)));
  const Ref one = returned_words(bits, bit - 1, word | uint32_t{1} << (bit - 1), diagram_.conjunction(where, here));
  return diagram_.ite(here, one, zero);
}

// Of more words than that: the actions whose data the kernel does not look at, or nobody asks about, kill_process for
// what is no action (target::decode), the others if they have no data.
Ref Machine::returned_actions(const Bits& bits) {
  constexpr uint32_t kActionPart = 0xffff0000U;  // SECCOMP_RET_ACTION_FULL
  const Bits action = arithmetic_.both(bits, arithmetic_.constant(kActionPart));
  Ref answer = diagram_.terminal(target::info(target::Action::kill_process).ret);
  for (size_t i = 0; i < target::kActionCount; ++i) {
    const target::ActionInfo& info = target::info(static_cast<target::Action>(i));
    const Bits word = arithmetic_.constant(info.ret);
    const Ref bare = diagram_.terminal(info.ret);
    const Ref this_action = info.data == target::ActionData::none || !asked_.data_counts
                                ? bare
                                : diagram_.ite(arithmetic_.equal(bits, word), bare, diagram_.terminal(kUnknown));
    answer = diagram_.ite(arithmetic_.equal(action, word), this_action, answer);
  }
  return answer;
}

Ref Machine::returned(uint32_t pc, const Bits& bits) {
  if (!asked_.data_counts) return returned_actions(bits);
  words_ = 0;
  diagram_.begin_part(limits::kDiagramNodes);
  const Ref answer = returned_words(bits, 32, 0, diagram_.yes());
  if (!answer.valid()) diagram_.drop_part();
  if (answer.valid() && diagram_.end_part()) return answer;
  if (!unknown_) unknown_ = pc;
  return returned_actions(bits);
}

Bits Machine::operand_of(const MachineState& from, const Insn& insn, Opcode opcode) {
  const Operand operand = bpf::info(opcode).operand;
  if (operand == Operand::word) return arithmetic_.word(target::word_at(insn.k, big_endian_), asked_.said);
  if (opcode == Opcode::ld_mem || opcode == Opcode::ldx_mem) return values_[from.registers[insn.k]];
  if (operand == Operand::x || opcode == Opcode::stx || opcode == Opcode::txa) return values_[from.registers[kX]];
  const bool is_length = opcode == Opcode::ld_len || opcode == Opcode::ldx_len;
  return arithmetic_.constant(is_length ? target::kSeccompDataBytes : insn.k);
}

void Machine::compute(MachineState& from, const Insn& insn, Opcode opcode) {
  const Bits operand = operand_of(from, insn, opcode);
  MachineState after = from;
  if (live_[from.pc + 1].test(written_register(opcode, insn))) {  // what nobody looks at need not fit
    const Bits made = computed(opcode, values_[from.registers[kA]], operand);
    const bool fits = std::all_of(made.begin(), made.end(), [](Ref bit) { return bit.valid(); });
    if (!fits) {
      return fail(from.pc,
                  fmt::format("`{}` outgrows the limit of decision-diagram nodes", bpf::info(opcode).mnemonic));
    }
    after.registers[written_register(opcode, insn)] = value(made);
  }
  from.on_true = from.on_false = state(from.pc + 1, after.registers);
  if (opcode == Opcode::div_x) {  // by 0 the kernel returns 0 at once
    from.condition = arithmetic_.any(operand);
    from.on_false = returning_zero();
  }
}

void Machine::step(uint32_t id) {
  MachineState from = states_[id];
  const Insn& insn = insns_[from.pc];
  const Opcode opcode = bpf::opcode_of(insn.code);
  const Operand operand = bpf::info(opcode).operand;
  if (opcode == Opcode::ret_k) {
    from.answer = diagram_.terminal(target::canonical(insn.k));
  } else if (opcode == Opcode::ret_a) {
    from.answer = returned(from.pc, values_[from.registers[kA]]);
  } else if (operand == Operand::jump) {
    go(from, from.pc + 1 + insn.k);
  } else if (bpf::is_branch(operand)) {
    branch(from, insn, opcode);
  } else {
    compute(from, insn, opcode);
  }
  states_[id] = from;
}

bpf::Expected<KnownAnswers> Machine::run() {
  CHECK(value(arithmetic_.constant(0)) == 0);
  (void)state(0, {});  // the kernel clears A and X
  for (size_t pc = 0; pc < insns_.size(); ++pc) {
    for (size_t i = 0; i < at_[pc].size() && !error_; ++i) step(at_[pc][i]);
  }
  if (error_) return tl::unexpected(*error_);
  std::vector<Ref> answers(states_.size());
  if (returning_zero_ != kNone) answers[returning_zero_] = states_[returning_zero_].answer;
  for (size_t pc = insns_.size(); pc-- > 0;) {
    for (uint32_t id : at_[pc]) {
      const MachineState& here = states_[id];
      if (here.on_true == kNone) {
        answers[id] = here.answer;
      } else if (here.on_true == here.on_false) {
        answers[id] = answers[here.on_true];
      } else {
        answers[id] = diagram_.ite(here.condition, answers[here.on_true], answers[here.on_false]);
      }
    }
  }
  if (!answers[0].valid())
    return tl::unexpected(bpf::Error{0, "the program outgrows the limit of decision-diagram nodes"});
  KnownAnswers known{answers[0], {}};
  if (unknown_ && std::ranges::binary_search(diagram_.payloads(answers[0]), kUnknown)) {
    known.unknown = bpf::Error{*unknown_, fmt::format("`ret a` may return more than {} different words", kMostWords)};
  }
  return known;
}

}  // namespace

bpf::Expected<KnownAnswers> known_answers(const bpf::Insns& insns, bool big_endian, ir::Diagram& diagram,
                                          const Asked& asked) {
  return Machine(insns, big_endian, diagram, asked).run();
}

bpf::Expected<Ref> general_function(const bpf::Insns& insns, bool big_endian, ir::Diagram& diagram,
                                    const Asked& asked) {
  const bpf::Expected<KnownAnswers> known = known_answers(insns, big_endian, diagram, asked);
  if (!known) return tl::unexpected(known.error());
  if (known->unknown) return tl::unexpected(*known->unknown);
  return known->function;
}

bpf::Expected<Ref> program_function(const bpf::Insns& insns, bool big_endian, ir::Diagram& diagram,
                                    const Asked& asked) {
  const auto graph = follow({insns, {}, big_endian});
  if (!graph) return general_function(insns, big_endian, diagram, asked);
  const Ref made = meaning_where(*graph, asked.said, diagram);
  if (!made.valid()) return tl::unexpected(bpf::Error{0, "the program outgrows the limit of decision-diagram nodes"});
  return made;
}

}  // namespace sbpc::prove
