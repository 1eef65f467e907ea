#include "output/report_html.h"

#include <utility>

#include "output/report_json.h"
#include "output/report_page.h"

namespace sbpc::output {
namespace {

std::string escaped_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  return out;
}

// JSON inside of <script>: `<` is written as an escape, so no text of a policy can end the element or begin another.
std::string escaped_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string report_html(const Report& report) {
  const std::pair<std::string_view, std::string> parts[] = {
      {"@title@", escaped_text(report.name) + ": what its filter costs"},
      {"@style@", std::string(kPageStyle)},
      {"@data@", escaped_json(report_json(report))},
      {"@script@", std::string(kPageScript)},
  };
  // In the order of the page, so that nothing that was put in is looked through again.
  std::string out;
  std::string_view rest = kPageHtml;
  for (const auto& [mark, content] : parts) {
    const size_t at = rest.find(mark);
    out += rest.substr(0, at);
    out += content;
    rest.remove_prefix(at + mark.size());
  }
  return out + std::string(rest);
}

}  // namespace sbpc::output
