// json.h: what clients send, read without trust: every question is answered by "nothing" where the value is not there
// or of another kind. The one header that includes all of nlohmann's; json_fwd.h names the type.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "lsp/json_fwd.h"
#include "lsp/lines.h"

extern template class nlohmann::basic_json<>;  // made once, by json.cpp: every file here has to do with it

namespace sbpc::lsp {

// nullopt if it is no JSON, or nested too deep. Text that is no UTF-8 and halves of surrogates become U+FFFD, which
// keeps the counts of UTF-16 units right.
[[nodiscard]] std::optional<Json> parse_json(std::string_view text);
// Never fails: bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string dump(const Json& json);

// The member; null if there is none. Several names go down.
[[nodiscard]] const Json* find(const Json& json, std::string_view name);
template <class... Names>
[[nodiscard]] const Json* find(const Json& json, std::string_view name, Names... names) {
  const Json* inner = find(json, name);
  return inner == nullptr ? nullptr : find(*inner, names...);
}
[[nodiscard]] std::optional<std::string> text_at(const Json* json);
[[nodiscard]] std::optional<int64_t> integer_at(const Json* json);
[[nodiscard]] bool true_at(const Json* json);
[[nodiscard]] std::optional<Place> place_at(const Json* json);
[[nodiscard]] std::optional<Range> range_at(const Json* json);

[[nodiscard]] Json to_json(Place place);
[[nodiscard]] Json to_json(const Range& range);

}  // namespace sbpc::lsp
