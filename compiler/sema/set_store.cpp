#include "sema/set_store.h"

#include <algorithm>

#include "base/policy_limits.h"

namespace sbpc::sema {
namespace {

bool same(const Belongs& a, const Belongs& b) {
  return a.how == b.how && a.kind == b.kind && std::ranges::equal(a.types, b.types);
}

bool same_element(const Element& a, const Element& b) {
  return a.first == b.first && a.last == b.last && a.hole == b.hole && a.span == b.span && a.constant == b.constant &&
         same(a.belongs, b.belongs);
}

}  // namespace

std::optional<std::span<const Element>> SetStore::keep(const void* text, const std::vector<Element>& elements) {
  const auto known = last_.find(text);
  if (known != last_.end() && std::ranges::equal(known->second, elements, same_element)) return known->second;
  if (elements.size() > limits::kKeptElements - kept_) return std::nullopt;
  kept_ += elements.size();
  const std::span<const Element> kept = arena_.keep(elements);
  last_[text] = kept;
  return kept;
}

bool SetStore::holds(std::span<const Element> elements, Int first, Int last) {
  const std::vector<Run>& runs = sorted(elements).runs;
  const auto above = std::ranges::upper_bound(runs, first, {}, &Run::first);
  return above != runs.begin() && last <= std::prev(above)->last;
}

const SetStore::Sorted& SetStore::sorted(std::span<const Element> elements) {
  Sorted& sorted = sorted_[elements.data()];
  if (sorted.size == elements.size()) return sorted;
  sorted = {elements.size(), {}, false};
  std::vector<Run> runs;
  runs.reserve(elements.size());
  for (const Element& element : elements) {
    runs.push_back({element.first, element.last});
    sorted.has_hole |= element.hole.valid();
  }
  std::ranges::sort(runs, {}, &Run::first);
  for (const Run& run : runs) {
    if (!sorted.runs.empty() && run.first <= sorted.runs.back().last + 1) {
      sorted.runs.back().last = std::max(sorted.runs.back().last, run.last);
    } else {
      sorted.runs.push_back(run);
    }
  }
  return sorted;
}

}  // namespace sbpc::sema
