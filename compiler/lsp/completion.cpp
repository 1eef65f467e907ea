// completion.cpp: what may stand at the cursor: cursor.h says what kind of thing, the tables and names say which.
// Tested by test/lsp/completion.test.
#include <algorithm>

#include "lsp/call_text.h"
#include "lsp/completion_items.h"
#include "lsp/describe_name.h"
#include "lsp/handlers.h"
#include "lsp/mentions.h"
#include "lsp/symbol_at.h"
#include "lsp/takers.h"
#include "parse/lexer.h"
#include "sema/targets.h"
#include "sema/types.h"

namespace sbpc::lsp {
namespace {

using Where = Cursor::Where;
using Kind = ItemKind;

class Completer {
 public:
  Completer(Workspace& workspace, const Here& here, const Cursor& cursor)
      : workspace_(workspace), here_(here), analysis_(here.analysis), cursor_(cursor), items_(workspace, here, cursor) {
    abis_ = abis_at(analysis_, here.offset);
    if (abis_.empty()) abis_ = sema::AbiSet::all();  // a module: any policy may import it
    narrow();
    file_ = file_of_qualifier();
  }

  [[nodiscard]] Json run() {
    for (const std::string_view word : cursor_.keywords) items_.add(word, Kind::keyword, "", 4);
    switch (cursor_.where) {
      case Where::nothing: break;
      case Where::item: words(parse::TokenStarts::item); break;
      case Where::statement:
        words(parse::TokenStarts::statement);
        actions();
        break;
      case Where::expectation: items_.add("expect", Kind::keyword, ""); break;
      case Where::module: modules(); break;
      case Where::path: files(); break;
      case Where::rules:
        names(sema::Space::rules, Kind::interface, "rules");
        modules_in_scope();
        items_.add("unsafe", Kind::keyword, "", 8);
        break;
      case Where::policy: names(sema::Space::rules, Kind::class_, "policy"); break;
      case Where::target:
        calls();
        names(sema::Space::calls, Kind::function, "syscall");
        modules_in_scope();
        break;
      case Where::group:
        names(sema::Space::groups, Kind::structure, "group");
        modules_in_scope();
        break;
      case Where::argument:
        arguments();
        parameters(6);
        break;
      case Where::value: values(); break;
      case Where::error_name:
        constants_of_type("errno");
        takes_ = Takes::number;
        parameters(2);
        break;
      case Where::number:
        takes_ = Takes::number;
        parameters(2);
        names(sema::Space::values, Kind::constant, "const");
        modules_in_scope();
        break;
      case Where::parameter_name: parameter_names(); break;
      case Where::type: types(); break;
      case Where::action:
        actions();
        if (cursor_.takes_never) items_.add("never", Kind::keyword, "", 8);
        break;
      case Where::abi: abis(); break;
      case Where::flag: flags(); break;
    }
    return items_.take();
  }

 private:
  // What fits a place: a number, a number or a condition, an action.
  enum class Takes : uint8_t { number, condition, action };
  [[nodiscard]] static Takes kind_of(const ast::Parameter& parameter) {
    return kind_of(parameter.type.name.parts.empty() ? "" : parameter.type.name.last());
  }
  [[nodiscard]] static Takes kind_of(std::string_view type) {
    if (type == "action" || type == "denial") return Takes::action;
    return type == "bool" ? Takes::condition : Takes::number;
  }

  // To the ABIs of the `on` blocks around the cursor.
  void narrow() {
    for (const OnNames& block : cursor_.on_blocks) {
      sema::AbiSet named;
      for (const std::string_view name : block.abis) {
        if (const auto abi = target::find_abi(name)) named.add(*abi);
      }
      const sema::AbiSet left = block.are_excluded ? abis_ - named : abis_ & named;
      if (!left.empty()) abis_ = left;  // a block for nothing is a mistake that is told elsewhere
    }
  }

  // The file that the names stand in: this one, or the module's before the dot.
  [[nodiscard]] sema::FileIndex file_of_qualifier() const {
    if (!analysis_.module) return sema::kNoFile;
    if (cursor_.qualifier.empty()) return 0;
    const auto& imports = analysis_.module->files[0].imports;
    const auto bound = std::ranges::find(imports, cursor_.qualifier, &sema::ModuleName::name);
    return bound == imports.end() ? sema::kNoFile : bound->file;
  }
  [[nodiscard]] bool is_qualified() const { return !cursor_.qualifier.empty(); }

  void words(parse::TokenStarts starts) {
    for (size_t i = 0; i < parse::kTokenKinds; ++i) {
      const auto kind = static_cast<parse::TokenKind>(i);
      const parse::TokenInfo& info = parse::info(kind);
      const bool is_word = info.use == parse::TokenUse::soft || info.use == parse::TokenUse::reserved;
      if (starts == parse::TokenStarts::statement && !cursor_.is_directly_in_policy && is_policy_line(kind)) continue;
      if (is_word && (info.starts == starts || info.starts == parse::TokenStarts::both))
        items_.add(info.spelling, Kind::keyword, "", 6);
    }
  }

  void actions() {
    for (int i = 0; i < target::kActionCount; ++i) {
      const target::ActionInfo& row = target::info(static_cast<target::Action>(i));
      items_.add(row.name, Kind::keyword, row.may_run ? "the call may run" : "the call does not run", 3);
    }
    for (const ast::Parameter* parameter : scope().parameters) {
      if (parameter->type.name.parts.empty()) continue;
      const std::string_view type = parameter->type.name.last();
      if (type == "action" || type == "denial") items_.add(parameter->name.text, Kind::variable, type, 2);
    }
  }

  void modules() {
    if (!is_qualified() && cursor_.prefix.empty()) items_.add("std", Kind::module, "the standard library");
    for (const std::string_view name : workspace_.world.standard_modules()) {
      const size_t dot = name.find('.');
      if (!is_qualified()) items_.add(name, Kind::module, "");
      if (is_qualified() && name.substr(0, dot) == cursor_.qualifier)
        items_.add(name.substr(dot + 1), Kind::module, name);
    }
  }
  // Beside the document, as `import` looks first.
  void files() {
    const size_t slash = here_.path.rfind('/');
    if (slash == std::string::npos) return;
    for (const std::string& name : workspace_.world.neighbours(here_.path.substr(0, slash + 1) + cursor_.qualifier)) {
      const bool is_folder = name.ends_with('/');
      if (cursor_.qualifier + name != here_.path.substr(slash + 1))
        items_.add(name, Kind::file, is_folder ? "folder" : "", is_folder ? 6 : 5);
    }
  }
  void modules_in_scope() {
    if (is_qualified() || !analysis_.module) return;
    for (const sema::ModuleName& module : analysis_.module->files[0].imports) {
      if (module.name.find('.') == std::string::npos) items_.add(module.name, Kind::module, "module", 7);
    }
  }

  void names(sema::Space space, Kind kind, std::string_view detail) {
    if (file_ == sema::kNoFile || !analysis_.context) return;
    sema::Context& context = *analysis_.context;
    for (const std::string_view name : context.names.all(space, file_)) {
      const sema::Decl decl = context.names.find(space, file_, name);
      const auto* rules = context.node_if<ast::Rules>(decl);
      const bool is_policy = context.node_if<ast::Policy>(decl) != nullptr;
      if (is_policy != (cursor_.where == Where::policy)) continue;
      const auto* param = context.node_if<ast::Param>(decl);
      if (param != nullptr && takes_ == Takes::number && kind_of(param->parameter) == Takes::condition) continue;
      items_.add(name, kind, rules != nullptr ? head_of(*rules, analysis_.sources) : std::string(detail), 2);
    }
  }

  void calls() {
    if (is_qualified()) return;
    for (const target::Abi abi : abis_) {
      for (const target::NumberedCall& row : target::calls_of(abi)) {
        items_.add_call(target::call_name(row.call));
      }
    }
  }

  // ---- conditions ----

  void arguments() {
    for (const sema::CallRef call : calls_of(analysis_, cursor_)) {
      for (const target::Abi abi : abis_) {
        const auto* args = analysis_.context->facts.args(call, abi);
        if (args == nullptr) continue;
        for (const target::Arg& arg : *args)
          items_.add(arg.name, Kind::field, argument_text(arg).substr(arg.name.size() + 2), 1);
      }
    }
    items_.add("ip", Kind::field, "the instruction pointer", 9);
  }

  // What a value is compared with or given to.
  static constexpr uint8_t kAnyWidth = 64;
  struct Wanted {
    target::TypeId type;
    uint8_t width;  // in bits
  };

  // The type of the argument that the value is for: of the call, or of the command fixed beside it (`fcntl(cmd ==
  // F_SETFD, arg == |`).
  [[nodiscard]] std::optional<Wanted> type_compared() const {
    for (const sema::CallRef call : calls_of(analysis_, cursor_)) {
      if (sema::Facts::is_builtin(call) && !cursor_.selected.empty()) {
        for (const target::DependentArg& arg : target::dependent_args(target::CallId(call), cursor_.selected)) {
          if (arg.arg == cursor_.compared) return Wanted{arg.type, arg.width == 0 ? kAnyWidth : arg.width};
        }
      }
      for (const target::Abi abi : abis_) {
        const auto* args = analysis_.context->facts.args(call, abi);
        const target::Arg* arg = args == nullptr ? nullptr : sema::find_arg(*args, cursor_.compared);
        if (arg != nullptr && arg->type.valid()) return Wanted{arg->type, arg->width};
      }
    }
    return std::nullopt;
  }

  void constants_of(const Wanted& wanted) {
    for (const std::string_view name : constants_that_fit(wanted.type, abis_, wanted.width))
      items_.add(name, Kind::constant, target::arg_type(wanted.type).name, 1);
  }
  void constants_of_type(std::string_view type) {
    if (const auto id = target::find_type(type)) constants_of({*id, kAnyWidth});
  }

  void values() {
    if (is_qualified()) {
      names(sema::Space::values, Kind::constant, "const");
      return;
    }
    std::optional<Wanted> type;
    const bool is_compared = !cursor_.calls.empty() || !cursor_.groups.empty();
    takes_ = is_compared ? Takes::number : Takes::condition;
    if (!cursor_.parameter.empty()) {
      type = type_of_parameter();
      takes_ = taken_by_parameter();
    } else if (!cursor_.type.empty()) {
      ast::Type written;
      written.name = written_name(cursor_.type);
      type = wanted(0, written);
      takes_ = kind_of(cursor_.type);
    } else if (is_compared) {
      type = type_compared();
    }
    if (takes_ == Takes::action) return actions();
    if (type) constants_of(*type);
    if (type && target::arg_type(type->type).kind == target::TypeKind::pointer)
      items_.add("NULL", Kind::constant, "", 1);
    parameters(2);
    names(sema::Space::values, Kind::constant, "const");
    modules_in_scope();
    if (type || is_compared) return;
    if (takes_ == Takes::condition) {
      for (const std::string_view word : {"true", "false", "kernel"}) items_.add(word, Kind::keyword, "", 4);
    }
    if (cursor_.prefix.size() < 2) return;  // all of the kernel's constants: some thousands
    for (size_t i = 0; i < target::constant_count(); ++i)
      items_.add(target::constant_name(target::ConstantId(i)), Kind::constant, "", 8);
  }

  // ---- parameters ----

  [[nodiscard]] Scope scope() const { return analysis_.module ? scope_at(analysis_.ast(), here_.offset) : Scope(); }
  void parameters(int rank) {
    if (is_qualified()) return;
    for (const ast::Parameter* parameter : scope().parameters) {
      const Takes kind = kind_of(*parameter);
      if (kind == takes_ || (kind == Takes::number && takes_ == Takes::condition))
        items_.add(parameter->name.text, Kind::variable, analysis_.sources.text(parameter->type.span), rank);
    }
  }
  [[nodiscard]] Takes taken_by_parameter() const {
    for (const auto& [parameter, file] : parameters_of(analysis_, cursor_.set)) {
      if (parameter->name.text == cursor_.parameter) return kind_of(*parameter);
    }
    return Takes::condition;
  }
  void parameter_names() {
    for (const auto& [parameter, file] : parameters_of(analysis_, cursor_.set)) {
      if (std::ranges::find(cursor_.given, parameter->name.text) != cursor_.given.end()) continue;
      items_.add(parameter->name.text, Kind::variable, analysis_.sources.text(parameter->type.span),
                 parameter->value ? 3 : 1);
    }
  }
  [[nodiscard]] std::optional<Wanted> type_of_parameter() const {
    for (const auto& [parameter, file] : parameters_of(analysis_, cursor_.set)) {
      if (parameter->name.text != cursor_.parameter || parameter->type.name.parts.empty()) continue;
      return wanted(file, parameter->type);
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Wanted> wanted(sema::FileIndex file, const ast::Type& written) const {
    if (!analysis_.context) return std::nullopt;
    sema::Context& context = *analysis_.context;
    const sema::Type type = sema::resolve_type(context, context.env_of(file), written, abis_.first());
    if (!type.argument) return std::nullopt;
    return Wanted{*type.argument, type.width};
  }

  // ---- words of the tables ----

  void types() {
    if (is_qualified()) {
      if (const auto call = target::find_call(cursor_.qualifier)) {
        for (const target::Abi abi : abis_) {
          const auto args = target::call_args(*call, abi);
          for (const target::Arg& arg : args.value_or(std::vector<target::Arg>()))
            items_.add(arg.name, Kind::field, argument_text(arg));
        }
      }
      return;
    }
    for (const std::string_view word : {"bool", "action", "denial"}) items_.add(word, Kind::type, "", 2);
#define TYPE(name, width, is_signed) items_.add(name, Kind::type, "", 2);
#include "sema/builtins.def"
    for (size_t i = 0; i < target::type_count(); ++i)
      items_.add(target::arg_type(target::TypeId(i)).name, Kind::type, "");
  }
  void abis() {
    for (const target::AbiInfo& abi : target::abis()) items_.add(abi.name, Kind::constant, "");
  }
  void flags() {
#define INSTALL_FLAG(name, since) items_.add(#name, Kind::constant, "");
#include "sema/builtins.def"
  }

  Workspace& workspace_;
  const Here& here_;
  Analysis& analysis_;
  const Cursor& cursor_;
  CompletionItems items_;
  sema::AbiSet abis_;
  Takes takes_ = Takes::condition;
  sema::FileIndex file_ = 0;
};

}  // namespace

Answer completion(Workspace& workspace, const Json& params) {
  const auto here = known_here_of(workspace, params);
  if (!here) return tl::unexpected(here.error());
  const Cursor cursor = cursor_at(here->document.text, here->offset);
  return Completer(workspace, *here, cursor).run();
}

Answer resolve_completion(Workspace&, const Json& params) {
  Json item = params;
  const auto name = text_at(find(params, "data", "call"));
  const auto call = name ? target::find_call(*name) : std::nullopt;
  if (call)
    item["documentation"] = {{"kind", "markdown"}, {"value", call_text(*call, sema::AbiSet(target::host_abi()))}};
  return item;
}

}  // namespace sbpc::lsp
