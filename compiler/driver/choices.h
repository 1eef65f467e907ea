// choices.h: what may stand behind an option, from the tables that read it: for completions and the manual page.
//
// Tested by test/unit/driver/choices_test.cpp: every word is one that the option takes.
#pragma once

#include <string>
#include <vector>

#include "driver/arguments.h"

namespace sbpc::driver {

struct Choices {
  enum class Kind : uint8_t { anything, files, folders, words };
  Kind kind = Kind::anything;
  std::vector<std::string> words;
};

[[nodiscard]] Choices choices(const OptionInfo& row);

// "-o,--output" -> { "-o", "--output" }
[[nodiscard]] std::vector<std::string_view> names_of(const OptionInfo& row);
// Its value is written right behind it: -O2, -Wlint.
[[nodiscard]] bool is_attached(const OptionInfo& row);

}  // namespace sbpc::driver
