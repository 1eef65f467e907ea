#include "sema/declare.h"

#include <algorithm>

#include "base/check.h"
#include "diag/kinds/names.def"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;

struct Declared {
  Space space;
  std::string_view what;  // as messages call it
  const ast::Name* name = nullptr;
};

// What an item declares; `name` is null for imports, tests and errors.
struct Describe {
  Declared operator()(const ast::ErrorItem&) const { return {}; }
  Declared operator()(const ast::Import&) const { return {}; }
  Declared operator()(const ast::Test&) const { return {}; }
  Declared operator()(const ast::Const& node) const { return {Space::values, "constant", &node.name}; }
  Declared operator()(const ast::Group& node) const { return {Space::groups, "group", &node.name}; }
  Declared operator()(const ast::SyscallDecl& node) const { return {Space::calls, "system call", &node.name}; }
  Declared operator()(const ast::Param& node) const { return {Space::values, "parameter", &node.parameter.name}; }
  Declared operator()(const ast::Rules& node) const { return {Space::rules, "rule set", &node.name}; }
  Declared operator()(const ast::Policy& node) const { return {Space::rules, "policy", &node.name}; }
};

bool is_kernel_name(Space space, std::string_view name) {
  switch (space) {
    case Space::calls: return target::find_call(name).has_value();
    case Space::values: return target::find_constant(name) || name == "NULL" || name == "kernel" || name == "ip";
    case Space::groups:
    case Space::rules: return false;
  }
  CHECK(false);
}

void report_kernel_name(Context& context, const ast::Name& name, std::string_view what) {
  auto report = context.report(kinds::KernelName, name.span, what, name.text);
  context.refused_names.insert(name.text);
  if (name.text == "kernel") {
    report.note("it is the version in `if (kernel >= 5.9)`: choose another name");
  } else if (name.text == "ip") {
    report.note("it is the instruction pointer in conditions: choose another name");
  } else {
    report.note("nothing shadows: choose another name, or use the kernel's as it is");
  }
}

// The parameters of a rule set or policy: no name twice, none that means something already.
void check_formals(Context& context, FileIndex file, std::span<const ast::Parameter* const> formals) {
  for (size_t i = 0; i < formals.size(); ++i) {
    const ast::Name& name = formals[i]->name;
    const auto same = std::find_if(formals.begin(), formals.begin() + static_cast<ptrdiff_t>(i),
                                   [&](const ast::Parameter* other) { return other->name.text == name.text; });
    const Decl outer = context.names.find(Space::values, file, name.text);
    if (same != formals.begin() + static_cast<ptrdiff_t>(i)) {
      context.report(kinds::DuplicateName, name.span, "parameter", name.text)
          .label((*same)->name.span, "first declared here");
    } else if (outer.valid()) {
      context.report(kinds::DuplicateName, name.span, "parameter", name.text)
          .label(context.span_of(outer), "first declared here")
          .note("nothing shadows: choose another name");
    } else if (is_kernel_name(Space::values, name.text)) {
      report_kernel_name(context, name, "parameter");
    }
  }
}

void check_parameters(Context& context, FileIndex file, const ast::Item& item) {
  std::vector<const ast::Parameter*> formals;
  if (const auto* rules = std::get_if<ast::Rules>(&item.node)) {
    for (const ast::Parameter& formal : rules->formals) formals.push_back(&formal);
  } else if (const auto* policy = std::get_if<ast::Policy>(&item.node)) {
    for (const ast::Statement& statement : policy->body) {
      if (const auto* param = std::get_if<ast::ParamStatement>(&statement.node)) formals.push_back(&param->parameter);
    }
  } else if (const auto* param = std::get_if<ast::Param>(&item.node)) {
    if (param->is_runtime) {
      context.report(kinds::RuntimeParamOutside, param->parameter.span, param->parameter.name.text)
          .note("write it into the policy that the loader fills it in for");
    }
  }
  check_formals(context, file, formals);
}

void enter(Context& context, Decl decl, const ast::Item& item) {
  const Declared declared = std::visit(Describe{}, item.node);
  if (declared.name == nullptr) return;
  const ast::Name& name = *declared.name;
  if (is_kernel_name(declared.space, name.text)) {
    report_kernel_name(context, name, declared.what);
  } else if (!context.names.add(declared.space, name.text, decl)) {
    const Decl first = context.names.find(declared.space, decl.file, name.text);
    context.report(kinds::DuplicateName, name.span, declared.what, name.text)
        .label(context.span_of(first), "first declared here");
  }
}

}  // namespace

Span Context::span_of(Decl decl) const {
  const ast::Item& item = module.files[decl.file].ast.items[decl.item];
  const Declared described = std::visit(Describe{}, item.node);
  return described.name != nullptr ? described.name->span : item.span;
}

void declare(Context& context) {
  for (const LoadedFile& file : context.module.files)
    context.refused_names.insert(file.ast.lost_names.begin(), file.ast.lost_names.end());
  for (FileIndex file = 0; file < context.module.files.size(); ++file) {
    const auto& items = context.module.files[file].ast.items;
    for (uint32_t item = 0; item < items.size(); ++item) enter(context, {file, item}, items[item]);
  }
  for (FileIndex file = 0; file < context.module.files.size(); ++file) {
    const LoadedFile& loaded = context.module.files[file];
    for (uint32_t item = 0; item < loaded.ast.items.size(); ++item) {
      if (std::holds_alternative<ast::SyscallDecl>(loaded.ast.items[item].node)) declare_syscall(context, {file, item});
      if (!loaded.is_standard) check_parameters(context, file, loaded.ast.items[item]);
    }
  }
}

}  // namespace sbpc::sema
