#include "driver/run_edits.h"

#include <algorithm>

#include "describe/names.h"
#include "explain/answers.h"
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

constexpr size_t kMostQuestions = 300;

// The statement that an edit inserts, if that is all it does.
std::string inserted_statement(const explain::Candidate& edit) {
  if (edit.edits.size() != 1 || edit.edits[0].span.begin != edit.edits[0].span.end) return {};
  const std::string& text = edit.edits[0].replacement;
  const size_t first = text.find_first_not_of(" \n");
  const size_t last = text.find_last_not_of(" \n");
  if (first == std::string::npos || (text[last] != ';' && text[last] != '}')) return {};
  return text.substr(first, last - first + 1);
}

// Zero where the value is an address.
std::array<uint64_t, 6> telling_args(const target::SeccompData& call, target::Abi abi) {
  std::array<uint64_t, 6> values{};
  const auto known = target::call_at(abi, static_cast<uint32_t>(call.nr));
  const auto args = known ? target::call_args(*known, abi) : std::nullopt;
  if (!args) return values;
  for (const target::Arg& arg : *args) {
    const bool is_null = call.args[arg.slots.low] == 0;
    values[arg.slots.low] = arg.is_pointer ? (is_null ? 0 : 1) : call.args[arg.slots.low];
    if (arg.slots.high) values[*arg.slots.high] = call.args[*arg.slots.high];
  }
  return values;
}

}  // namespace

RunEdits::RunEdits(const FlipInput& input, Compiled& compiled)
    : input_{input.sources, input.reader, input.path, options_}, options_(input.options), compiled_(compiled) {
  options_.prove = false;
}

const Suggestion& RunEdits::edit_for(const DeniedCall& denied) {
  static const Suggestion kNothing;
  const auto abi = describe::abi_of(denied.call.arch, static_cast<uint32_t>(denied.call.nr));
  if (!abi) return kNothing;
  const Key key{denied.call.arch, denied.call.nr, denied.word, telling_args(denied.call, *abi)};
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (known_.size() >= kMostQuestions) return kNothing;
  return known_.emplace(key, find(denied.call, *abi)).first->second;
}

Suggestion RunEdits::find(const target::SeccompData& call, target::Abi abi) {
  const explain::Subject subject{compiled_.policy, compiled_.program, compiled_.code.program};
  const explain::CallPattern event = explain::only(call, abi);
  const auto answers = explain::answers(subject, event);
  if (!answers || answers->size() != 1) return {};
  const ast::File& root = compiled_.module.files.front().ast;
  const Flip flip = find_flip(input_, compiled_, {input_.sources, root, subject, answers->front(), event, false});
  if (!flip.edit) return {};
  return {inserted_statement(*flip.edit), flip.edit->title, flip.edit->edits.back().span};
}

}  // namespace sbpc::driver
