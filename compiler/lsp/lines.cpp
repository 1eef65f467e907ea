#include "lsp/lines.h"

#include <algorithm>
#include <array>

namespace sbpc::lsp {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"utf-8", "utf-16", "utf-32"};

struct Step {
  size_t bytes;
  uint32_t units;
};

bool continues(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

// The character at `at`.
Step step(std::string_view text, size_t at, Encoding encoding) {
  const auto first = static_cast<unsigned char>(text[at]);
  size_t bytes = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
  for (size_t i = 1; i < bytes; ++i) {
    if (!continues(text, at + i)) bytes = 1;
  }
  switch (encoding) {
    case Encoding::utf8: return {bytes, static_cast<uint32_t>(bytes)};
    case Encoding::utf16: return {bytes, bytes == 4 ? 2U : 1U};
    case Encoding::utf32: return {bytes, 1};
  }
  return {bytes, 1};
}

}  // namespace

std::string_view name(Encoding encoding) { return kNames[static_cast<size_t>(encoding)]; }

std::optional<Encoding> find_encoding(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Encoding>(found - kNames.begin());
}

Lines::Lines(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const bool ends = text[at] == '\n' || (text[at] == '\r' && (at + 1 == text.size() || text[at + 1] != '\n'));
    if (ends) starts_.push_back(static_cast<uint32_t>(at + 1));
  }
}

std::string_view Lines::line(std::string_view text, size_t line) const {
  if (line >= starts_.size()) return {};
  const size_t end = line + 1 < starts_.size() ? starts_[line + 1] : text.size();
  std::string_view result = text.substr(starts_[line], end - starts_[line]);
  while (!result.empty() && (result.back() == '\n' || result.back() == '\r')) result.remove_suffix(1);
  return result;
}

size_t Lines::offset(std::string_view text, Place place, Encoding encoding) const {
  if (place.line >= starts_.size()) return text.size();
  const std::string_view here = line(text, place.line);
  size_t at = 0;
  uint32_t units = 0;
  while (at < here.size()) {
    const Step next = step(here, at, encoding);
    if (units + next.units > place.character) break;
    units += next.units;
    at += next.bytes;
  }
  return starts_[place.line] + at;
}

uint32_t Lines::line_of(size_t offset) const {
  const auto after = std::ranges::upper_bound(starts_, offset, {}, [](uint32_t start) { return size_t{start}; });
  return static_cast<uint32_t>(after - starts_.begin() - 1);
}

Place Lines::place(std::string_view text, size_t offset, Encoding encoding) const {
  offset = std::min(offset, text.size());
  Last from{0, {line_of(offset), 0}, encoding};
  from.offset = starts_[from.place.line];
  if (last_.encoding == encoding && last_.place.line == from.place.line && last_.offset <= offset &&
      last_.offset >= from.offset)
    from = last_;
  while (from.offset < offset) {
    const Step next = step(text, from.offset, encoding);
    if (from.offset + next.bytes > offset) break;
    from.offset += next.bytes;
    from.place.character += next.units;
  }
  last_ = from;
  return from.place;
}

}  // namespace sbpc::lsp
