#include "diag/fixes.h"

#include <algorithm>

namespace sbpc::diag {
namespace {

bool is_safe(const Fix& fix) { return fix.safe && fix.span.valid(); }

bool is_syntax_error(const Diagnostic& diagnostic) {
  return std::string_view(info(diagnostic.kind).code).starts_with("SB1");
}

}  // namespace

std::vector<const Fix*> chosen_fixes(std::span<const Diagnostic> diagnostics, FileId file) {
  // What the later stages say of text that was mended to be read at all may be the mistake's echo: syntax goes first.
  const bool only_syntax = std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& each) {
    return is_syntax_error(each) && each.span.file == file;
  });
  std::vector<const Fix*> fixes;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (only_syntax && !is_syntax_error(diagnostic)) continue;
    const auto first = std::find_if(diagnostic.fixes.begin(), diagnostic.fixes.end(), is_safe);
    if (first != diagnostic.fixes.end() && first->span.file == file) fixes.push_back(&*first);
  }
  std::stable_sort(fixes.begin(), fixes.end(), [](const Fix* a, const Fix* b) { return a->span < b->span; });
  std::vector<const Fix*> result;
  for (const Fix* fix : fixes) {
    const bool overlaps =
        !result.empty() && (fix->span.begin < result.back()->span.end || fix->span == result.back()->span);
    if (!overlaps) result.push_back(fix);
  }
  return result;
}

std::string with_fixes(std::string_view text, std::span<const Fix* const> fixes) {
  std::string out;
  size_t at = 0;
  for (const Fix* fix : fixes) {
    out += text.substr(at, fix->span.begin - at);
    out += fix->replacement;
    at = fix->span.end;
  }
  return out + std::string(text.substr(at));
}

}  // namespace sbpc::diag
