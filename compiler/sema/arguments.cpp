#include "sema/arguments.h"

#include <algorithm>

#include "diag/kinds/names.def"
#include "sema/evaluate.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

const ast::Argument* find_argument(const Call& call, std::string_view name) {
  const auto found =
      std::ranges::find(call.arguments, name, [](const ast::Argument& argument) { return argument.name.text; });
  return found == call.arguments.end() ? nullptr : &*found;
}

// Arguments that the rule set has no parameter for, or that are given twice. False if it lacks one of them: that may be
// the one that another parameter waits for.
bool check_names(Context& context, const ast::Rules& rules, const Call& call) {
  bool knows_all = true;
  std::vector<std::string_view> names;
  std::vector<std::string_view> open;  // those that may be meant by another name
  for (const ast::Parameter& formal : rules.formals) {
    names.push_back(formal.name.text);
    if (find_argument(call, formal.name.text) == nullptr) open.push_back(formal.name.text);
  }
  for (const ast::Argument& argument : call.arguments) {
    const auto named = std::ranges::find(names, argument.name.text);
    if (named != names.end()) {
      context.note_use({NameUse::Kind::parameter, argument.name.span,
                        rules.formals[static_cast<size_t>(named - names.begin())].name.span});
    } else {
      knows_all = false;
      auto report = context.report(kinds::UnknownParameter, argument.name.span, rules.name.text, argument.name.text);
      if (!add_suggestion(report, argument.name.span, argument.name.text, open)) {
        std::string list;
        for (std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
        report.note(list.empty() ? "it has no parameters" : "its parameters are " + list);
      }
    }
    const ast::Argument* first = find_argument(call, argument.name.text);
    if (first != &argument)
      context.report(kinds::RepeatedArgument, argument.name.span, argument.name.text)
          .label(first->name.span, "first given here");
  }
  return knows_all;
}

// A parameter of a rule set, and what a `use` gives for it: null where it gives nothing.
struct Passed {
  const ast::Parameter& formal;
  const ast::Argument* argument;
};

std::optional<Value> value_on(const Body& body, Decl rules, const Passed& passed, Abi abi) {
  const auto& [formal, argument] = passed;
  Context& context = body.context();
  const Env home = context.env_of(rules.file);
  const Type type = resolve_type(context, home, formal.type, abi);
  if (type.shape == Value::Kind::poison) return std::nullopt;
  const Env& env = argument != nullptr ? body.env : home;
  const ast::ExprId expr = argument != nullptr ? argument->value : *formal.value;
  Value value = evaluate_as({context, env, abi}, expr, {formal.name.text, type, env.at(expr).span});
  if (is_poison(value)) return std::nullopt;
  value.via_parameter = true;
  return value;
}

bool same_belongs(const Belongs& a, const Belongs& b) {
  return a.how == b.how && a.kind == b.kind && std::ranges::equal(a.types, b.types);
}

bool same_value(const Value& a, const Value& b) {
  const auto same_part = [](const Part& x, const Part& y) { return x.constant == y.constant && x.value == y.value; };
  const auto same_element = [](const Element& x, const Element& y) {
    return x.first == y.first && x.last == y.last && x.hole == y.hole && x.constant == y.constant &&
           same_belongs(x.belongs, y.belongs);
  };
  return a.kind == b.kind && a.truth == b.truth && a.shape == b.shape && a.hole == b.hole && a.verdict == b.verdict &&
         a.number == b.number && same_belongs(a.belongs, b.belongs) &&
         std::ranges::equal(a.parts, b.parts, same_part) && std::ranges::equal(a.elements, b.elements, same_element);
}

}  // namespace

std::optional<Frame> bind_arguments(const Body& body, Decl rules, const Call& call) {
  Context& context = body.context();
  const auto& node = context.node<ast::Rules>(rules);
  const bool tells_missing = check_names(context, node, call);
  Frame frame;
  bool good = true;
  for (const ast::Parameter& formal : node.formals) {
    Frame::Binding binding{formal.name.text, formal.name.span, {}};
    const ast::Argument* argument = find_argument(call, formal.name.text);
    if (argument == nullptr && !formal.value) {
      if (tells_missing)
        context.report(kinds::MissingArgumentOfUse, call.span, node.name.text, formal.name.text)
            .label(formal.span, "this parameter has no default");
      good = false;
      continue;
    }
    for (Abi abi : body.abis) {
      auto value = value_on(body, rules, {formal, argument}, abi);
      good &= value.has_value();
      if (!value) continue;
      binding.values.resize(static_cast<size_t>(abi) + 1);  // ABIs come in rising order
      binding.values.back() = *value;
    }
    frame.bindings.push_back(std::move(binding));
  }
  return good ? std::optional(std::move(frame)) : std::nullopt;
}

Frame open_frame(Context& context, Decl rules, AbiSet abis) {
  const auto& node = context.node<ast::Rules>(rules);
  const Env env = context.env_of(rules.file);
  Frame frame;
  for (const ast::Parameter& formal : node.formals) {
    Frame::Binding binding{formal.name.text, formal.name.span, std::vector<Value>(kAbis)};
    for (Abi abi : abis) {
      const Type type = resolve_type(context, env, formal.type, abi);
      if (type.shape == Value::Kind::poison) continue;
      if (formal.value)
        (void)evaluate_as({context, env, abi}, *formal.value, {formal.name.text, type, env.at(*formal.value).span});
      Value& value = binding.values[static_cast<size_t>(abi)];
      value.kind = Value::Kind::unknown;
      value.shape = type.shape;
      value.belongs = type.belongs;
      value.via_parameter = true;
    }
    frame.bindings.push_back(std::move(binding));
  }
  return frame;
}

bool same_values(const Frame& a, const Frame& b, AbiSet abis) {
  for (size_t i = 0; i < a.bindings.size(); ++i) {
    for (Abi abi : abis) {
      if (!same_value(a.bindings[i].on(abi), b.bindings[i].on(abi))) return false;
    }
  }
  return true;
}

}  // namespace sbpc::sema
