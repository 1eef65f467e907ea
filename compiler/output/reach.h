// reach.h: which calls come to an instruction, whatever their arguments.
//
// Follows every named call of the policy's ABIs through the program; both ways of every test of an argument are taken,
// so a call may be named that no argument brings there, and none is missing. For programs that sbpc emits. Tested by
// test/cli/listing.test and test/unit/output/reach_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "bpf/program.h"
#include "target/abi.h"

namespace sbpc::output {

// For each instruction: "read, write, mmap..brk", "all of x86_64", "x86_64: read; i386: all"; empty where no named call
// comes.
[[nodiscard]] std::vector<std::string> reaching_calls(const bpf::Program& program,
                                                      const std::vector<target::Abi>& abis);

}  // namespace sbpc::output
