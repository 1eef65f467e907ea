#include "lsp/text_edits.h"

#include <algorithm>

namespace sbpc::lsp {
namespace {

// The edit that makes `after` of `before`: from the first line that differs to the last.
Json edit_between(const Workspace& workspace, const Document& document, std::string_view after) {
  const std::string_view before = document.text;
  size_t begin = 0;
  for (size_t at = 0; at < before.size() && at < after.size() && before[at] == after[at]; ++at) {
    if (before[at] == '\n') begin = at + 1;
  }
  const size_t most = std::min(before.size(), after.size()) - begin;
  size_t same = 0;
  while (same < most && before[before.size() - same - 1] == after[after.size() - same - 1]) ++same;
  const size_t line_end = before.substr(before.size() - same).find('\n');
  const size_t tail = line_end == std::string_view::npos ? 0 : same - line_end - 1;
  const Range range = document.lines.range(before, begin, before.size() - tail, workspace.encoding);
  return {{"range", to_json(range)}, {"newText", std::string(after.substr(begin, after.size() - tail - begin))}};
}

}  // namespace

Json edits_for(const Workspace& workspace, const Document& document, std::string_view after) {
  return after == document.text ? Json::array() : Json::array({edit_between(workspace, document, after)});
}

}  // namespace sbpc::lsp
