#include "driver/weight_options.h"

#include <algorithm>
#include <array>

#include "diag/kinds/command_line.def"

namespace sbpc::driver {
namespace {

void add_cost_model(const Arguments& arguments, Options& options, diag::Sink& sink) {
  struct Row {
    std::string_view name;
    opt::Cost cost;
  };
  constexpr std::array rows = {
#define PRICE(id, name, load, mask, test, high, what) Row{name, opt::Cost::id},
#include "opt/prices.def"
  };
  const auto name = arguments.value(Option::cost_model);
  if (!name) return;
  const auto row = std::ranges::find(rows, *name, &Row::name);
  if (row != rows.end()) {
    options.cost = row->cost;
    return;
  }
  std::string names;
  for (const Row& known : rows) names += (names.empty() ? "" : ", ") + std::string(known.name);
  bad_value(sink, Option::cost_model, *name, "the models are " + names);
}

}  // namespace

std::optional<uint32_t> parse_share(std::string_view text) {
  constexpr uint32_t kWhole = 1'000'000;
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  constexpr auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (whole.size() + decimals.size() == 0 || !std::ranges::all_of(whole, is_digit) ||
      !std::ranges::all_of(decimals, is_digit)) {
    return std::nullopt;
  }
  uint32_t share = 0;
  for (const char c : whole) share = std::min(share * 10 + static_cast<uint32_t>(c - '0'), 2U);
  share *= kWhole;
  uint32_t unit = kWhole;
  for (const char c : decimals) share += static_cast<uint32_t>(c - '0') * (unit /= 10);
  return share <= kWhole ? std::optional(share) : std::nullopt;
}

void add_weight_options(const Arguments& arguments, Options& options, diag::Sink& sink) {
  options.profile = arguments.value(Option::profile).value_or("");
  if (arguments.has(Option::profile) && options.profile.empty()) {
    bad_value(sink, Option::profile, "", "name a file, `server-mix` or `uniform`");
  }
  add_cost_model(arguments, options, sink);
  const auto text = arguments.value(Option::cached_weight);
  if (!text) return;
  const auto share = parse_share(*text);
  if (!share) bad_value(sink, Option::cached_weight, *text, "a share is a plain number from 0 to 1, such as 0.01");
  options.cached_weight_ppm = share.value_or(0);
}

}  // namespace sbpc::driver
