// set_names.h: the names of the rule sets of an expanded policy, given once all texts are there. Until then a text that
// uses a set has its mark. Sets of one text are one set, and they are numbered as the texts name them, the policy's own
// first: what -E has written it writes again as it is. Tested by test/cli/expand_families.test.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sbpc::expand {

// A set that stays one.
struct SetText {
  std::string name;  // without its number
  std::string body;
  std::set<uint32_t> holes;  // the run-time parameters that it names
  bool is_made = false;
};
using SetTexts = std::map<uint32_t, SetText>;  // by scope

// "tcp_server_2" -> "tcp_server".
[[nodiscard]] std::string without_number(std::string_view name);
[[nodiscard]] std::string mark(uint32_t scope);

// The sets that are named, by `body` and by each other. Those that say the same are made one in all texts.
[[nodiscard]] std::vector<uint32_t> united_sets(std::string& body, SetTexts& sets);
// The text with names for its marks. `taken` is no name for a set.
[[nodiscard]] std::string with_names(std::string_view text, const std::vector<uint32_t>& order, const SetTexts& sets,
                                     std::string_view taken);

}  // namespace sbpc::expand
