// read.h: the text form of ir/print.h -> a program, for tests and `sbpc ir-opt`. The syntax is in docs/ir.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "ir/program.h"

namespace sbpc::ir {

struct ReadError {
  uint32_t line;        // 1-based
  std::string message;  // lower case, what was seen and what was expected
};

// Meanings are made from the clauses. What is read satisfies verify(); a text that could not is an error.
[[nodiscard]] tl::expected<Program, ReadError> read(std::string_view text);

}  // namespace sbpc::ir
