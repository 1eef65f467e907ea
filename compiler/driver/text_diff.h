// text_diff.h: the change from one text to another as a unified diff, as `diff -u` and `patch` know it. For `fmt
// --diff` and `check --fix --diff`. Tested in test/unit/driver/text_diff_test.cpp.
#pragma once

#include <string>
#include <string_view>

namespace sbpc::driver {

// Empty for equal texts. `name` stands in the two lines of the head. The change is the shortest one unless it would
// take more than a thousand lines; then the differing middle is shown as one piece.
[[nodiscard]] std::string unified_diff(std::string_view name, std::string_view before, std::string_view after);

}  // namespace sbpc::driver
