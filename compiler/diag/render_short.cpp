// render_short.cpp: one line per diagnostic, for editors and grep (`short`) and for GitHub's workflow log (`github`).
#include <fmt/format.h>

#include "diag/render_parts.h"
#include "diag/trail.h"

namespace sbpc::diag {
namespace {

// https://docs.github.com/actions/reference/workflow-commands-for-github-actions: data escapes % CR LF, properties also
// : and ,
std::string escape(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view github_level(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::remark: return "notice";
  }
  return {};
}

}  // namespace

std::string render_short(const SourceMap& sources, std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.span.valid()) {
      out += place_text(sources, diagnostic.span) + ": ";
    } else {
      out += "sbpc: ";
    }
    out += fmt::format("{}: {} [{}]\n", name(diagnostic.severity), printable(diagnostic.message),
                       info(diagnostic.kind).code);
  }
  return out;
}

std::string render_github(const SourceMap& sources, std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += fmt::format("::{} ", github_level(diagnostic.severity));
    if (is_in_file(sources, diagnostic.span)) {
      const PlaceRange place = place_range(sources, diagnostic.span);
      out += fmt::format("file={},line={},endLine={},", escape(printable(sources.name(diagnostic.span.file)), true),
                         place.line, place.end_line);
      if (place.line == place.end_line) out += fmt::format("col={},endColumn={},", place.column, place.end_column);
    }
    std::string message = printable(diagnostic.message);
    for (const std::string& line : trail_lines(sources, trail_of(sources, diagnostic)))
      message += "\n" + printable(line);
    for (const std::string& note : diagnostic.notes) message += "\n" + printable(note);
    for (const Fix& fix : diagnostic.fixes) message += "\nfix: " + printable(fix.title);
    out += fmt::format("title={}::{}\n", info(diagnostic.kind).code, escape(message, false));
  }
  return out;
}

}  // namespace sbpc::diag
