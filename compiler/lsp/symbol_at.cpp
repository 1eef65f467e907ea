#include "lsp/symbol_at.h"

#include <algorithm>

#include "lsp/mentions.h"

namespace sbpc::lsp {
namespace {

using UseKind = sema::NameUse::Kind;

bool holds(Span span, size_t offset) {
  return span.file == Analysis::root_file() && span.begin <= offset && offset <= span.end;
}

// Its item; null if it is not of the files at hand.
const ast::SyscallDecl* declared_call(const Analysis& analysis, const sema::DeclaredCall& call) {
  const sema::LoadedFile* file = analysis.loaded(call.span.file);
  if (file == nullptr) return nullptr;
  for (const ast::Item& item : file->ast.items) {
    const auto* node = std::get_if<ast::SyscallDecl>(&item.node);
    if (node != nullptr && node->name.span == call.span) return node;
  }
  return nullptr;
}

// Where a `syscall` declares the argument; invalid for the kernel's own calls.
Span argument_declaration(const Analysis& analysis, sema::CallRef call, std::string_view name) {
  if (sema::Facts::is_builtin(call)) return {};
  const auto declared = analysis.context->facts.declared();
  const auto* node = declared_call(analysis, declared[call - target::call_count()]);
  if (node == nullptr) return {};
  const auto formal = std::ranges::find(node->formals, name, [](const ast::Parameter& each) { return each.name.text; });
  return formal != node->formals.end() ? formal->name.span : Span();
}

Symbol symbol_of(const Analysis& analysis, const sema::NameUse& use) {
  Symbol symbol;
  symbol.name = last_part(analysis, use.use);
  symbol.text = analysis.sources.text(symbol.name);
  symbol.id = use.id;
  symbol.declaration = use.declaration;
  if (use.kind == UseKind::argument) {
    symbol.declaration = argument_declaration(analysis, use.id, symbol.text);
    symbol.kind = symbol.declaration.valid() ? Symbol::Kind::declared : Symbol::Kind::argument;
  } else if (use.declaration.valid()) {
    symbol.kind = Symbol::Kind::declared;
  } else {
    symbol.kind = use.kind == UseKind::call ? Symbol::Kind::call : Symbol::Kind::constant;
  }
  return symbol;
}

// What `net` of `net.tcp` is bound to.
std::optional<Symbol> module_symbol(const Analysis& analysis, Span name) {
  const auto& imports = analysis.module->files[0].imports;
  const std::string_view text = analysis.sources.text(name);
  const auto bound = std::ranges::find(imports, text, &sema::ModuleName::name);
  if (bound == imports.end()) return std::nullopt;
  Symbol symbol;
  symbol.kind = Symbol::Kind::module;
  symbol.name = name;
  symbol.text = text;
  if (bound->file != sema::kNoFile) symbol.declaration = Span{analysis.module->files[bound->file].ast.file, 0, 0};
  for (const ast::Item& item : analysis.ast().items) {
    const auto* import = std::get_if<ast::Import>(&item.node);
    if (import != nullptr && import->alias && import->alias->text == text) symbol.alias = import->alias->span;
  }
  return symbol;
}

// The file that an `import` names.
std::optional<Symbol> imported_file(const Analysis& analysis, const ast::Import& import) {
  const auto& imports = analysis.module->files[0].imports;
  const Span bound_at = import.alias ? import.alias->span : import.target_span;
  const auto bound = std::ranges::find(imports, bound_at, &sema::ModuleName::span);
  if (bound == imports.end() || bound->file == sema::kNoFile) return std::nullopt;
  Symbol symbol;
  symbol.kind = Symbol::Kind::module;
  symbol.name = import.target_span;
  symbol.text = bound->name;
  symbol.declaration = Span{analysis.module->files[bound->file].ast.file, 0, 0};
  if (import.alias) symbol.alias = import.alias->span;
  return symbol;
}

std::optional<Symbol> mentioned(const Analysis& analysis, size_t offset) {
  for (const Mention& mention : mentions_of(analysis.ast())) {
    if (!holds(mention.span, offset)) continue;
    if (mention.role == Mention::Role::module) return module_symbol(analysis, mention.span);
    if (!mention.declares) continue;
    Symbol symbol;
    symbol.kind = Symbol::Kind::declared;
    symbol.name = symbol.declaration = mention.span;
    symbol.text = analysis.sources.text(mention.span);
    return symbol;
  }
  return std::nullopt;
}

}  // namespace

bool Symbol::same_as(const Symbol& other) const {
  if (kind != other.kind) return false;
  switch (kind) {
    case Kind::declared: return declaration == other.declaration;
    case Kind::call:
    case Kind::constant: return id == other.id;
    case Kind::argument: return id == other.id && text == other.text;
    case Kind::module: return text == other.text;
  }
  return false;
}

std::optional<sema::CallRef> call_declaring(const Analysis& analysis, Span declaration) {
  const auto declared = analysis.context->facts.declared();
  for (size_t index = 0; index < declared.size(); ++index) {
    const auto* node = declared_call(analysis, declared[index]);
    const auto is_it = [&](const ast::Parameter& each) { return each.name.span == declaration; };
    if (node != nullptr && std::ranges::any_of(node->formals, is_it))
      return target::call_count() + static_cast<sema::CallRef>(index);
  }
  return std::nullopt;
}

Span last_part(const Analysis& analysis, Span name) {
  const std::string_view text = analysis.sources.text(name);
  const size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return name;
  const size_t begin = std::min(text.find_first_not_of(" \t\r\n", dot + 1), text.size());
  return {name.file, name.begin + static_cast<uint32_t>(begin), name.end};
}

std::optional<Symbol> symbol_at(const Analysis& analysis, size_t offset) {
  if (!analysis.module) return std::nullopt;
  for (const ast::Item& item : analysis.ast().items) {
    const auto* import = std::get_if<ast::Import>(&item.node);
    if (import != nullptr && holds(import->target_span, offset)) return imported_file(analysis, *import);
  }
  if (const sema::NameUse* use = analysis.use_at(offset);
      use != nullptr && holds(last_part(analysis, use->use), offset))
    return symbol_of(analysis, *use);
  return mentioned(analysis, offset);
}

std::vector<Span> occurrences(const Analysis& analysis, const Symbol& symbol) {
  std::vector<Span> found;
  if (!analysis.module) return found;
  for (const sema::NameUse& use : analysis.uses) {
    if (use.use.file != Analysis::root_file()) break;
    const Symbol other = symbol_of(analysis, use);
    if (symbol.same_as(other)) found.push_back(other.name);
  }
  if (symbol.kind == Symbol::Kind::declared && symbol.declaration.file == Analysis::root_file())
    found.push_back(symbol.declaration);
  if (symbol.kind == Symbol::Kind::module) {
    const auto in_import = [&](Span span) {
      return std::ranges::any_of(analysis.ast().items, [&](const ast::Item& item) {
        const auto* import = std::get_if<ast::Import>(&item.node);
        return import != nullptr && holds(import->target_span, span.begin);
      });
    };
    for (const Mention& mention : mentions_of(analysis.ast())) {
      const bool is_it = mention.role == Mention::Role::module && analysis.sources.text(mention.span) == symbol.text;
      if (is_it && !in_import(mention.span)) found.push_back(mention.span);
    }
    // The import: the name that it gives, or what it names.
    for (const sema::ModuleName& bound : analysis.module->files[0].imports) {
      if (bound.name == symbol.text) found.push_back(bound.span);
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace sbpc::lsp
