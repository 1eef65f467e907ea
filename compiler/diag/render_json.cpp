// render_json.cpp: diagnostics for programs. One of the files that include nlohmann.
//
// json: {"schema": "sbpc-diagnostics", "version": 1, "tool": {"name", "version"}, "errors", "warnings", "dropped",
//        "diagnostics": [{"code", "kind", "lint"?, "severity", "message", "place"?,
//                         "labels": [{"place", "text"}], "imported_from"?: [place], "used_from"?: [place], "notes": [],
//                         "fixes": [{"title", "safe", "edits": [{"place", "replacement"}]}]}]}
// A place is {"file", "begin": {"line", "column", "offset"}, "end": {...}}: lines and columns count from 1, columns in
// characters; offsets count bytes from 0; ends are exclusive. The imports and the `use` statements that lead to a place
// stand nearest first, of long ways both ends. `version` rises when a field changes its meaning.
//
// sarif: SARIF 2.1.0 (OASIS), one run.
#include <map>
#include <nlohmann/json.hpp>

#include "diag/render_parts.h"
#include "diag/trail.h"

namespace sbpc::diag {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json text(std::string_view value) { return Json(std::string(value)); }

Json place(const SourceMap& sources, Span span) {
  const PlaceRange range = place_range(sources, span);
  // Of a text from the command line its one line is the whole.
  const uint32_t start =
      sources.is_argument(span.file) ? span.begin + 1 - sources.position(span.file, span.begin).column : 0;
  return {{"file", text(sources.name(span.file))},
          {"begin", {{"line", range.line}, {"column", range.column}, {"offset", span.begin - start}}},
          {"end", {{"line", range.end_line}, {"column", range.end_column}, {"offset", span.end - start}}}};
}

Json diagnostic_json(const SourceMap& sources, const Diagnostic& diagnostic) {
  const KindInfo& kind = info(diagnostic.kind);
  Json json = {{"code", text(kind.code)}, {"kind", text(kind.id)}};
  if (!kind.lint.empty()) json["lint"] = text(kind.lint);
  json["severity"] = text(name(diagnostic.severity));
  json["message"] = diagnostic.message;
  if (diagnostic.span.valid()) json["place"] = place(sources, diagnostic.span);
  if (!diagnostic.label.empty()) json["label"] = diagnostic.label;
  json["labels"] = Json::array();
  for (const Label& label : diagnostic.labels) {
    json["labels"].push_back({{"place", place(sources, label.span)}, {"text", label.text}});
  }
  const Trail trail = trail_of(sources, diagnostic);
  for (const auto& [key, way] : {std::pair("imported_from", &trail.imports), std::pair("used_from", &trail.uses)}) {
    for (const Span& step : way->steps) json[key].push_back(place(sources, step));
  }
  json["notes"] = diagnostic.notes;
  json["fixes"] = Json::array();
  for (const Fix& fix : diagnostic.fixes) {
    Json edits = Json::array();
    if (fix.span.valid()) edits.push_back({{"place", place(sources, fix.span)}, {"replacement", fix.replacement}});
    json["fixes"].push_back({{"title", fix.title}, {"safe", fix.safe}, {"edits", std::move(edits)}});
  }
  return json;
}

// A path as a relative or absolute URI reference (RFC 3986: unreserved characters and `/` stand for themselves).
std::string uri(std::string_view path) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return out;
}

Json sarif_region(const PlaceRange& range) {
  return {{"startLine", range.line},
          {"startColumn", range.column},
          {"endLine", range.end_line},
          {"endColumn", range.end_column}};
}

Json sarif_location(const SourceMap& sources, Span span) {
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", uri(sources.name(span.file))}}},
            {"region", sarif_region(place_range(sources, span))}}}};
}

std::string_view sarif_level(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::remark: return "note";
  }
  return {};
}

Json sarif_fix(const SourceMap& sources, const Fix& fix) {
  const Json replacement = {{"deletedRegion", sarif_region(place_range(sources, fix.span))},
                            {"insertedContent", {{"text", fix.replacement}}}};
  return {{"description", {{"text", fix.title}}},
          {"artifactChanges", Json::array({{{"artifactLocation", {{"uri", uri(sources.name(fix.span.file))}}},
                                            {"replacements", Json::array({replacement})}}})}};
}

Json sarif_result(const SourceMap& sources, const Diagnostic& diagnostic, size_t rule) {
  std::string message = diagnostic.message;
  if (!diagnostic.label.empty()) message += ": " + diagnostic.label;
  for (const std::string& note : diagnostic.notes) message += "\n" + note;
  Json json = {{"ruleId", text(info(diagnostic.kind).code)},
               {"ruleIndex", rule},
               {"level", text(sarif_level(diagnostic.severity))},
               {"message", {{"text", message}}}};
  if (is_in_file(sources, diagnostic.span)) json["locations"] = Json::array({sarif_location(sources, diagnostic.span)});
  Json related = Json::array();
  const auto relate = [&](Span span, std::string_view why) {
    Json location = sarif_location(sources, span);
    location["message"] = {{"text", text(why)}};
    related.push_back(std::move(location));
  };
  for (const Label& label : diagnostic.labels) {
    if (is_in_file(sources, label.span)) relate(label.span, label.text);
  }
  const Trail trail = trail_of(sources, diagnostic);
  for (const Span& step : trail.imports.steps) relate(step, "imported from here");
  for (const Span& step : trail.uses.steps) relate(step, "used from here");
  if (!related.empty()) json["relatedLocations"] = std::move(related);
  Json fixes = Json::array();
  for (const Fix& fix : diagnostic.fixes) {
    if (is_in_file(sources, fix.span)) fixes.push_back(sarif_fix(sources, fix));
  }
  if (!fixes.empty()) json["fixes"] = std::move(fixes);
  return json;
}

}  // namespace

std::string render_json(const SourceMap& sources, std::span<const Diagnostic> diagnostics,
                        const RenderOptions& options) {
  size_t errors = 0, warnings = 0;
  Json list = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    errors += diagnostic.severity == Severity::error;
    warnings += diagnostic.severity == Severity::warning;
    list.push_back(diagnostic_json(sources, diagnostic));
  }
  return dump({{"schema", "sbpc-diagnostics"},
               {"version", 1},
               {"tool", {{"name", "sbpc"}, {"version", text(options.tool_version)}}},
               {"errors", errors},
               {"warnings", warnings},
               {"dropped", options.dropped},
               {"diagnostics", std::move(list)}});
}

std::string render_sarif(const SourceMap& sources, std::span<const Diagnostic> diagnostics,
                         const RenderOptions& options) {
  Json rules = Json::array();
  std::map<Kind, size_t> rule_of_kind;
  Json results = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    const KindInfo& kind = info(diagnostic.kind);
    const auto [rule, added] = rule_of_kind.try_emplace(diagnostic.kind, rules.size());
    if (added) {
      rules.push_back({{"id", text(kind.code)},
                       {"name", text(kind.id)},
                       {"fullDescription", {{"text", text(kind.explanation)}}},
                       {"defaultConfiguration", {{"level", text(sarif_level(kind.severity))}}}});
    }
    results.push_back(sarif_result(sources, diagnostic, rule->second));
  }
  const Json driver = {{"name", "sbpc"}, {"version", text(options.tool_version)}, {"rules", std::move(rules)}};
  const Json run = {
      {"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", std::move(results)}};
  return dump({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", Json::array({run})}});
}

}  // namespace sbpc::diag
