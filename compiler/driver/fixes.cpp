#include "driver/fixes.h"

#include <algorithm>

namespace sbpc::driver {
namespace {

bool is_safe(const diag::Fix& fix) { return fix.safe && fix.span.valid(); }

bool is_syntax_error(const diag::Diagnostic& diagnostic) {
  return std::string_view(diag::info(diagnostic.kind).code).starts_with("SB1");
}

// At most one for each diagnostic, by rising place, without those that overlap one before them.
std::vector<const diag::Fix*> chosen(const std::vector<diag::Diagnostic>& diagnostics, FileId file) {
  // What the later stages say of text that was mended to be read at all may be the mistake's echo: syntax goes first.
  const bool only_syntax = std::any_of(diagnostics.begin(), diagnostics.end(), [&](const diag::Diagnostic& each) {
    return is_syntax_error(each) && each.span.file == file;
  });
  std::vector<const diag::Fix*> fixes;
  for (const diag::Diagnostic& diagnostic : diagnostics) {
    if (only_syntax && !is_syntax_error(diagnostic)) continue;
    const auto first = std::find_if(diagnostic.fixes.begin(), diagnostic.fixes.end(), is_safe);
    if (first != diagnostic.fixes.end() && first->span.file == file) fixes.push_back(&*first);
  }
  std::stable_sort(fixes.begin(), fixes.end(),
                   [](const diag::Fix* a, const diag::Fix* b) { return a->span < b->span; });
  std::vector<const diag::Fix*> result;
  for (const diag::Fix* fix : fixes) {
    const bool overlaps =
        !result.empty() && (fix->span.begin < result.back()->span.end || fix->span == result.back()->span);
    if (!overlaps) result.push_back(fix);
  }
  return result;
}

std::string replaced(std::string_view text, const std::vector<const diag::Fix*>& fixes) {
  std::string out;
  size_t at = 0;
  for (const diag::Fix* fix : fixes) {
    out += text.substr(at, fix->span.begin - at);
    out += fix->replacement;
    at = fix->span.end;
  }
  return out + std::string(text.substr(at));
}

}  // namespace

tl::expected<std::string, std::string> FixingReader::read(const std::string& path) {
  const auto found = changed_.find(path);
  if (found != changed_.end()) return found->second.text;
  return DiskReader::read(path);
}

tl::expected<std::string, std::string> FixingReader::read_imported(const std::string& path) {
  return changed_.contains(path) ? read(path) : DiskReader::read_imported(path);
}

size_t FixingReader::apply(const SourceMap& sources, const std::vector<diag::Diagnostic>& diagnostics,
                           const std::set<FileId>& files) {
  size_t count = 0;
  for (const FileId file : files) {
    const std::vector<const diag::Fix*> fixes = chosen(diagnostics, file);
    if (fixes.empty()) continue;
    Changed& changed = changed_[std::string(sources.name(file))];
    changed.text = replaced(sources.text(file), fixes);
    changed.fixes += fixes.size();
    count += fixes.size();
  }
  return count;
}

}  // namespace sbpc::driver
