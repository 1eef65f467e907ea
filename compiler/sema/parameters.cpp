#include "sema/parameters.h"

#include <algorithm>

#include "parse/parse.h"
#include "sema/declare.h"
#include "sema/evaluate.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

using diag::Kind;
using target::Abi;

// Makes the hole of a run-time parameter, once for all ABIs.
std::optional<HoleId> add_hole(Context& context, const ast::Parameter& parameter, const Type& type) {
  if (type.shape != Value::Kind::number && type.shape != Value::Kind::boolean) {
    context.report(Kind::RuntimeParamType, parameter.type.span, parameter.name.text)
        .note("the loader writes one number or one bool into the finished program");
    return std::nullopt;
  }
  if (parameter.value) {
    context.report(Kind::RuntimeParamDefault, parameter.span, parameter.name.text).note("without `runtime` it may have a default and takes `-D`");
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

void bind_runtime(Context& context, const Env& env, const ast::Parameter& parameter, AbiSet abis, Frame::Binding& binding) {
  std::optional<HoleId> hole;
  for (Abi abi : abis) {
    const Type type = resolve_type(context, env, parameter.type, abi);
    if (type.shape == Value::Kind::poison) return;
    if (!hole) hole = add_hole(context, parameter, type);
    if (!hole) return;
    Value& value = binding.values[static_cast<size_t>(abi)];
    value.kind = Value::Kind::hole;
    value.shape = type.shape;
    value.belongs = type.belongs;
    value.hole = *hole;
  }
}

void bind_constant(Context& context, const Env& home, const ast::Parameter& parameter, AbiSet abis, Frame::Binding& binding,
                   const GivenValue* given) {
  const Env& env = given != nullptr ? given->env : home;
  if (given == nullptr && !parameter.value) {
    context.report(Kind::MissingParameter, parameter.name.span, parameter.name.text)
        .note("give it one with `-D " + std::string(parameter.name.text) + "=VALUE` or a default: `= VALUE`");
    return;
  }
  const ast::ExprId expr = given != nullptr ? given->expr : *parameter.value;
  for (Abi abi : abis) {
    const Type type = resolve_type(context, home, parameter.type, abi);
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
      if (const auto* param = std::get_if<ast::ParamStatement>(&statement.node)) names.push_back(param->parameter.name.text);
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

// The value's text as an expression; it is parsed as the value of a const.
std::optional<GivenValue> parse_value(Context& context, const std::string& name, const std::string& text, diag::Sink& sink) {
  const FileId file = context.sources.add("-D " + name, "const value = " + text + ";");
  auto parsed = parse::parse(context.sources, file, sink);
  if (!parsed || parsed->items.size() != 1) return std::nullopt;
  context.define_files.push_back(std::move(*parsed));
  const ast::File& kept = context.define_files.back();
  const auto* item = std::get_if<ast::Const>(&kept.items[0].node);
  if (item == nullptr) return std::nullopt;
  return GivenValue{{&kept, 0, nullptr}, item->value};
}

}  // namespace

void read_defines(Context& context, diag::Sink& sink) {
  const auto known = root_parameters(context);
  for (const auto& [name, text] : context.options.params) {
    if (std::ranges::find(known, name) == known.end()) {
      auto report = context.report(Kind::UnknownDefine, Span{}, name);
      if (const auto near = near_name(name, known)) {
        report.note("did you mean `" + std::string(*near) + "`?");
      } else if (known.empty()) {
        report.note("the policy has no parameters: `param NAME: TYPE = DEFAULT;` declares one");
      }
      continue;
    }
    if (is_runtime(context, name)) {
      context.report(Kind::DefineOfRuntime, Span{}, name).note("`sbpc run --set " + name + "=VALUE` and the loader give it one");
      continue;
    }
    const auto value = parse_value(context, name, text, sink);
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
      bind_runtime(context, env, parameter, abis, binding);
    } else {
      bind_constant(context, env, parameter, abis, binding, value == given.end() ? nullptr : &value->second);
    }
    frame.bindings.push_back(std::move(binding));
  }
  return frame;
}

}  // namespace sbpc::sema
