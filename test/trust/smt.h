// smt.h: a second opinion on two programs, from an SMT solver that knows nothing of ours: programs become formulas over
// the 16 words of seccomp_data, and z3 looks for an event on which the answers differ.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpf/insn.h"

namespace sbpc::trust {

// An SMT-LIB 2 script with one `check-sat` for each pair: sat if they can answer differently. All instructions that a
// filter may hold; the answers are compared as the kernel acts on them.
class SmtScript {
 public:
  SmtScript();
  void add_pair(const bpf::Insns& first, const bpf::Insns& second, bool big_endian);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string add_program(const std::string& name, const bpf::Insns& insns, bool big_endian);
  std::string text_;
  size_t pairs_ = 0;
};

// z3's answers in order: true for sat. nullopt with a reason if it is not there or did not answer.
[[nodiscard]] std::optional<std::vector<bool>> ask_z3(const SmtScript& script, std::string& reason);

}  // namespace sbpc::trust
