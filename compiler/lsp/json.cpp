#include "lsp/json.h"

#include <algorithm>
#include <limits>

#include "base/message_limits.h"

template class nlohmann::basic_json<>;

namespace sbpc::lsp {
namespace {

// `{` and `[` outside of strings that are open at once, at most.
size_t depth_of(std::string_view text) {
  size_t depth = 0;
  size_t most = 0;
  bool in_string = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      in_string = c != '"';
      continue;
    }
    in_string = c == '"';
    if (c == '{' || c == '[') most = std::max(most, ++depth);
    if ((c == '}' || c == ']') && depth > 0) --depth;
  }
  return most;
}

std::optional<unsigned> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return value;
}

// Escapes of lone surrogates -> \ufffd.
void mend_surrogates(std::string& text) {
  for (size_t at = 0; at + 1 < text.size(); ++at) {
    if (text[at] != '\\') continue;
    const auto unit = text[at + 1] == 'u' ? hex4(std::string_view(text).substr(at + 2)) : std::nullopt;
    if (!unit || *unit < 0xD800 || *unit > 0xDFFF) {
      ++at;
      continue;
    }
    const std::string_view next = std::string_view(text).substr(at + 6);
    const auto low = next.starts_with("\\u") ? hex4(next.substr(2)) : std::nullopt;
    if (*unit < 0xDC00 && low && *low >= 0xDC00 && *low <= 0xDFFF) {
      at += 11;
    } else {
      text.replace(at + 2, 4, "fffd");
      at += 5;
    }
  }
}

std::optional<Json> parse(std::string_view text) {
  Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  if (depth_of(text) > limits::kMessageDepth) return std::nullopt;
  if (auto json = parse(text)) return json;
  // nlohmann takes neither lone surrogates nor bad bytes; what it writes itself has none.
  const std::string dumped = Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto clean = parse(dumped);
  if (!clean) return std::nullopt;
  std::string mended = clean->get<std::string>();
  mend_surrogates(mended);
  return parse(mended);
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

const Json* find(const Json& json, std::string_view name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

std::optional<std::string> text_at(const Json* json) {
  if (json == nullptr || !json->is_string()) return std::nullopt;
  return json->get<std::string>();
}

std::optional<int64_t> integer_at(const Json* json) {
  if (json == nullptr || !json->is_number_integer()) return std::nullopt;
  if (json->is_number_unsigned() && json->get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()})
    return std::nullopt;
  return json->get<int64_t>();
}

bool true_at(const Json* json) { return json != nullptr && json->is_boolean() && json->get<bool>(); }

std::optional<Place> place_at(const Json* json) {
  if (json == nullptr) return std::nullopt;
  const auto line = integer_at(find(*json, "line"));
  const auto character = integer_at(find(*json, "character"));
  if (!line || !character || *line < 0 || *character < 0) return std::nullopt;
  constexpr int64_t kMost =
      std::numeric_limits<uint32_t>::max();  // "the end of the line" is often written as a huge number
  return Place{static_cast<uint32_t>(std::min(*line, kMost)), static_cast<uint32_t>(std::min(*character, kMost))};
}

std::optional<Range> range_at(const Json* json) {
  if (json == nullptr) return std::nullopt;
  const auto begin = place_at(find(*json, "start"));
  const auto end = place_at(find(*json, "end"));
  if (!begin || !end) return std::nullopt;
  return Range{*begin, std::max(*begin, *end)};
}

Json to_json(Place place) { return {{"line", place.line}, {"character", place.character}}; }

Json to_json(const Range& range) { return {{"start", to_json(range.begin)}, {"end", to_json(range.end)}}; }

}  // namespace sbpc::lsp
