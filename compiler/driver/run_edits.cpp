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

// By what a rule names a call: see explain/edits.cpp.
bool names_call(const target::Arg& arg) {
  const target::TypeKind kind = target::arg_type(arg.type).kind;
  return !arg.is_pointer && (kind == target::TypeKind::enumeration || kind == target::TypeKind::flags);
}

std::optional<std::vector<target::Arg>> args_of(const target::SeccompData& call, target::Abi abi) {
  const auto known = target::call_at(abi, static_cast<uint32_t>(call.nr));
  return known ? target::call_args(*known, abi) : std::nullopt;
}

// The arguments that tell calls apart, the others zero: those that name the call, or all but addresses, which are NULL
// or not.
std::array<uint64_t, 6> telling_args(const target::SeccompData& call, target::Abi abi, bool is_kind) {
  std::array<uint64_t, 6> values{};
  const auto args = args_of(call, abi);
  if (!args) {
    std::copy(std::begin(call.args), std::end(call.args), values.begin());
    return values;
  }
  for (const target::Arg& arg : *args) {
    if (is_kind && !names_call(arg)) continue;
    const uint64_t value = call.args[arg.slots.low];
    values[arg.slots.low] = arg.is_pointer ? (value == 0 ? 0 : 1) : value & describe::mask_of(arg.width);
    if (arg.slots.high) values[*arg.slots.high] = call.args[*arg.slots.high];
  }
  return values;
}

explain::CallPattern kind_of(const target::SeccompData& call, target::Abi abi) {
  explain::CallPattern pattern = explain::pattern_of(abi, static_cast<uint32_t>(call.nr));
  const auto args = args_of(call, abi);
  if (!args) return explain::only(call, abi);
  for (const target::Arg& arg : *args) {
    if (names_call(arg) && !arg.slots.high)
      explain::fix_argument(pattern, arg, call.args[arg.slots.low] & describe::mask_of(arg.width));
  }
  return pattern;
}

}  // namespace

RunEdits::RunEdits(const FlipInput& input, Compiled& compiled)
    : input_{input.sources, input.reader, input.path, options_}, options_(input.options), compiled_(compiled) {
  options_.prove = false;
}

template <class Find>
const RunEdits::Known* RunEdits::known(const Key& key, const Find& find) {
  const auto found = known_.find(key);
  if (found != known_.end()) return &found->second;
  if (known_.size() >= kMostQuestions) return nullptr;
  return &known_.emplace(key, find()).first->second;
}

const Suggestion& RunEdits::edit_for(const DeniedCall& denied) {
  static const Suggestion kNothing;
  static const Suggestion kNotAsked{{}, {}, {}, false};
  const target::SeccompData& call = denied.call;
  const auto abi = describe::abi_of(call.arch, static_cast<uint32_t>(call.nr));
  if (!abi) return kNothing;
  const Known* kind = known({call.arch, call.nr, denied.word, true, telling_args(call, *abi, true)},
                            [&] { return find(kind_of(call, *abi), true); });
  if (kind == nullptr) return kNotAsked;
  if (kind->holds) return kind->suggestion;
  const Known* one = known({call.arch, call.nr, denied.word, false, telling_args(call, *abi, false)},
                           [&] { return find(explain::only(call, *abi), false); });
  return one == nullptr ? kNotAsked : one->suggestion;
}

RunEdits::Known RunEdits::find(const explain::CallPattern& calls, bool is_kind) {
  const explain::Subject subject{compiled_.policy, compiled_.program, compiled_.code.program};
  const auto answers = explain::answers(subject, calls);
  if (!answers || answers->size() != 1) return {false, {}};
  const ast::File& root = compiled_.module.files.front().ast;
  const Flip flip =
      find_flip(input_, compiled_, {input_.sources, root, subject, answers->front(), calls, is_kind, nullptr});
  if (is_kind && (!flip.edit || flip.only_example)) return {false, {}};
  if (!flip.edit) return {};
  return {true, {inserted_statement(*flip.edit), flip.edit->title, flip.edit->edits.back().span}};
}

}  // namespace sbpc::driver
