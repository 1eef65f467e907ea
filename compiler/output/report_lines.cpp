#include "output/report_lines.h"

#include <algorithm>

namespace sbpc::output {
namespace {

constexpr size_t kShownText = 90;  // bytes of a statement

std::string first_line(std::string_view text) {
  std::string line(text.substr(0, std::min(text.find('\n'), kShownText)));
  while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0U) == 0x80)
    line.pop_back();  // half a character
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';  // reports go to terminals
  }
  return line.size() < text.size() ? line + " ..." : line;
}

}  // namespace

PolicyLines::PolicyLines(const SourceMap& sources, const sema::Policy& policy) {
  std::map<std::pair<FileId, uint32_t>, Span> found;  // by file and beginning: a line may hold several statements
  std::vector<std::pair<FileId, uint32_t>> keys;
  for (const sema::Place& place : policy.places) {
    std::pair<FileId, uint32_t> key{};
    if (place.span.valid()) {
      key = {place.span.file, place.span.begin};
      found.try_emplace(key, place.span);
    }
    keys.push_back(key);
  }
  std::map<std::pair<FileId, uint32_t>, uint32_t> index;
  FileId last;
  for (const auto& [key, span] : found) {
    if (key.first != last && sources.text(key.first).size() <= kShownFileBytes)
      files_.push_back({std::string(sources.name(key.first)), std::string(sources.text(key.first))});
    last = key.first;
    index.emplace(key, static_cast<uint32_t>(lines_.size()));
    const uint32_t line = sources.position(key.first, key.second).line;
    lines_.push_back({std::string(sources.name(key.first)), line, first_line(sources.text(span)), 0, 0, 0, span, 0});
  }
  for (const auto& key : keys) line_of_.push_back(key.first.valid() ? index.at(key) : kNoLine);
  otherwise_ = of_place(policy.otherwise_place.value);
  for (const sema::AbiPolicy& abi : policy.abis) add_names(abi);
}

void PolicyLines::add_names(const sema::AbiPolicy& abi) {
  const auto add = [&](uint32_t nr, sema::PlaceId place) {
    const uint32_t line = of_place(place.value);
    if (line == kNoLine) return;
    std::vector<uint32_t>& lines = naming_[{abi.abi, nr}];
    const auto at = std::lower_bound(lines.begin(), lines.end(), line);
    if (at == lines.end() || *at != line) lines.insert(at, line);
  };
  for (const sema::Scope& scope : abi.scopes) {
    for (const sema::Rule& rule : scope.rules) {
      for (const sema::Target& target : rule.targets) add(target.nr, rule.place);
    }
    for (const sema::Require& require : scope.requires_) {
      for (const sema::Target& target : require.targets) add(target.nr, require.place);
    }
    for (const sema::Fallback& fallback : scope.fallbacks) {
      for (const uint32_t nr : fallback.calls) add(nr, fallback.place);
    }
  }
}

std::vector<uint32_t> PolicyLines::naming(target::Abi abi, uint32_t nr) const {
  const auto found = naming_.find({abi, nr});
  if (found != naming_.end()) return found->second;
  return otherwise_ == kNoLine ? std::vector<uint32_t>() : std::vector<uint32_t>{otherwise_};
}

}  // namespace sbpc::output
