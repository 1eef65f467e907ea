// hints.cpp: inlay hints: the type of each argument that is tested, and what each statement costs. Tested by
// test/lsp/hints.test.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lsp/call_text.h"
#include "lsp/command_types.h"
#include "lsp/describe_name.h"
#include "lsp/handlers.h"
#include "lsp/statement_costs.h"

namespace sbpc::lsp {
namespace {

constexpr int kTypeHint = 1;  // InlayHintKind

struct Wanted {
  size_t begin;
  size_t end;
  [[nodiscard]] bool holds(size_t offset) const { return begin <= offset && offset <= end; }
};

Json hint(const Workspace& workspace, const Analysis& analysis, uint32_t offset, std::string label) {
  const Span place{Analysis::root_file(), offset, offset};
  return {{"position", to_json(range_of(workspace, analysis, place).begin)}, {"label", std::move(label)}};
}

// "fd_flags (u32)", as the argument is on the first ABI that has the call; empty if none has.
std::string type_text(Analysis& analysis, const Conditions& conditions, const sema::NameUse& use) {
  const sema::AbiSet abis = abis_at(analysis, use.use.begin);
  const std::string_view name = analysis.sources.text(use.use);
  for (const target::Abi abi : abis.empty() ? sema::AbiSet::all() : abis) {
    const auto arg = argument_there(analysis, conditions, {use.id, name, use.use.begin}, abi);
    if (arg) return argument_text(*arg).substr(arg->name.size() + 2);
  }
  return {};
}

void add_types(const Workspace& workspace, Analysis& analysis, Wanted wanted, Json& list) {
  const Conditions conditions(analysis.ast());
  std::map<uint32_t, std::vector<std::string>> types;  // by place: a list of calls has several
  for (const sema::NameUse& use : analysis.uses) {
    if (use.use.file != Analysis::root_file()) break;
    if (use.kind != sema::NameUse::Kind::argument || !wanted.holds(use.use.end)) continue;
    std::string type = type_text(analysis, conditions, use);
    std::vector<std::string>& there = types[use.use.end];
    if (!type.empty() && std::ranges::find(there, type) == there.end()) there.push_back(std::move(type));
  }
  for (const auto& [place, there] : types) {
    if (there.empty()) continue;
    Json json = hint(workspace, analysis, place, ": " + fmt::format("{}", fmt::join(there, " or ")));
    json["kind"] = kTypeHint;
    list.push_back(std::move(json));
  }
}

}  // namespace

Answer inlay_hints(Workspace& workspace, const Json& params) {
  const auto range = range_at(find(params, "range"));
  if (!range) return error(ErrorCode::invalid_params, "`range` is missing");
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const Document& document = subject->document;
  Analysis& analysis = workspace.known_of(subject->path);
  Json list = Json::array();
  if (!analysis.module) return list;
  const Wanted wanted{document.lines.offset(document.text, range->begin, workspace.encoding),
                      document.lines.offset(document.text, range->end, workspace.encoding)};
  add_types(workspace, analysis, wanted, list);
  for (const StatementCost& each : statement_costs(workspace, subject->path, analysis)) {
    if (!wanted.holds(each.statement.end)) continue;
    Json json = hint(workspace, analysis, each.statement.end, each.text);
    json["paddingLeft"] = true;
    json["tooltip"] = each.explanation;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace sbpc::lsp
