// product.h: the sbpc binary under test, as its users run it.
#pragma once

#include <string>
#include <vector>

#include "bpf/insn.h"

namespace sbpc::agree {

struct Run {
  int status = -1;     // exit status, or 128 + signal
  std::string output;  // stdout and stderr together
};
// Runs the product with these arguments.
[[nodiscard]] Run run_sbpc(const std::vector<std::string>& arguments);

// A directory of this process's own, removed at exit.
[[nodiscard]] const std::string& scratch_directory();

// Compiles a policy file for a machine of that byte order; fails the test with the compiler's own words if that does
// not work.
[[nodiscard]] bpf::Insns compile(const std::string& policy, const std::vector<std::string>& arguments,
                                 bool big_endian = false);
// The same for a policy given as text.
[[nodiscard]] bpf::Insns compile_text(const std::string& text, const std::vector<std::string>& arguments,
                                      bool big_endian = false);

}  // namespace sbpc::agree
