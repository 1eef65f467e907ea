// word_pairs.h: programs that combine words of the event with each other, each with another that says the same.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/check.h"
#include "bpf/assemble.h"
#include "bpf/insn.h"

namespace sbpc::prove::testing {

// In the texts $a, $b and $c stand for loads of three words; both end in y or n.
struct SamePair {
  std::string_view name;
  std::string_view first;
  std::string_view second;
};

inline constexpr std::array kSamePairs = {
    SamePair{"equal", "$b\n tax\n $a\n jeq x, y, n", "$a\n tax\n $b\n sub x\n jeq #0, y, n"},
    SamePair{"xor", "$b\n tax\n $a\n xor x\n jeq #0, y, n", "$a\n tax\n $b\n jeq x, y, n"},
    SamePair{"above", "$b\n tax\n $a\n jgt x, y, n", "$a\n tax\n $b\n jge x, n, y"},
    SamePair{"at_least", "$b\n tax\n $a\n jge x, y, n", "$a\n st M[3]\n $b\n ldx M[3]\n jgt x, n, y"},
    SamePair{"shared_bits", "$b\n tax\n $a\n jset x, y, n", "$a\n tax\n $b\n and x\n jeq #0, n, y"},
    SamePair{"union", "$b\n tax\n $a\n or x\n tax\n $a\n jeq x, y, n",
             "$a\n xor #0xffffffff\n tax\n $b\n jset x, n, y"},
    SamePair{"sum", "$a\n tax\n $b\n add x\n tax\n $c\n jeq x, y, n", "$b\n tax\n $c\n sub x\n tax\n $a\n jeq x, y, n"},
    SamePair{"sum_is", "$a\n tax\n $b\n add x\n jeq #1000, y, n",
             "$b\n tax\n ld #1000\n sub x\n tax\n $a\n jeq x, y, n"},
    SamePair{"difference", "$b\n tax\n $a\n sub x\n jgt #4095, n, y",
             "$a\n st M[0]\n $b\n ldx M[0]\n neg\n add x\n and #0xfffff000\n jeq #0, y, n"},
    SamePair{"masked", "$b\n and #0xff00\n tax\n $a\n and #0xff00\n jeq x, y, n",
             "$b\n tax\n $a\n xor x\n jset #0xff00, n, y"},
    SamePair{"upper_half", "$a\n rsh #16\n tax\n $b\n and #0xffff\n jeq x, y, n",
             "$b\n lsh #16\n tax\n $a\n and #0xffff0000\n jeq x, y, n"},
    SamePair{"put_together", "$a\n lsh #16\n tax\n $b\n and #0xffff\n or x\n tax\n $c\n jeq x, y, n",
             "$b\n and #0xffff\n tax\n $a\n mul #65536\n add x\n tax\n $c\n jeq x, y, n"},
    SamePair{"three_alike", "$b\n tax\n $a\n jeq x, m, n\n m: $c\n jeq x, y, n",
             "$c\n tax\n $a\n xor x\n st M[1]\n $b\n xor x\n ldx M[1]\n or x\n jeq #0, y, n"},
    SamePair{"absolute", "$b\n tax\n $a\n jge x, m, o\n m: sub x\n jgt #7, n, y\n o: sub x\n neg\n jgt #7, n, y",
             "$b\n tax\n $a\n jgt x, m, o\n m: sub x\n ja t\n o: st M[2]\n $b\n ldx M[2]\n sub x\n t: jge #8, n, y"},
};

// $a, $b and $c are the words of that number, as in `args[0].lo`.
inline bpf::Insns word_program(std::string_view text, const std::array<std::string_view, 3>& words) {
  std::string made;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$') {
      made += "ld [" + std::string(words[static_cast<size_t>(text[++i] - 'a')]) + "]";
    } else {
      made += text[i];
    }
  }
  const auto insns = bpf::assemble(made + "\n y: ret allow\n n: ret errno(1)", false);
  CHECK(insns.has_value());
  return *insns;
}

}  // namespace sbpc::prove::testing
