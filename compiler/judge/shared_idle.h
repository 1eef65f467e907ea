// shared_idle.h: statements of rule sets that do nothing in one policy. A file's policies share its rule sets: what
// does nothing in one of them may do something in another, and only what does nothing in any is wrong with the text.
// Tested by test/cli/families_judged.test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "diag/kinds/meaning.def"
#include "diag/sink.h"

namespace sbpc::judge {

class SharedIdle {
 public:
  // What is said about a statement beside that it does nothing.
  struct More {
    std::optional<std::pair<Span, std::string>> label;
    std::string note;
    bool else_decides = false;  // what does nothing is only what stands before `else`
  };
  void does_something(diag::Kind kind, Span span) { texts_[{kind, span}] = std::nullopt; }
  void does_nothing(diag::Kind kind, Span span, More more) {
    const bool else_decides = more.else_decides;
    const auto [entry, is_new] = texts_.try_emplace({kind, span}, std::move(more));
    if (entry->second && else_decides) entry->second->else_decides = true;
  }
  void report(diag::Sink& sink) const {
    for (const auto& [text, more] : texts_) {
      if (more) tell(text.first, text.second, *more, sink);
    }
  }
  static void tell(diag::Kind kind, Span span, const More& more, diag::Sink& sink) {
    auto report = sink.report(more.else_decides ? diag::kinds::NeverDecidesBeforeElse : kind, span);
    if (more.else_decides) report.under("its `else` does decide");
    if (more.label) report.label(more.label->first, more.label->second);
    if (!more.note.empty()) report.note(more.note);
  }

 private:
  std::map<std::pair<diag::Kind, Span>, std::optional<More>> texts_;  // nothing: it does something somewhere
};

}  // namespace sbpc::judge
