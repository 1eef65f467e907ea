#include "prove/meetings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "bpf/opcode.h"
#include "ir/function_ref.h"
#include "prove/registers.h"

namespace sbpc::prove {
namespace {

using bpf::Insn;
using bpf::Opcode;
using bpf::Operand;

constexpr size_t kMostSources = 32;  // of one register; more are left out
constexpr int kBitsOfWord = 32;

// A word that is in a register, its bit b at the register's bit b + shift.
struct Source {
  target::Word word;
  int shift;
  bool operator==(const Source&) const = default;
};
using Sources = std::vector<Source>;
using Registers = std::array<Sources, kRegisters>;

void add(Sources& to, const Sources& from) {
  for (const Source& source : from) {
    if (to.size() < kMostSources && std::find(to.begin(), to.end(), source) == to.end()) to.push_back(source);
  }
}

// Without what is moved out at either end.
Sources moved(const Sources& from, int distance) {
  Sources made;
  for (const Source& source : from) {
    const int shift = source.shift + distance;
    if (shift > -kBitsOfWord && shift < kBitsOfWord) made.push_back({source.word, shift});
  }
  return made;
}

class Walk {
 public:
  Walk(const bpf::Insns& insns, bool big_endian) : insns_(insns), big_endian_(big_endian), before_(insns.size()) {}

  std::vector<Meeting> run() {
    for (size_t pc = 0; pc < insns_.size(); ++pc) step(pc);
    return std::move(found_);
  }

 private:
  void flow(size_t pc, const Registers& registers) {
    for (size_t i = 0; i < kRegisters; ++i) add(before_[pc][i], registers[i]);
  }
  void meet(const Sources& a, const Sources& b) {
    for (const Source& first : a) {
      for (const Source& second : b) {
        const auto is_known = [&](const Meeting& met) {
          return std::minmax(met.first, met.second) == std::minmax(first.word, second.word);
        };
        if (first.word == second.word || std::any_of(found_.begin(), found_.end(), is_known)) continue;
        found_.push_back({first.word, second.word, second.shift - first.shift});
      }
    }
  }
  void step(size_t pc);
  void compute(const Insn& insn, Opcode opcode, Registers& registers);
  [[nodiscard]] Sources computed(const Insn& insn, Opcode opcode, const Registers& registers);

  const bpf::Insns& insns_;
  bool big_endian_;
  std::vector<Registers> before_;  // by pc
  std::vector<Meeting> found_;
};

// What arithmetic leaves in A.
Sources Walk::computed(const Insn& insn, Opcode opcode, const Registers& registers) {
  Sources a = registers[kA];
  if (bpf::info(opcode).operand == Operand::x) {
    meet(a, registers[kX]);
    add(a, registers[kX]);
    return a;
  }
  if (opcode == Opcode::lsh_k) return moved(a, static_cast<int>(insn.k));
  if (opcode == Opcode::rsh_k) return moved(a, -static_cast<int>(insn.k));
  const bool is_power = std::has_single_bit(insn.k);
  if (opcode == Opcode::mul_k && is_power) return moved(a, std::countr_zero(insn.k));
  if (opcode == Opcode::div_k && is_power) return moved(a, -std::countr_zero(insn.k));
  return a;
}

void Walk::compute(const Insn& insn, Opcode opcode, Registers& registers) {
  switch (opcode) {
    case Opcode::ld_word: registers[kA] = {{target::word_at(insn.k, big_endian_), 0}}; return;
    case Opcode::ld_imm:
    case Opcode::ld_len: registers[kA].clear(); return;
    case Opcode::ldx_imm:
    case Opcode::ldx_len: registers[kX].clear(); return;
    case Opcode::ld_mem: registers[kA] = registers[insn.k]; return;
    case Opcode::ldx_mem: registers[kX] = registers[insn.k]; return;
    case Opcode::st: registers[insn.k] = registers[kA]; return;
    case Opcode::stx: registers[insn.k] = registers[kX]; return;
    case Opcode::tax: registers[kX] = registers[kA]; return;
    case Opcode::txa: registers[kA] = registers[kX]; return;
    case Opcode::add_k:
    case Opcode::add_x:
    case Opcode::sub_k:
    case Opcode::sub_x:
    case Opcode::mul_k:
    case Opcode::mul_x:
    case Opcode::div_k:
    case Opcode::div_x:
    case Opcode::or_k:
    case Opcode::or_x:
    case Opcode::and_k:
    case Opcode::and_x:
    case Opcode::lsh_k:
    case Opcode::lsh_x:
    case Opcode::rsh_k:
    case Opcode::rsh_x:
    case Opcode::neg:
    case Opcode::xor_k:
    case Opcode::xor_x: registers[kA] = computed(insn, opcode, registers); return;
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
    case Opcode::ret_a: return;
  }
}

void Walk::step(size_t pc) {
  const Insn& insn = insns_[pc];
  const Opcode opcode = bpf::opcode_of(insn.code);
  const Operand operand = bpf::info(opcode).operand;
  Registers registers = std::move(before_[pc]);
  if (operand == Operand::branchx) meet(registers[kA], registers[kX]);
  if (operand == Operand::jump) {
    flow(pc + 1 + insn.k, registers);
  } else if (bpf::is_branch(operand)) {
    flow(pc + 1 + insn.jt, registers);
    flow(pc + 1 + insn.jf, registers);
  } else if (!bpf::is_return(operand)) {
    compute(insn, opcode, registers);
    flow(pc + 1, registers);
  }
}

bool combines_registers(const Insn& insn) {
  const Operand operand = bpf::info(bpf::opcode_of(insn.code)).operand;
  return operand == Operand::x || operand == Operand::branchx;
}

}  // namespace

std::vector<Meeting> meetings(const bpf::Insns& insns, bool big_endian) {
  if (std::none_of(insns.begin(), insns.end(), combines_registers)) return {};
  return Walk(insns, big_endian).run();
}

std::optional<ir::Order> order_for(std::span<const Meeting> met) {
  if (met.empty()) return std::nullopt;
  std::array<ir::Order::Place, target::kWordCount> places{};
  for (uint32_t i = 0; i < places.size(); ++i) places[i] = {i, 0};
  for (const Meeting& meeting : met) {
    const ir::Order::Place to = places[static_cast<size_t>(meeting.first)];
    const ir::Order::Place from = places[static_cast<size_t>(meeting.second)];
    if (from.group == to.group) continue;
    // So that bit b of the first and bit b - shift of the second come to one height.
    const int up = to.shift + meeting.shift - from.shift;
    for (ir::Order::Place& place : places) {
      if (place.group == from.group) place = {to.group, place.shift + up};
    }
  }
  return ir::Order(places);
}

Reading in_some_order(std::span<const Meeting> met, ir::Diagram& natural, ir::FunctionRef<bool(ir::Diagram&)> decides) {
  if (const auto order = order_for(met)) {
    ir::Diagram interleaved(*order, natural.budget());
    if (decides(interleaved)) return Reading::interleaved;
  }
  return decides(natural) ? Reading::natural : Reading::undecided;
}

}  // namespace sbpc::prove
