#include "base/source.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc {

Span join(Span first, Span last) {
  if (!first.valid()) return last;
  if (!last.valid()) return first;
  CHECK(first.file == last.file);
  return {first.file, std::min(first.begin, last.begin), std::max(first.end, last.end)};
}

FileId SourceMap::add(std::string name, std::string text, Span imported_at) {
  CHECK(!imported_at.valid() || imported_at.file.value < files_.size());
  files_.push_back({std::move(name), std::move(text), imported_at, false, {}});
  return FileId(files_.size() - 1);
}

FileId SourceMap::add_argument(std::string name, std::string text) {
  files_.push_back({std::move(name), std::move(text), {}, true, {}});
  return FileId(files_.size() - 1);
}

bool SourceMap::is_argument(FileId file) const {
  CHECK(file.value < files_.size());
  return files_[file.value].is_argument;
}

Span SourceMap::imported_at(FileId file) const {
  CHECK(file.value < files_.size());
  return files_[file.value].imported_at;
}

std::string_view SourceMap::name(FileId file) const {
  CHECK(file.value < files_.size());
  return files_[file.value].name;
}

std::string_view SourceMap::text(FileId file) const {
  CHECK(file.value < files_.size());
  return files_[file.value].text;
}

std::string_view SourceMap::text(Span span) const {
  std::string_view whole = text(span.file);
  CHECK(span.begin <= span.end && span.end <= whole.size());
  return whole.substr(span.begin, span.end - span.begin);
}

const std::deque<uint32_t>& SourceMap::line_starts(FileId file) const {
  CHECK(file.value < files_.size());
  const File& entry = files_[file.value];
  if (entry.line_starts.empty()) {
    // A byte order mark is no column, and a terminal shows nothing for it.
    entry.line_starts.push_back(entry.text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    for (size_t at = 0; at < entry.text.size(); ++at) {
      if (entry.text[at] == '\n') entry.line_starts.push_back(static_cast<uint32_t>(at + 1));
    }
  }
  return entry.line_starts;
}

Position SourceMap::position(FileId file, uint32_t offset) const {
  const auto& starts = line_starts(file);
  offset = std::max(offset, starts.front());
  auto after = std::upper_bound(starts.begin(), starts.end(), offset);
  return {static_cast<uint32_t>(after - starts.begin()), offset - *(after - 1) + 1};
}

std::string_view SourceMap::line(FileId file, uint32_t line) const {
  const auto& starts = line_starts(file);
  if (line == 0 || line > starts.size()) return {};
  std::string_view rest = text(file).substr(starts[line - 1]);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

}  // namespace sbpc
