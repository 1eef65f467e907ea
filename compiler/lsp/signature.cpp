// signature.cpp: what the brackets at the cursor take: arguments of a call, parameters of a rule set. Tested by
// test/lsp/signature.test.
#include <fmt/format.h>

#include <algorithm>

#include "lsp/call_text.h"
#include "lsp/command_types.h"
#include "lsp/cursor.h"
#include "lsp/describe_name.h"
#include "lsp/handlers.h"
#include "lsp/takers.h"

namespace sbpc::lsp {
namespace {

struct Signature {
  std::string head;
  std::vector<std::string> parameters;
  std::optional<size_t> active;
  std::string documentation;
};

Json to_json(const Signature& signature) {
  std::string label = signature.head + "(";
  Json parameters = Json::array();
  for (const std::string& each : signature.parameters) {
    if (!parameters.empty()) label += ", ";
    parameters.push_back({{"label", each}});
    label += each;
  }
  Json json = {{"label", label + ")"}, {"parameters", std::move(parameters)}};
  if (!signature.documentation.empty())
    json["documentation"] = {{"kind", "markdown"}, {"value", signature.documentation}};
  Json help = {{"signatures", Json::array({std::move(json)})}, {"activeSignature", 0}};
  if (signature.active) help["activeParameter"] = *signature.active;
  return help;
}

// The condition at the cursor is about the argument that it names; one that names none yet about the one after those
// before it.
std::optional<Signature> call_signature(Analysis& analysis, const Cursor& cursor, sema::AbiSet abis) {
  sema::Context& context = *analysis.context;
  const auto call = target::find_call(cursor.calls.front());
  sema::CallRef ref = call ? call->value : 0;
  if (!call) {
    const sema::Decl decl = context.names.find(sema::Space::calls, 0, cursor.calls.front());
    const auto declared = decl.valid() ? context.declared.find(sema::key_of(decl)) : context.declared.end();
    if (declared == context.declared.end()) return std::nullopt;
    ref = declared->second;
  }
  std::vector<std::string_view> commands;
  if (!cursor.selected.empty()) commands.push_back(cursor.selected);
  for (const target::Abi abi : abis) {
    const auto* args = context.facts.args(ref, abi);
    if (args == nullptr) continue;
    Signature signature{std::string(cursor.calls.front()), {}, std::nullopt, {}};
    for (const target::Arg& arg : *args) {
      if (arg.name == cursor.compared || arg.name == cursor.prefix) signature.active = signature.parameters.size();
      signature.parameters.push_back(argument_text(call ? with_commands(arg, *call, abi, commands) : arg));
    }
    if (!signature.active && cursor.comma < args->size()) signature.active = cursor.comma;
    return signature;
  }
  return std::nullopt;
}

std::optional<Signature> rules_signature(const Analysis& analysis, const Cursor& cursor) {
  const sema::Context& context = *analysis.context;
  const sema::Found found = context.names.resolve(sema::Space::rules, 0, written_name(cursor.set));
  const auto* rules = found.kind == sema::Found::Kind::declared ? context.node_if<ast::Rules>(found.decl) : nullptr;
  if (rules == nullptr) return std::nullopt;
  Signature signature{
      cursor.set, {}, std::nullopt, std::string(context.module.files[found.decl.file].ast.items[found.decl.item].doc)};
  for (const ast::Parameter& formal : rules->formals) {
    if (formal.name.text == cursor.parameter || formal.name.text == cursor.prefix)
      signature.active = signature.parameters.size();
    signature.parameters.emplace_back(analysis.sources.text(formal.span));
  }
  if (!signature.active && cursor.comma < signature.parameters.size()) signature.active = cursor.comma;
  return signature;
}

}  // namespace

Answer signature_help(Workspace& workspace, const Json& params) {
  const auto here = known_here_of(workspace, params);
  if (!here) return tl::unexpected(here.error());
  const Cursor cursor = cursor_at(here->document.text, here->offset);
  if (!here->analysis.context || cursor.open == std::string_view::npos) return Json();
  std::optional<Signature> signature;
  if (!cursor.set.empty()) {
    signature = rules_signature(here->analysis, cursor);
  } else if (!cursor.calls.empty()) {
    const sema::AbiSet abis = abis_at(here->analysis, here->offset);
    signature = call_signature(here->analysis, cursor, abis.empty() ? sema::AbiSet::all() : abis);
  }
  return signature ? to_json(*signature) : Json();
}

}  // namespace sbpc::lsp
