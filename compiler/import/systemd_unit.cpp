// systemd_unit.cpp: units as lines.
#include "import/systemd_unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ast/ast.h"
#include "base/limits.h"
#include "diag/kinds/import.def"
#include "diag/suggest.h"
#include "parse/parse.h"

namespace sbpc::importer {
namespace {

constexpr std::array kSettings = {
#define SETTING(id, name) std::pair<std::string_view, UnitSetting>{name, UnitSetting::id},
#define NEIGHBOUR(name)
#include "import/systemd_settings.def"
};
constexpr std::array kNeighbours = {
#define SETTING(id, name)
#define NEIGHBOUR(name) std::string_view(name),
#include "import/systemd_settings.def"
};
constexpr std::array<std::string_view, 4> kSections = {"Service", "Socket", "Mount",
                                                       "Swap"};  // those with settings of systemd.exec(5)

std::string_view stripped(std::string_view text) {
  constexpr std::string_view space = " \t\r";
  const size_t first = text.find_first_not_of(space);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(space) - first + 1);
}

// One line with what `\` joins to it; comments between are none of it.
struct Line {
  std::string text;
  Span span;
};

class UnitLines {
 public:
  UnitLines(FileId file, std::string_view text) : file_(file), text_(text) {}

  std::optional<Line> next() {
    Line line;
    bool goes_on = true;
    for (bool is_first = true; goes_on && at_ < text_.size();) {
      const size_t begin = at_;
      const size_t end = std::min(text_.find('\n', at_), text_.size());
      at_ = std::min(end + 1, text_.size());
      std::string_view part = stripped(text_.substr(begin, end - begin));
      const bool is_comment = part.starts_with('#') || part.starts_with(';');
      if (is_comment && !is_first) continue;
      if (is_first)
        line.span = {file_,
                     static_cast<uint32_t>(begin + (text_.substr(begin, end - begin).size() -
                                                    trim_left(text_.substr(begin, end - begin)).size())),
                     0};
      line.span.end = static_cast<uint32_t>(std::max<size_t>(end, line.span.begin));
      is_first = false;
      if (is_comment || part.empty()) return line;  // nothing
      goes_on = is_escaped(text_.substr(begin, end - begin));
      if (goes_on) part.remove_suffix(1);
      line.text += (line.text.empty() ? "" : " ") + std::string(stripped(part));
    }
    return line.span.valid() ? std::optional(std::move(line)) : std::nullopt;
  }

 private:
  // Whether the line's end is: a backslash before a blank, or a second one, joins nothing to it.
  static bool is_escaped(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t last = line.find_last_not_of('\\');
    return (line.size() - (last == std::string_view::npos ? 0 : last + 1)) % 2 == 1;
  }

  static std::string_view trim_left(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view() : text.substr(first);
  }

  FileId file_;
  std::string_view text_;
  size_t at_ = 0;
};

// A misspelt setting would leave open what it was to close.
void report_near(Source& source, std::string_view key, Span span) {
  if (std::ranges::find(kNeighbours, key) != kNeighbours.end()) return;
  std::vector<std::string_view> names;
  for (const auto& [name, setting] : kSettings) names.push_back(name);
  if (key.size() < 5) return;
  if (const auto near = diag::suggest(key, names))
    source.sink.report(diag::kinds::ImportUnknownField, span, key).note(fmt::format("did you mean `{}`?", *near));
}

}  // namespace

std::string_view name_of(UnitSetting setting) { return kSettings[static_cast<size_t>(setting)].first; }

Result<std::vector<UnitLine>> read_unit(Source& source, FileId file) {
  const std::string_view text = source.sources.text(file);
  const auto fail = [&](Span span, std::string note) {
    source.sink.report(diag::kinds::ImportBadSyntax, span, std::string_view("a unit of systemd")).note(std::move(note));
    return failed();
  };
  std::vector<UnitLine> found;
  UnitLines lines(file, text);
  std::string section;
  while (const auto line = lines.next()) {
    if (line->text.empty()) continue;
    if (const size_t nul = line->text.find('\0'); nul != std::string::npos)
      return fail(line->span, "a line holds a byte of value 0");
    if (line->text.front() == '[') {
      if (line->text.back() != ']') return fail(line->span, "a section's name stands in brackets: `[Service]`");
      section = line->text.substr(1, line->text.size() - 2);
      continue;
    }
    const size_t equals = line->text.find('=');
    if (equals == std::string::npos) {
      source.sink.report(diag::kinds::ImportUnknownField, line->span, line->text)
          .note("systemd passes it over: a line is `[Section]` or `Key=value`");
      continue;
    }
    if (section.empty()) return fail(line->span, "a setting stands below a `[Section]`");
    const std::string_view key = stripped(std::string_view(line->text).substr(0, equals));
    const auto setting = std::ranges::find(kSettings, key, &std::pair<std::string_view, UnitSetting>::first);
    if (setting == kSettings.end()) {
      if (std::ranges::find(kSections, section) != kSections.end()) report_near(source, key, line->span);
      continue;
    }
    if (std::ranges::find(kSections, section) == kSections.end()) {
      source.sink.report(diag::kinds::ImportUnknownField, line->span, key)
          .note(fmt::format("it counts in [Service], [Socket], [Mount] and [Swap], not in [{}]", section));
      continue;
    }
    found.push_back(
        {setting->second, std::string(stripped(std::string_view(line->text).substr(equals + 1))), line->span});
    if (found.size() <= limits::kImportRules) continue;
    source.sink.report(diag::kinds::ImportTooLarge, line->span,
                       fmt::format("it has more than {} rules", limits::kImportRules));
    return failed();
  }
  return found;
}

UnitGroups::UnitGroups(std::string_view text) {
  SourceMap sources;
  diag::Sink sink;
  const FileId file = sources.add("std.systemd", std::string(text));
  const auto parsed = parse::parse(sources, file, sink);
  if (!parsed || sink.has_errors()) return;
  for (const ast::Item& item : parsed->items) {
    const auto* group = std::get_if<ast::Group>(&item.node);
    if (group == nullptr) continue;
    std::string name = "@" + std::string(group->name.text);
    std::ranges::replace(name, '_', '-');
    std::vector<std::string>& calls = groups_[name];
    for (const ast::Target& member : group->members) {
      for (const ast::Target& one :
           member.kind == ast::Target::Kind::list ? member.members : std::vector<ast::Target>{member}) {
        std::string text_of(one.name.last());
        if (one.kind == ast::Target::Kind::group) std::ranges::replace(text_of, '_', '-');
        calls.push_back(one.kind == ast::Target::Kind::group ? "@" + text_of : text_of);
      }
    }
  }
}

const std::vector<std::string>* UnitGroups::find(std::string_view name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> UnitGroups::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, calls] : groups_) names.push_back(name);
  return names;
}

}  // namespace sbpc::importer
