// texts.h: one text is many statements, one per ABI and per set of parameters. What is wrong with all of them is wrong
// with the text.
#pragma once

#include <map>

#include "judge/view.h"

namespace sbpc::judge {

// By span: the place of one statement with this text while none has been found to do something.
class Texts {
 public:
  void seen(const View& view, sema::PlaceId place, bool does_something) {
    Span span = view.policy.places[place.value].span;
    auto [entry, is_new] = texts_.try_emplace(span, place);
    if (does_something) entry->second = sema::PlaceId();
  }
  [[nodiscard]] bool settled(const View& view, sema::PlaceId place) const {
    auto entry = texts_.find(view.policy.places[place.value].span);
    return entry != texts_.end() && !entry->second.valid();
  }
  [[nodiscard]] bool is_idle(Span span) const {
    auto entry = texts_.find(span);
    return entry != texts_.end() && entry->second.valid();
  }
  // With an invalid place where something has been found to do something.
  template <class Look>
  void for_each(Look look) const {
    for (const auto& [span, place] : texts_) look(span, place);
  }
  template <class Report>
  void for_each_idle(Report report) const {
    for (const auto& [span, place] : texts_) {
      if (place.valid()) report(span, place);
    }
  }

 private:
  std::map<Span, sema::PlaceId> texts_;
};

[[nodiscard]] inline bool is_own(const sema::Policy& policy, Span span) { return span.file == policy.span.file; }
// Nothing of the statement's conditions came through a parameter.
[[nodiscard]] inline bool is_literal(const View& view, sema::PlaceId place) {
  return !view.policy.places[place.value].by_parameter;
}

}  // namespace sbpc::judge
