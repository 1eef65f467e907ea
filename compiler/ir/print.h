// print.h: a program as text, both levels; ir/read.h reads it back to the same text. The syntax is in docs/ir.md.
#pragma once

#include <string>

#include "ir/program.h"

namespace sbpc::ir {

[[nodiscard]] std::string print(const Program& program);
// "arg0.lo & 0x3 == 2 and not h1"
[[nodiscard]] std::string print(const Conds& conds, CondId cond);
// "if arg0.lo & 0x3 == 2 then n1 else n0", "return allow": without the node's own number
[[nodiscard]] std::string print(const Node& node);
// "arch", "nr", "arg0.lo", "ip.hi"
[[nodiscard]] std::string word_name(Word word);

}  // namespace sbpc::ir
