// split.h: a function of events as its parts: which arch words, which call numbers, and what is left to be decided
// then.
//
// Tested by test/unit/describe/split_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ir/diagram.h"
#include "ir/function_ref.h"
#include "target/seccomp_data.h"

namespace sbpc::describe {

// All values of a word from `first` to `last` leave the same function of the words after it.
struct WordPart {
  uint32_t first;
  uint32_t last;
  ir::Ref rest;
};

// By rising value, without gaps, neighbours different; one part at least. `function` looks at no word before `word`.
// nullopt: there are more than `most` parts.
[[nodiscard]] std::optional<std::vector<WordPart>> split(const ir::Diagram& diagram, ir::Ref function,
                                                         target::Word word, size_t most = 1U << 16U);

// Every stretch of call numbers, arch word by arch word, on which `region` (kYes or kNo everywhere) holds somewhere.
// False: they are too many, and not all have been visited.
[[nodiscard]] bool each_stretch(const ir::Diagram& diagram, ir::Ref region,
                                ir::FunctionRef<void(uint32_t arch, const WordPart& numbers)> visit);

}  // namespace sbpc::describe
