// set_names.cpp: marks are a scope's number between two bytes that no policy holds.
#include "expand/set_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace sbpc::expand {
namespace {

constexpr char kMark = '\x01';

// The text with `name_of(scope)` for each mark.
template <class NameOf>
std::string replaced(std::string_view text, const NameOf& name_of) {
  std::string result;
  for (size_t at = 0;;) {
    const size_t begin = std::min(text.find(kMark, at), text.size());
    result += text.substr(at, begin - at);
    if (begin == text.size()) return result;
    uint32_t scope = 0;
    for (at = begin + 1; text[at] != kMark; ++at) scope = scope * 10 + static_cast<uint32_t>(text[at] - '0');
    ++at;
    result += name_of(scope);
  }
}

std::vector<uint32_t> named_sets(std::string_view body, const SetTexts& sets) {
  std::vector<uint32_t> order;
  std::set<uint32_t> seen;
  const auto look_at = [&](std::string_view text) {
    static_cast<void>(replaced(text, [&](uint32_t scope) {
      if (seen.insert(scope).second) order.push_back(scope);
      return std::string();
    }));
  };
  look_at(body);
  for (size_t i = 0; i < order.size(); ++i) look_at(sets.at(order[i]).body);
  return order;
}

}  // namespace

std::string without_number(std::string_view name) {
  const size_t end = name.find_last_not_of("0123456789");
  const bool has_number = end != std::string_view::npos && end > 0 && end + 1 < name.size() && name[end] == '_';
  return std::string(has_number ? name.substr(0, end) : name);
}

std::string mark(uint32_t scope) { return fmt::format("{0}{1}{0}", kMark, scope); }

// Inner sets are found equal first, then those that use them: as many rounds as sets are deep.
std::vector<uint32_t> united_sets(std::string& body, SetTexts& sets) {
  for (;;) {
    std::vector<uint32_t> order = named_sets(body, sets);
    std::map<std::tuple<std::string, std::set<uint32_t>, std::string>, uint32_t> known;
    std::map<uint32_t, uint32_t> same;
    for (const uint32_t scope : order) {
      const SetText& set = sets.at(scope);
      same[scope] = known.try_emplace({set.name, set.holes, set.body}, scope).first->second;
    }
    if (known.size() == order.size()) return order;
    const auto first = [&](uint32_t scope) { return mark(same.at(scope)); };
    body = replaced(body, first);
    for (const uint32_t scope : order) sets.at(scope).body = replaced(sets.at(scope).body, first);
  }
}

std::string with_names(std::string_view text, const std::vector<uint32_t>& order, const SetTexts& sets,
                       std::string_view taken) {
  std::map<uint32_t, std::string> names;
  size_t number = 0;
  for (const uint32_t scope : order) {
    std::string& name = names[scope];
    do {
      name = fmt::format("{}_{}", sets.at(scope).name, ++number);
    } while (name == taken);
  }
  return replaced(text, [&](uint32_t scope) -> const std::string& { return names.at(scope); });
}

}  // namespace sbpc::expand
