#include "diag/sink.h"

#include <algorithm>
#include <tuple>

#include "base/limits.h"

namespace sbpc::diag {
namespace {

constexpr size_t kMessageBytes = 4000;  // no screen holds more

// Names and texts of a policy may be as long as the policy: a message shows the beginning and the end of what is longer
// than any screen.
std::string clipped(std::string text) {
  if (text.size() <= kMessageBytes) return text;
  const auto is_inside = [&](size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
  };  // of a UTF-8 sequence
  size_t head = kMessageBytes / 2;
  size_t tail = text.size() - kMessageBytes / 4;
  while (is_inside(head)) --head;
  while (tail < text.size() && is_inside(tail)) ++tail;
  return text.substr(0, head) + " ... " + text.substr(tail);
}

}  // namespace

Builder& Builder::under(std::string text) {
  if (diagnostic_) diagnostic_->label = clipped(std::move(text));
  return *this;
}

Builder& Builder::label(Span span, std::string text) {
  if (diagnostic_ && span.valid()) diagnostic_->labels.push_back({span, clipped(std::move(text))});
  return *this;
}

Builder& Builder::note(std::string text) {
  if (diagnostic_) diagnostic_->notes.push_back(clipped(std::move(text)));
  return *this;
}

Builder& Builder::used_from(std::span<const Span> uses) {
  if (diagnostic_) diagnostic_->uses.assign(uses.begin(), uses.end());
  return *this;
}

Builder& Builder::fix(std::string title, Span span, std::string replacement, bool safe) {
  if (diagnostic_) diagnostic_->fixes.push_back({clipped(std::move(title)), span, std::move(replacement), safe});
  return *this;
}

Builder Sink::add(Kind kind, Span span, std::string message) {
  message = clipped(std::move(message));
  const KindInfo& row = info(kind);
  Severity severity = row.severity;
  if (severity == Severity::remark && !settings_.remarks.contains(row.lint)) return Builder(nullptr);
  if (severity == Severity::warning) {
    if (settings_.silenced.contains(row.lint)) return Builder(nullptr);
    if (settings_.all_warnings_as_errors || settings_.as_errors.contains(row.lint)) severity = Severity::error;
  }
  // The same statement is checked once per ABI and once per `use`: say the same thing about a place once.
  for (auto it = diagnostics_.rbegin(); it != diagnostics_.rend(); ++it) {
    if (it->kind == kind && it->span == span && it->message == message) return Builder(nullptr);
  }
  if (severity == Severity::error) ++errors_;
  if (severity == Severity::warning) ++warnings_;
  if (diagnostics_.size() >= limits::kDiagnostics) {
    ++dropped_;
    return Builder(nullptr);
  }
  diagnostics_.push_back({kind, severity, span, std::move(message), {}, {}, {}, {}, {}});
  const bool is_inside = span.file == noted_.file && span.begin >= noted_.begin && span.end <= noted_.end;
  if (!note_.empty() && !is_inside) diagnostics_.back().notes.push_back(note_);
  return Builder(&diagnostics_.back());
}

std::vector<Diagnostic> Sink::sorted() const {
  std::vector<Diagnostic> result = diagnostics_;
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.span.file.value, a.span.begin) < std::tie(b.span.file.value, b.span.begin);
  });
  return result;
}

}  // namespace sbpc::diag
