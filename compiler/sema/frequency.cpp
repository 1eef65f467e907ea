#include "sema/frequency.h"

#include <algorithm>

#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "sema/frequency_file.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;

void report_unknown_call_name(Context& context, Span span, std::string_view name) {
  std::vector<std::string_view> calls;
  for (size_t i = 0; i < target::call_count(); ++i) calls.push_back(target::call_name(target::CallId(i)));
  auto report = context.report(kinds::UnknownFrequencyCall, span, name);
  add_suggestion(report, span, name, calls);
}

std::vector<Frequency> from_text(const LineReader& reader, const ast::FrequencyLine& line) {
  std::vector<Frequency> result;
  for (const ast::FrequencyLine::Entry& entry : line.entries) {
    const std::string_view name = entry.call.last();
    const Found found = reader.context.names.resolve(Space::calls, reader.env.file, entry.call);
    const bool declared = found.kind == Found::Kind::declared;
    const auto known = entry.call.parts.size() == 1 ? target::find_call(name) : std::nullopt;
    if (declared) {
      reader.context.note_use({NameUse::Kind::call, entry.call.span, reader.context.span_of(found.decl)});
    } else if (known) {
      reader.context.note_use({NameUse::Kind::call, entry.call.span, {}, known->value});
    } else {
      report_unknown_call_name(reader.context, entry.call.span, reader.context.text(entry.call.span));
      continue;
    }
    result.push_back({std::string(name), entry.count});
  }
  return result;
}

std::vector<Frequency> from_file(Context& context, FileId file, Span named_at) {
  const std::string_view text = context.sources.text(file);
  const auto place = [&](size_t begin, size_t size) {
    const size_t end = std::min(begin + size, text.size());
    return Span{file, static_cast<uint32_t>(std::min(begin, end)), static_cast<uint32_t>(end)};
  };
  const auto bad = [&](size_t at, std::string note) {
    context.report(kinds::BadFrequencyFile, place(at, 1), context.sources.name(file))
        .label(named_at, "named here")
        .note(std::move(note));
  };
  const auto counts = read_frequency_text(text);
  if (!counts) {
    bad(counts.error().at, counts.error().note);
    return {};
  }
  if (std::ranges::none_of(*counts, [](const CallCount& row) { return row.count != 0; })) bad(0, "it counts no call");
  std::vector<Frequency> result;
  for (const CallCount& row : *counts) {
    const bool declared = context.names.find(Space::calls, 0, row.name).valid();
    if (!declared && !target::find_call(row.name)) {
      report_unknown_call_name(context, place(static_cast<size_t>(row.name.data() - text.data()), row.name.size()),
                               row.name);
      continue;
    }
    result.push_back({std::string(row.name), row.count});
  }
  return result;
}

}  // namespace

std::vector<Frequency> read_frequencies(const LineReader& reader, const ast::Statement& line) {
  Context& context = reader.context;
  const auto& node = std::get<ast::FrequencyLine>(line.node);
  if (!node.file) return from_text(reader, node);
  const auto& files = context.module.frequencies;
  const auto found = std::ranges::find(files, line.span, &FrequencyFile::line);
  if (found == files.end() || !found->text.valid()) return {};  // reported when it was not read
  return from_file(context, found->text, line.span);
}

}  // namespace sbpc::sema
