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

constexpr size_t kShownSignatures = 16;  // of the calls that one pair of brackets is for

struct Signature {
  std::string head;
  std::vector<std::string> parameters;
  std::optional<size_t> active;
  bool is_named = false;  // the active one: by the text, not by its place
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
  if (signature.active) json["activeParameter"] = *signature.active;
  if (!signature.documentation.empty())
    json["documentation"] = {{"kind", "markdown"}, {"value", signature.documentation}};
  return json;
}

// The first that has what is named is shown first.
Json to_json(const std::vector<Signature>& signatures) {
  if (signatures.empty()) return {};
  const auto named = std::ranges::find(signatures, true, &Signature::is_named);
  const size_t shown = named == signatures.end() ? 0 : static_cast<size_t>(named - signatures.begin());
  Json list = Json::array();
  for (const Signature& each : signatures) list.push_back(to_json(each));
  Json help = {{"signatures", std::move(list)}, {"activeSignature", shown}};
  if (const auto active = signatures[shown].active) help["activeParameter"] = *active;
  return help;
}

// The condition at the cursor is about the argument that it names; one that names none yet about the one after those
// before it.
std::optional<Signature> call_signature(Analysis& analysis, const Cursor& cursor, sema::CallRef call,
                                        sema::AbiSet abis) {
  sema::Context& context = *analysis.context;
  std::vector<std::string_view> commands;
  if (!cursor.selected.empty()) commands.push_back(cursor.selected);
  for (const target::Abi abi : abis) {
    const auto* args = context.facts.args(call, abi);
    if (args == nullptr) continue;
    Signature signature{std::string(context.facts.name(call)), {}, std::nullopt, false, {}};
    const target::Arg* named = sema::find_arg(*args, cursor.compared.empty() ? cursor.prefix : cursor.compared);
    for (const target::Arg& arg : *args) {
      if (&arg == named) signature.active = signature.parameters.size();
      const bool is_builtin = sema::Facts::is_builtin(call);
      signature.parameters.push_back(
          argument_text(is_builtin ? with_commands(arg, target::CallId(call), abi, commands) : arg));
    }
    signature.is_named = signature.active.has_value();
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
  Signature signature{cursor.set,
                      {},
                      std::nullopt,
                      false,
                      std::string(context.module.files[found.decl.file].ast.items[found.decl.item].doc)};
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
  std::vector<Signature> signatures;
  if (!cursor.set.empty()) {
    if (auto signature = rules_signature(here->analysis, cursor)) signatures.push_back(std::move(*signature));
  } else {
    const sema::AbiSet abis = abis_at(here->analysis, here->offset);
    for (const sema::CallRef call : calls_of(here->analysis, cursor)) {
      if (signatures.size() == kShownSignatures) break;
      if (auto signature = call_signature(here->analysis, cursor, call, abis.empty() ? sema::AbiSet::all() : abis))
        signatures.push_back(std::move(*signature));
    }
  }
  return to_json(signatures);
}

}  // namespace sbpc::lsp
