// sink.h: collects diagnostics. Stages emit and go on; the driver renders at the end.
#pragma once

#include <fmt/core.h>

#include <set>
#include <span>
#include <string>
#include <vector>

#include "diag/diagnostic.h"

namespace sbpc::diag {

// What -W, -Wno-, -Werror and -R changed. Names are lints of diag/kinds/; unknown names are a usage error of the
// driver.
struct Settings {
  std::set<std::string, std::less<>> silenced;   // -Wno-NAME
  std::set<std::string, std::less<>> as_errors;  // -Werror=NAME
  std::set<std::string, std::less<>> remarks;    // -RNAME: remarks are silent unless asked for
  bool all_warnings_as_errors = false;           // -Werror
};

// Adds to the diagnostic that `Sink::report` has just made: sink.report(kinds::X, span, args...).label(s,
// "...").note("...").
class Builder {
 public:
  explicit Builder(Diagnostic* diagnostic) : diagnostic_(diagnostic) {}
  Builder& under(std::string text);  // text under the carets of the main span
  Builder& label(Span span, std::string text);
  Builder& note(std::string text);
  // The `use` statements that lead to the place, the policy's own first: renderers show them with the imports that lead
  // to its file (trail.h).
  Builder& used_from(std::span<const Span> uses);
  Builder& fix(std::string title, Span span, std::string replacement, bool safe = false);

 private:
  Diagnostic* diagnostic_;  // null when the diagnostic was dropped
};

class Sink {
 public:
  Sink() = default;
  explicit Sink(Settings settings) : settings_(std::move(settings)) {}

  // `arguments` fill the `{}` of the kind's text.
  template <class... Args>
  Builder report(Kind kind, Span span, const Args&... arguments) {
    return add(kind, span, fmt::vformat(std::string_view(info(kind).text), fmt::make_format_args(arguments...)));
  }

  // Every report from now on has the note, but of what stands inside of the span, which says so itself. Empty: none.
  void note_each(std::string note, Span but_inside) {
    note_ = std::move(note);
    noted_ = but_inside;
  }

  // Whether reports of the kind are kept: remarks are silent unless asked for, and need not be made.
  [[nodiscard]] bool wants(Kind kind) const {
    return info(kind).severity != Severity::remark || settings_.remarks.contains(info(kind).lint);
  }
  [[nodiscard]] bool has_errors() const { return errors_ != 0; }
  [[nodiscard]] size_t errors() const { return errors_; }
  [[nodiscard]] size_t warnings() const { return warnings_; }
  // In the order of report; `sorted` orders them by place for people.
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  [[nodiscard]] std::vector<Diagnostic> sorted() const;
  // Diagnostics dropped because of limits::kDiagnostics (errors among them still count in errors()).
  [[nodiscard]] size_t dropped() const { return dropped_; }

 private:
  Builder add(Kind kind, Span span, std::string message);

  Settings settings_;
  std::vector<Diagnostic> diagnostics_;
  size_t errors_ = 0;
  size_t warnings_ = 0;
  size_t dropped_ = 0;
  std::string note_;
  Span noted_{};
};

}  // namespace sbpc::diag
