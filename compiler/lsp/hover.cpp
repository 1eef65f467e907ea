// hover.cpp: what the word under the cursor is. Tested by test/lsp/hover.test.
#include <fmt/format.h>

#include <algorithm>

#include "lsp/answers_text.h"
#include "lsp/call_text.h"
#include "lsp/command_types.h"
#include "lsp/describe_name.h"
#include "lsp/handlers.h"
#include "lsp/mentions.h"
#include "lsp/symbol_at.h"
#include "sema/types.h"

namespace sbpc::lsp {
namespace {

struct Hovered {
  std::string text;
  Span span;
};

std::string argument_hover(Analysis& analysis, const Symbol& symbol, sema::CallRef call, sema::AbiSet abis) {
  sema::Context& context = *analysis.context;
  const Conditions conditions(analysis.ast());
  for (const target::Abi abi : abis.empty() ? sema::AbiSet::all() : abis) {
    const auto arg = argument_there(analysis, conditions, {call, symbol.text, symbol.name.begin}, abi);
    if (!arg) continue;
    std::string out = fmt::format("```sb\n{}\n```\nargument of `{}`, ", argument_text(*arg), context.facts.name(call));
    if (!arg->c_type.empty()) out += fmt::format("`{}` in C, ", arg->c_type);  // a `syscall` says nothing of C
    out += arg->slots.high
               ? fmt::format("slots ${} and ${} on {}\n", arg->slots.low, *arg->slots.high, target::info(abi).name)
               : fmt::format("slot ${}\n", arg->slots.low);
    if (arg->is_pointer)
      return out + "\na filter sees the pointer, not what it points at: it can be compared with `NULL` only\n";
    const std::vector<std::string_view> constants = arg->type.valid()
                                                        ? constants_that_fit(arg->type, sema::AbiSet(abi), arg->width)
                                                        : std::vector<std::string_view>();
    if (!constants.empty()) out += fmt::format("\ntakes {}\n", fmt::join(constants, ", "));
    return out;
  }
  return {};
}

std::string constant_hover(const Symbol& symbol, sema::AbiSet abis) {
  const target::ConstantId constant(symbol.id);
  std::string out = fmt::format("```sb\n{}\n```\n{}", symbol.text, constant_text(constant, abis));
  std::string types;
  for (const target::TypeId type : target::constant_types(constant))
    types += fmt::format("{}`{}`", types.empty() ? "" : ", ", target::arg_type(type).name);
  return types.empty() ? out : out + fmt::format("\nof {}\n", types);
}

std::string symbol_hover(Workspace& workspace, const Here& here, const Symbol& symbol) {
  const sema::AbiSet abis = abis_at(here.analysis, here.offset);
  switch (symbol.kind) {
    case Symbol::Kind::call:
      return call_text(target::CallId(symbol.id), abis.empty() ? sema::AbiSet(target::host_abi()) : abis) +
             answers_text(workspace, here.path, symbol.text);
    case Symbol::Kind::constant: return constant_hover(symbol, abis);
    case Symbol::Kind::argument: return argument_hover(here.analysis, symbol, symbol.id, abis);
    case Symbol::Kind::declared: {
      if (const auto call = call_declaring(here.analysis, symbol.declaration))
        return argument_hover(here.analysis, symbol, *call, abis);
      std::string text = describe_declared(here.analysis, symbol);
      return text.empty() ? text : text + answers_text(workspace, here.path, symbol.text);
    }
    case Symbol::Kind::module: {
      const sema::LoadedFile* file = here.analysis.loaded(symbol.declaration.file);
      return file == nullptr ? std::string() : fmt::format("```sb\nimport {}\n```\n", file->path);
    }
  }
  return {};
}

std::string action_hover(std::string_view word) {
  for (int i = 0; i < target::kActionCount; ++i) {
    const target::ActionInfo& row = target::info(static_cast<target::Action>(i));
    if (row.name != word) continue;
    return fmt::format("```sb\n{}\n```\nanswer since Linux {}: {}{}\n", row.name, row.since,
                       row.may_run ? "the call may run" : "the call does not run",
                       row.data == target::ActionData::none       ? ""
                       : row.data == target::ActionData::required ? "; takes a number"
                                                                  : "; may take a number");
  }
  return {};
}

std::string type_hover(std::string_view word) {
  const auto id = target::find_type(word);
  if (!id) return {};
  const target::ArgType& type = target::arg_type(*id);
  std::string out =
      fmt::format("```sb\n{}\n```\ntype of arguments, {}-bit {}\n", word,
                  type.width == 0 ? "word" : std::to_string(type.width), type.is_signed ? "signed" : "unsigned");
  const auto constants = constants_that_fit(*id, sema::AbiSet::all(), type.width == 0 ? 64 : type.width);
  if (!constants.empty()) out += fmt::format("\ntakes {}\n", fmt::join(constants, ", "));
  return out;
}

std::string abi_hover(std::string_view word) {
  const auto abi = target::find_abi(word);
  if (!abi) return {};
  const target::AbiInfo& row = target::info(*abi);
  return fmt::format("```sb\n{}\n```\nABI with {}-bit words, {} system calls, arch {:#x}{}\n", word, row.word_bits,
                     target::calls_of(*abi).size(), row.audit_arch,
                     row.bitmap ? "; the kernel caches constant allows" : "");
}

// Words that are no names of anything declared.
std::optional<Hovered> word_hover(const Analysis& analysis, size_t offset) {
  for (const Mention& mention : mentions_of(analysis.ast())) {
    if (mention.span.begin > offset || offset > mention.span.end) continue;
    const std::string_view word = analysis.sources.text(mention.span);
    std::string text;
    if (mention.role == Mention::Role::action) text = action_hover(word);
    if (mention.role == Mention::Role::type) text = type_hover(word);
    if (mention.role == Mention::Role::abi) text = abi_hover(word);
    if (!text.empty()) return Hovered{std::move(text), mention.span};
  }
  return std::nullopt;
}

// The last text that could be read, and where the place of the text as it is now was in it: before the first difference
// or behind the last.
struct Before {
  Analysis& analysis;
  size_t offset;
  bool is_behind;  // the differences
};
std::optional<Before> before_of(Workspace& workspace, const Here& here) {
  Analysis* good = workspace.analyses.last_good(here.path);
  if (good == nullptr) return std::nullopt;
  const std::string_view was = good->sources.text(Analysis::root_file());
  const std::string_view is = here.document.text;
  const size_t most = std::min(was.size(), is.size());
  size_t begin = 0;
  while (begin < most && was[begin] == is[begin]) ++begin;
  if (here.offset <= begin) return Before{*good, here.offset, false};
  size_t end = 0;
  while (end < most - begin && was[was.size() - end - 1] == is[is.size() - end - 1]) ++end;
  if (is.size() - here.offset > end) return std::nullopt;
  return Before{*good, was.size() - (is.size() - here.offset), true};
}

std::optional<Hovered> hovered_at(Workspace& workspace, const Here& here) {
  std::optional<Hovered> found;
  if (const auto symbol = symbol_at(here.analysis, here.offset))
    found = Hovered{symbol_hover(workspace, here, *symbol), symbol->name};
  if (!found || found->text.empty()) found = word_hover(here.analysis, here.offset);
  return found;
}

}  // namespace

Answer hover(Workspace& workspace, const Json& params) {
  const auto here = known_here_of(workspace, params);
  if (!here) return tl::unexpected(here.error());
  Json answer;
  if (here->analysis.module) {
    const auto found = hovered_at(workspace, *here);
    if (!found) return Json();
    answer["range"] = to_json(range_of(workspace, here->analysis, found->span));
    answer["contents"] = {{"kind", "markdown"}, {"value", found->text}};
  } else if (const auto before = before_of(workspace, *here)) {
    // Without a range where it would have to be moved.
    const auto found = hovered_at(workspace, {here->path, here->document, before->analysis, before->offset});
    if (!found) return Json();
    if (!before->is_behind) answer["range"] = to_json(range_of(workspace, before->analysis, found->span));
    answer["contents"] = {{"kind", "markdown"}, {"value", found->text}};
  }
  return answer;
}

}  // namespace sbpc::lsp
