// Tested by test/unit/explain/call_test.cpp, and -D by test/diag/BadValue.sb.
#include "sema/value_text.h"

#include "parse/parse.h"
#include "sema/context.h"
#include "sema/evaluate.h"
#include "sema/module.h"

namespace sbpc::sema {

std::optional<ValueText> parse_value_text(SourceMap& sources, const ValuePlace& place, const std::string& text) {
  // The line that messages show is `NAME=VALUE`, as it stood on the command line.
  const std::string before = "const\n" + place.before;
  const FileId file = sources.add_argument(place.title, before + text + "\n;");
  diag::Sink errors;
  auto parsed = parse::parse(sources, file, errors);
  if (!parsed || errors.has_errors() || parsed->items.size() != 1) return std::nullopt;
  const auto* item = std::get_if<ast::Const>(&parsed->items[0].node);
  if (item == nullptr || item->type) return std::nullopt;
  // A `;` in the text would end the const early, a comment would hide a part of it.
  const ast::ExprId value = item->value;
  const Span span = parsed->at(value).span;
  if (span.begin != before.size() || span.end != before.size() + text.size()) return std::nullopt;
  return ValueText{std::move(*parsed), value};
}

std::optional<uint64_t> number_of_text(const std::string& text, target::Abi abi) {
  SourceMap sources;
  auto parsed = parse_value_text(sources, {"the value", "value="}, text);
  if (!parsed) return std::nullopt;
  Module module;
  module.files.push_back({std::move(parsed->file), "the value", false, {}, {}});
  const Options options;
  diag::Sink errors;
  Context context({sources, module, options}, errors);
  const Env env = context.env_of(0);
  const Value value = evaluate({context, env, abi}, parsed->value);
  if (value.kind != Value::Kind::number) return std::nullopt;
  return static_cast<uint64_t>(value.number);
}

}  // namespace sbpc::sema
