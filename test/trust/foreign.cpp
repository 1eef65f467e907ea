#include "trust/foreign.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <vector>

#include "base/check.h"
#include "bpf/interpret.h"
#include "bpf/opcode.h"
#include "bpf/verify.h"

namespace sbpc::trust {
namespace {

using bpf::Insn;
using bpf::Insns;
using bpf::Opcode;
using bpf::Operand;
using bpf::testing::Random;

constexpr uint32_t kUsedCells = 4;
constexpr uint32_t kSpareCell = 15;  // for A
constexpr uint32_t kSpareX = 14;
constexpr uint32_t kLongestJump = 12;

uint16_t code(Opcode opcode) { return bpf::info(opcode).code; }
Insn plain(Opcode opcode, uint32_t k = 0) { return {code(opcode), 0, 0, k}; }

// Few words, so that they meet often.
Insn random_load(Random& random) {
  constexpr std::array kWords{target::Word::nr,      target::Word::arch,    target::Word::arg0_lo,
                              target::Word::arg0_hi, target::Word::arg1_lo, target::Word::arg2_lo};
  return plain(Opcode::ld_word, target::word_offset(kWords[random.below(kWords.size())], false));
}

Insn random_step(Random& random) {
  constexpr std::array kByX{Opcode::add_x, Opcode::sub_x, Opcode::or_x, Opcode::and_x, Opcode::xor_x};
  constexpr std::array kByK{Opcode::add_k, Opcode::sub_k, Opcode::or_k, Opcode::and_k, Opcode::xor_k};
  const uint32_t cell = random.below(kUsedCells);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2: return random_load(random);
    case 3: return plain(Opcode::tax);
    case 4: return plain(Opcode::txa);
    case 5: return plain(random.one_in(2) ? Opcode::st : Opcode::stx, cell);
    case 6: return plain(random.one_in(2) ? Opcode::ld_mem : Opcode::ldx_mem, cell);
    case 7:
    case 8: return plain(kByX[random.below(kByX.size())]);
    case 9: return plain(random.one_in(2) ? Opcode::lsh_k : Opcode::rsh_k, random.below(32));
    case 10: return random.one_in(4) ? plain(Opcode::neg) : plain(Opcode::ld_imm, random.word());
    default: return plain(kByK[random.below(kByK.size())], random.word());
  }
}

Insn random_jump(Random& random, size_t left) {
  constexpr std::array kJumps{Opcode::jeq_k, Opcode::jgt_k, Opcode::jge_k, Opcode::jset_k,
                              Opcode::jeq_x, Opcode::jgt_x, Opcode::jge_x, Opcode::jset_x};
  const auto span = static_cast<uint32_t>(std::min<size_t>(left, kLongestJump));
  if (random.one_in(8)) return plain(Opcode::ja, random.below(span));
  const Opcode opcode = kJumps[random.below(kJumps.size())];
  const uint32_t k = bpf::info(opcode).operand == Operand::branch ? random.word() : 0;
  return {code(opcode), static_cast<uint8_t>(random.below(span)), static_cast<uint8_t>(random.below(span)), k};
}

Insn random_return(Random& random) {
  constexpr std::array<uint32_t, 5> kAnswers{0x7fff0000U, 0x00050001U, 0x80000000U, 0x7ffc0000U, 0x7ff00003U};
  return plain(Opcode::ret_k, kAnswers[random.below(kAnswers.size())]);
}

// Instructions that stand for others, with where each of the others begins.
class Rewriter {
 public:
  Rewriter(Random& random, const Insns& insns) : random_(random), insns_(insns) {}

  // nullopt: a jump got too long.
  std::optional<Insns> run() {
    for (size_t pc = 0; pc < insns_.size(); ++pc) {
      starts_.push_back(made_.size());
      if (random_.one_in(4)) idle();
      rewrite(pc);
    }
    for (const Pending& jump : jumps_) {
      if (!aim(jump)) return std::nullopt;
    }
    return made_;
  }

 private:
  struct Pending {
    size_t at;       // in made_
    size_t true_at;  // in insns_; of a ja the target
    size_t false_at;
  };

  void put(const Insn& insn) { made_.push_back(insn); }
  void idle() {
    const uint32_t any = random_.word();
    switch (random_.below(4)) {
      case 0:
        put(plain(Opcode::st, kSpareCell));
        put(plain(Opcode::ld_imm, any));
        put(plain(Opcode::ld_mem, kSpareCell));
        break;
      case 1: put(plain(Opcode::ja)); break;
      case 2:
        put(plain(Opcode::xor_k, any));
        put(plain(Opcode::xor_k, any));
        break;
      default: put(plain(Opcode::add_k, any)); put(plain(Opcode::sub_k, any));
    }
  }

  void rewrite(size_t pc) {
    const Insn& insn = insns_[pc];
    const Opcode opcode = bpf::opcode_of(insn.code);
    const Operand operand = bpf::info(opcode).operand;
    if (operand == Operand::jump) {
      jumps_.push_back({made_.size(), pc + 1 + insn.k, 0});
      put(insn);
    } else if (bpf::is_branch(operand)) {
      branch(pc, opcode);
    } else if (opcode == Opcode::ret_k && random_.one_in(3)) {
      put(plain(Opcode::ld_imm, insn.k));
      put(plain(Opcode::ret_a));
    } else if (!random_.one_in(2) || !arithmetic(insn, opcode)) {
      put(insn);
    }
  }

  bool arithmetic(const Insn& insn, Opcode opcode) {
    const auto by_x = [&](Opcode other) {
      put(plain(Opcode::stx, kSpareX));
      put(plain(Opcode::ldx_imm, insn.k));
      put(plain(other));
      put(plain(Opcode::ldx_mem, kSpareX));
      return true;
    };
    if (opcode == Opcode::add_k && random_.one_in(2)) return put(plain(Opcode::sub_k, 0U - insn.k)), true;
    if (opcode == Opcode::sub_k && random_.one_in(2)) return put(plain(Opcode::add_k, 0U - insn.k)), true;
    if (opcode == Opcode::add_k) return by_x(Opcode::add_x);
    if (opcode == Opcode::sub_k) return by_x(Opcode::sub_x);
    if (opcode == Opcode::or_k) return by_x(Opcode::or_x);
    if (opcode == Opcode::and_k) return by_x(Opcode::and_x);
    if (opcode == Opcode::xor_k) return by_x(Opcode::xor_x);
    if (opcode == Opcode::rsh_k) return by_x(Opcode::rsh_x);
    if (opcode == Opcode::lsh_k) return put(plain(Opcode::mul_k, uint32_t{1} << insn.k)), true;
    if (opcode == Opcode::neg) {
      put(plain(Opcode::xor_k, ~0U));
      put(plain(Opcode::add_k, 1));
      return true;
    }
    return false;
  }

  void branch(size_t pc, Opcode opcode) {
    const Insn& insn = insns_[pc];
    const size_t yes = pc + 1 + insn.jt;
    const size_t no = pc + 1 + insn.jf;
    const auto jump = [&](Opcode as, uint32_t k, size_t on_true, size_t on_false) {
      jumps_.push_back({made_.size(), on_true, on_false});
      put({code(as), 0, 0, k});
    };
    if (random_.one_in(2)) return jump(opcode, insn.k, yes, no);
    if (opcode == Opcode::jgt_k && insn.k != ~0U) return jump(Opcode::jge_k, insn.k + 1, yes, no);
    if (opcode == Opcode::jge_k && insn.k != 0) return jump(Opcode::jgt_k, insn.k - 1, yes, no);
    if (opcode == Opcode::jeq_k) {
      put({code(Opcode::jgt_k), 0, 0, insn.k});
      jumps_.push_back({made_.size() - 1, no, kNext});
      return jump(Opcode::jge_k, insn.k, yes, no);
    }
    if (opcode == Opcode::jeq_x) {  // neither above nor below
      put({code(Opcode::jgt_x), 0, 0, 0});
      jumps_.push_back({made_.size() - 1, no, kNext});
      return jump(Opcode::jge_x, 0, yes, no);
    }
    jump(opcode, insn.k, yes, no);
  }

  static constexpr size_t kNext = ~size_t{0};
  bool aim(const Pending& jump) {
    const auto distance = [&](size_t to) { return to == kNext ? 0 : starts_[to] - jump.at - 1; };
    Insn& insn = made_[jump.at];
    if (insn.code == bpf::kJa) {
      insn.k = static_cast<uint32_t>(distance(jump.true_at));
      return true;
    }
    constexpr size_t kFurthest = 255;
    if (distance(jump.true_at) > kFurthest || distance(jump.false_at) > kFurthest) return false;
    insn.jt = static_cast<uint8_t>(distance(jump.true_at));
    insn.jf = static_cast<uint8_t>(distance(jump.false_at));
    return true;
  }

  Random& random_;
  const Insns& insns_;
  Insns made_;
  std::vector<size_t> starts_;
  std::vector<Pending> jumps_;
};

// The instructions that some calls run; those of each call's, so that what many calls run stands there often.
std::vector<uint32_t> executed(Random& random, const Insns& insns) {
  constexpr int kCalls = 40;
  std::vector<uint32_t> all;
  for (int i = 0; i < kCalls; ++i) {
    std::vector<uint32_t> path;
    (void)bpf::interpret(insns, telling_call(random, insns), false, &path);
    all.insert(all.end(), path.begin(), path.end());
  }
  return all;
}

}  // namespace

Insns foreign_program(Random& random, size_t size) {
  Insns insns;
  for (uint32_t cell = 0; cell < kUsedCells; ++cell) {
    insns.push_back(random_load(random));
    insns.push_back(plain(Opcode::st, cell));
  }
  const size_t end = insns.size() + size;
  while (insns.size() < end) {
    const size_t left = end - insns.size();
    if (!random.one_in(3)) {
      insns.push_back(random_step(random));
    } else if (left < 2 || random.one_in(3)) {
      insns.push_back(random_jump(random, left));
    } else {  // an answer for some calls
      Insn test = random_jump(random, 2);
      if (bpf::opcode_of(test.code) == Opcode::ja) continue;
      test.jt = static_cast<uint8_t>(random.below(2));
      test.jf = static_cast<uint8_t>(1 - test.jt);
      insns.push_back(test);
      insns.push_back(random_return(random));
    }
  }
  insns.push_back(random_return(random));
  CHECK(!bpf::kernel_refusal(insns));
  return insns;
}

Insns written_otherwise(Random& random, const Insns& insns) {
  for (;;) {
    if (const auto made = Rewriter(random, insns).run(); made && !bpf::kernel_refusal(*made)) return *made;
  }
}

Insns with_a_change(Random& random, const Insns& insns) {
  const std::vector<uint32_t> alive = executed(random, insns);
  for (;;) {
    Insns made = insns;
    Insn& insn = made[alive[random.below(static_cast<uint32_t>(alive.size()))]];
    switch (random.below(6)) {
      case 0: insn.k ^= uint32_t{1} << random.below(32); break;
      case 1: insn.k += random.one_in(2) ? 1 : ~0U; break;
      case 2: std::swap(insn.jt, insn.jf); break;
      case 3: insn.code ^= static_cast<uint16_t>(1U << random.below(8)); break;
      case 4: std::swap(insn, made[random.below(static_cast<uint32_t>(made.size()))]); break;
      default: insn.jt = static_cast<uint8_t>(random.below(8));
    }
    if (!bpf::kernel_refusal(made)) return made;
  }
}

target::SeccompData telling_call(Random& random, const Insns& insns) {
  std::array<uint32_t, target::kWordCount> words{};
  for (uint32_t& word : words) {
    const uint32_t k = insns[random.below(static_cast<uint32_t>(insns.size()))].k;
    switch (random.below(6)) {
      case 0: word = k; break;
      case 1: word = k + (random.one_in(2) ? 1 : ~0U); break;
      case 2: word = random.word(); break;
      case 3: word = words[4]; break;
      case 4: word = words[random.below(target::kWordCount)] ^ uint32_t { 1 } << random.below(32); break;
      default: word = k << random.below(32);
    }
  }
  return std::bit_cast<target::SeccompData>(words);
}

}  // namespace sbpc::trust
