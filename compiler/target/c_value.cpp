#include "target/c_value.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "target/syscalls.h"

namespace sbpc::target {

std::optional<uint64_t> c_value(std::string_view text, Abi abi) {
  if (const auto number = parse_c_number(text)) return number;
  const auto constant = find_constant(text);
  const auto value = constant ? constant_value(*constant, abi) : std::nullopt;
  return value ? std::optional(static_cast<uint64_t>(*value)) : std::nullopt;
}

tl::expected<uint64_t, std::string_view> joined_c_value(std::string_view text, Abi abi) {
  uint64_t joined = 0;
  for (;;) {
    const size_t bar = std::min(text.find('|'), text.size());
    const std::string_view piece = trim(text.substr(0, bar));
    const auto value = piece == "NULL" ? std::optional<uint64_t>(0) : c_value(piece, abi);
    if (!value) return tl::unexpected(piece);
    joined |= *value;
    if (bar == text.size()) return joined;
    text.remove_prefix(bar + 1);
  }
}

}  // namespace sbpc::target
