#include "sema/parameters.h"

#include <algorithm>

#include "diag/kinds/command_line.def"
#include "diag/kinds/names.def"
#include "sema/declare.h"
#include "sema/evaluate.h"
#include "sema/unknown.h"
#include "sema/value_text.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

// Makes the hole of a run-time parameter, once for all ABIs.
std::optional<HoleId> add_hole(Context& context, const ast::Parameter& parameter, const Type& type) {
  if (type.shape != Value::Kind::number && type.shape != Value::Kind::boolean) {
    context.report(kinds::RuntimeParamType, parameter.type.span, parameter.name.text)
        .note("the loader writes one number or one bool into the finished program");
    return std::nullopt;
  }
  if (parameter.value) {
    context.report(kinds::RuntimeParamDefault, parameter.span, parameter.name.text)
        .note("without `runtime` it may have a default and takes `-D`");
    return std::nullopt;
  }
  Hole hole;
  hole.name = parameter.name.text;
  hole.is_bool = type.shape == Value::Kind::boolean;
  hole.width = std::max<uint8_t>(type.width, 16);
  hole.is_signed = type.is_signed;
  hole.span = parameter.name.span;
  context.holes.push_back(std::move(hole));
  return HoleId(context.holes.size() - 1);
}

// A parameter of a policy, and where it stands.
struct Bound {
  Context& context;
  const Env& home;
  const ast::Parameter& parameter;
  AbiSet abis;
};

void bind_runtime(const Bound& bound, Frame::Binding& binding) {
  Context& context = bound.context;
  std::optional<HoleId> hole;
  for (Abi abi : bound.abis) {
    const Type type = resolve_type(context, bound.home, bound.parameter.type, abi);
    if (type.shape == Value::Kind::poison) return;
    if (!hole) hole = add_hole(context, bound.parameter, type);
    if (!hole) return;
    Value& value = binding.values[static_cast<size_t>(abi)];
    value.kind = Value::Kind::hole;
    value.shape = type.shape;
    value.belongs = type.belongs;
    value.hole = *hole;
  }
}

void bind_constant(const Bound& bound, const GivenValue* given, Frame::Binding& binding) {
  Context& context = bound.context;
  const ast::Parameter& parameter = bound.parameter;
  const Env& env = given != nullptr ? given->env : bound.home;
  if (given == nullptr && !parameter.value) {
    report_missing_parameter(context, parameter);
    return;
  }
  const ast::ExprId expr = given != nullptr ? given->expr : *parameter.value;
  for (Abi abi : bound.abis) {
    const Type type = resolve_type(context, bound.home, parameter.type, abi);
    Value value = evaluate_as({context, env, abi}, expr, {parameter.name.text, type, env.at(expr).span});
    value.via_parameter = true;
    binding.values[static_cast<size_t>(abi)] = value;
  }
}

// The parameters of the root file and its policies.
std::vector<std::string_view> root_parameters(const Context& context) {
  std::vector<std::string_view> names;
  for (const ast::Item& item : context.module.files[0].ast.items) {
    if (const auto* param = std::get_if<ast::Param>(&item.node)) names.push_back(param->parameter.name.text);
    const auto* policy = std::get_if<ast::Policy>(&item.node);
    if (policy == nullptr) continue;
    for (const ast::Statement& statement : policy->body) {
      if (const auto* param = std::get_if<ast::ParamStatement>(&statement.node))
        names.push_back(param->parameter.name.text);
    }
  }
  return names;
}

bool is_runtime(const Context& context, std::string_view name) {
  for (const ast::Item& item : context.module.files[0].ast.items) {
    const auto* policy = std::get_if<ast::Policy>(&item.node);
    if (policy == nullptr) continue;
    for (const ast::Statement& statement : policy->body) {
      const auto* param = std::get_if<ast::ParamStatement>(&statement.node);
      if (param != nullptr && param->is_runtime && param->parameter.name.text == name) return true;
    }
  }
  return false;
}

// "-D n=5": what messages call the value's place.
std::string argument_text(const std::string& name, const std::string& value) {
  constexpr size_t kShown = 60;
  const bool is_short = value.size() <= kShown && value.find('\n') == std::string::npos;
  return "-D " + name + "=" + (is_short ? value : "...");
}

// The value's text as an expression.
std::optional<GivenValue> parse_value(Context& context, const std::string& name, const std::string& given) {
  constexpr std::string_view kSpace = " \t";
  const size_t first = std::min(given.find_first_not_of(kSpace), given.size());
  const std::string text = given.substr(first, given.find_last_not_of(kSpace) + 1 - first);
  auto parsed =
      parse_value_text(context.sources, {argument_text(name, text), name + "=" + given.substr(0, first)}, text);
  if (!parsed) {
    auto report = context.report(kinds::BadValue, Span{}, "-D", name + "=" + given);
    const bool is_octal = text.size() > 1 && text.find_first_not_of("01234567") == std::string::npos;
    if (is_octal) return report.note("an octal number is written `0o" + text.substr(1) + "`"), std::nullopt;
    report.note("a value is one expression: `-D " + name + "=5`, `-D " + name + "='O_RDONLY | O_CLOEXEC'`, `-D " +
                name + "='{ 1, 2 }'`");
    return std::nullopt;
  }
  context.define_files.push_back(std::move(parsed->file));
  return GivenValue{{&context.define_files.back(), 0, nullptr}, parsed->value};
}

}  // namespace

void read_defines(Context& context) {
  const auto known = root_parameters(context);
  for (const auto& [name, text] : context.options.params) {
    if (std::ranges::find(known, name) == known.end()) {
      auto report = context.report(kinds::UnknownDefine, Span{}, name);
      if (const auto near = near_name(name, known)) {
        report.note("did you mean `" + std::string(*near) + "`?");
      } else if (known.empty()) {
        report.note("the policy has no parameters: `param NAME: TYPE = DEFAULT;` declares one");
      }
      continue;
    }
    if (is_runtime(context, name)) {
      context.report(kinds::DefineOfRuntime, Span{}, name)
          .note("`sbpc run --set " + name + "=VALUE` and the loader give it one");
      continue;
    }
    const auto value = parse_value(context, name, text);
    if (!value) continue;
    context.defines.emplace(name, *value);
    const Decl decl = context.names.find(Space::values, 0, name);
    if (decl.valid() && context.node_if<ast::Param>(decl) != nullptr) context.given[key_of(decl)] = *value;
  }
}

Frame policy_frame(Context& context, Decl policy, AbiSet abis, const GivenValues& given) {
  const Env env = context.env_of(policy.file);
  Frame frame;
  for (const ast::Statement& statement : context.node<ast::Policy>(policy).body) {
    const auto* param = std::get_if<ast::ParamStatement>(&statement.node);
    if (param == nullptr) continue;
    const ast::Parameter& parameter = param->parameter;
    Frame::Binding binding{parameter.name.text, parameter.name.span, std::vector<Value>(kAbis)};
    const auto value = given.find(parameter.name.text);
    if (param->is_runtime && value == given.end()) {
      bind_runtime({context, env, parameter, abis}, binding);
    } else {
      bind_constant({context, env, parameter, abis}, value == given.end() ? nullptr : &value->second, binding);
    }
    frame.bindings.push_back(std::move(binding));
  }
  return frame;
}

}  // namespace sbpc::sema
