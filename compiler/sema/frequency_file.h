// frequency_file.h: the text of a table of frequencies -> call names and counts.
// Two forms are known: a flat JSON object, `{"read": 15576, "write": 0.25}`, and what `strace -c` prints, whatever
// columns it was asked for (-U).
//
// Counts are integers: those of a JSON object with fractions are thousand-millionths. A name that occurs twice is
// summed up. Tested by test/unit/sema/frequency_file_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace sbpc::sema {

struct CallCount {
  std::string_view name;  // in the text
  uint64_t count;
  std::optional<uint64_t> failed;  // of them; nullopt: the text does not tell
};

struct FrequencyError {
  size_t at;         // of the text
  std::string note;  // what was expected there
};

// By first mention, each name once.
[[nodiscard]] tl::expected<std::vector<CallCount>, FrequencyError> read_frequency_text(std::string_view text);

}  // namespace sbpc::sema
