// words.cpp: names where they mean exactly the number, numbers elsewhere: a mask that cuts through a field, or a value
// of another width, has no name that the checker would take.
#include "expand/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "describe/names.h"
#include "sema/spelling.h"
#include "target/multiplexers.h"
#include "target/syscalls.h"

namespace sbpc::expand {
namespace {

using sema::Condition;

constexpr std::string_view kNever = "false";
constexpr std::string_view kAlways = "true";

uint64_t ones(unsigned width) { return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

std::string number(sema::Int value) {
  if (value < 0) return fmt::format("-{}", static_cast<uint64_t>(-value));
  const auto bits = static_cast<uint64_t>(value);
  return bits < 4096 ? fmt::format("{}", bits) : fmt::format("{:#x}", bits);
}

bool is_ordered(sema::Compare op) {
  return op == sema::Compare::lt || op == sema::Compare::le || op == sema::Compare::gt || op == sema::Compare::ge;
}

// Whether the bits are made of whole flags: they cut through no enumeration, alone or inside the word.
bool has_names(const target::Arg& arg, target::Abi abi, uint64_t bits) {
  const target::TypeKind kind = arg.type.valid() ? target::arg_type(arg.type).kind : target::TypeKind::integer;
  if (kind == target::TypeKind::enumeration || kind == target::TypeKind::signal) return false;
  const auto fields = describe::fields_of(arg, abi);
  return std::none_of(fields.begin(), fields.end(),
                      [&](const describe::FieldNames& field) { return (field.mask & bits) != 0; });
}

// Whether the mask leaves all of each field of which the value has bits.
bool keeps_fields(const target::Arg& arg, target::Abi abi, uint64_t mask, uint64_t value) {
  const auto fields = describe::fields_of(arg, abi);
  return std::none_of(fields.begin(), fields.end(), [&](const describe::FieldNames& field) {
    return (field.mask & value & mask) != 0 && (field.mask & ~mask & ones(arg.width)) != 0;
  });
}

// The test that sema has made two of, because the kernel reads fewer bits of the argument with some commands
// (sema/commands.h): `is_narrow && arg:32 == 1 || !is_narrow && arg:64 == 1`. As it was written it is made so again.
const sema::Test* written_whole(const std::vector<Condition>& conditions, const Condition& any) {
  if (any.operands.size() != 2) return nullptr;
  const Condition& narrow = conditions[any.operands[0].value];
  const Condition& wide = conditions[any.operands[1].value];
  if (wide.kind != Condition::Kind::all || wide.operands.size() != 2) return nullptr;
  const Condition& others = conditions[wide.operands[0].value];
  const Condition& whole = conditions[wide.operands[1].value];
  if (others.kind != Condition::Kind::negation || whole.kind != Condition::Kind::test) return nullptr;
  const sema::CondId is_narrow = others.operands.front();
  const bool is_split = any.operands[0] == is_narrow || narrow.kind == Condition::Kind::never ||
                        (narrow.kind == Condition::Kind::all && narrow.operands.front() == is_narrow);
  return is_split && whole.test.arg.width > target::kNarrowBits ? &whole.test : nullptr;
}

// `== 0`, `!= 0`
bool is_zero(const sema::Test& test) {
  return !is_ordered(test.op) && test.holes.empty() &&
         std::ranges::all_of(test.values, [](const sema::ValueRange& one) { return one.first == 0 && one.last == 0; });
}

std::string in_parentheses(std::string text) { return text.find(" | ") == std::string::npos ? text : "(" + text + ")"; }

std::string mask_text(const std::optional<target::Arg>& arg, target::Abi abi, const sema::Test& test) {
  const uint64_t width = ones(test.arg.width);
  const uint64_t mask = test.mask & width;
  const uint64_t rest = ~mask & width;
  if (arg && has_names(*arg, abi, mask)) {
    const bool is_flags = arg->type.valid() && target::arg_type(arg->type).kind == target::TypeKind::flags;
    const bool bit_by_bit = is_flags && is_zero(test);  // SB3052: O_TMPFILE is two
    return in_parentheses(bit_by_bit ? describe::bits_text(*arg, abi, mask) : describe::value_text(*arg, abi, mask));
  }
  if (arg && has_names(*arg, abi, rest) && std::popcount(rest) < std::popcount(mask)) {
    return "~" + in_parentheses(describe::value_text(*arg, abi, rest));
  }
  return fmt::format("{:#x}", mask);
}

// The calls behind socketcall and ipc.
std::map<std::pair<uint32_t, uint64_t>, std::string_view> sub_calls_of(target::Abi abi) {
  std::map<std::pair<uint32_t, uint64_t>, std::string_view> result;
  for (uint32_t i = 0; i < target::call_count(); ++i) {
    const auto behind = target::sub_call(target::CallId(i), abi);
    const auto nr = behind ? target::call_number(behind->multiplexer, abi) : std::nullopt;
    if (nr) result.emplace(std::pair(*nr, uint64_t{behind->selector}), target::call_name(target::CallId(i)));
  }
  return result;
}

}  // namespace

Words::Words(const sema::Module& module, const sema::Policy& policy, const sema::AbiPolicy& abi)
    : module_(module),
      policy_(policy),
      abi_(abi),
      workshop_(scratch_),
      conditions_(abi, scratch_.conds),
      sub_calls_(sub_calls_of(abi.abi)) {
  count_mentions();
}

std::string Words::verdict(target::Verdict verdict) const { return describe::verdict_text(verdict, abi_.abi); }

std::string Words::call(uint32_t nr) const {
  for (const sema::DeclaredNumber& declared : abi_.declared) {
    if (declared.nr == nr) return declared.name;
  }
  const auto known = target::call_at(abi_.abi, nr);
  return known ? std::string(target::call_name(*known)) : std::string();
}

// The name that is reached through the multiplexer: the condition selects it by its number.
std::string Words::sub_call(const sema::Target& target) const {
  const Condition& condition = abi_.conditions[target.when.value];
  const Condition* selects = &condition;
  if (condition.kind == Condition::Kind::all) selects = &abi_.conditions[condition.operands.front().value];
  if (selects->kind != Condition::Kind::test || selects->test.values.empty()) return {};
  const auto found = sub_calls_.find({target.nr, static_cast<uint64_t>(selects->test.values.front().first)});
  return found == sub_calls_.end() ? std::string() : std::string(found->second);
}

bool Words::is_hidden(uint32_t nr) const {
  const auto known = target::call_at(abi_.abi, nr);
  if (!known || !target::info(policy_.otherwise.action).may_run) return false;
  return std::any_of(policy_.abis.begin(), policy_.abis.end(),
                     [&](const sema::AbiPolicy& other) { return target::sub_call(*known, other.abi).has_value(); });
}

void Words::count_mentions() {
  const auto count = [&](const std::vector<sema::Target>& targets) {
    for (const sema::Target& target : targets) ++mentions_[target.nr];
  };
  for (const sema::Scope& scope : abi_.scopes) {
    for (const sema::Rule& rule : scope.rules) count(rule.targets);
    for (const sema::Require& require : scope.requires_) count(require.targets);
    for (const sema::Fallback& fallback : scope.fallbacks) {
      count(fallback.sub_calls);
      for (const uint32_t nr : fallback.calls) ++mentions_[nr];
    }
  }
}

// Conditions that have come to nothing, as a parameter that is `true`: they have kept the multiplexer out.
bool Words::leaves_sub_call(const std::vector<sema::Target>& list, const sema::Target& target) const {
  const auto known = target::call_at(abi_.abi, target.nr);
  const auto behind = known ? target::sub_call(*known, abi_.abi) : std::nullopt;
  return behind && std::none_of(list.begin(), list.end(), [&](const sema::Target& other) {
           return other.sub_call && sub_call(other) == target::call_name(*known);
         });
}

std::string Words::targets(const std::vector<sema::Target>& list, bool prune) { return written(list, prune, false); }

std::string Words::written(const std::vector<sema::Target>& list, bool prune, bool is_except) {
  std::vector<std::string> texts, names;
  for (const sema::Target& target : list) {
    if (target.sub_call) continue;
    names.push_back(call(target.nr));
    if (prune && conditions_(target.when) == scratch_.conds.never()) continue;
    const bool is_always =
        is_except ? target.when == sema::kAlways : conditions_(target.when) == scratch_.conds.always();
    const bool is_plain = is_always && (is_except || !leaves_sub_call(list, target));
    const std::string when = is_plain ? "" : "(" + condition(target.when, target.nr) + ")";
    const bool as_group = !when.empty() && is_hidden(target.nr);
    if (as_group) groups_.insert(names.back());
    texts.push_back((as_group ? "@only_" : "") + names.back() + when);
  }
  for (const sema::Target& target : list) {  // those that are made so only come back by their own name
    const std::string name = target.sub_call ? sub_call(target) : std::string();
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) texts.push_back(name);
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string Words::calls(const sema::Fallback& fallback) {
  std::vector<sema::Target> all = fallback.sub_calls;
  for (const uint32_t nr : fallback.calls) all.push_back({nr, sema::kAlways, false});
  return targets(all, false);
}

// Whether a parameter's value has left the target no call, and no trace of it is left where only it speaks of the
// number. Beside other statements the conditions stay, in the form that they have.
bool Words::is_emptied(const sema::Target& target) {
  if (conditions_(target.when) == scratch_.conds.never()) return true;
  const auto mentioned = mentions_.find(target.nr);
  if (mentioned == mentions_.end() || mentioned->second > 1) return false;
  bool is_empty = false;
  workshop_.part([&] { is_empty = workshop_.diagrams(conditions_(target.when)) == scratch_.diagram.no(); });
  return is_empty;
}

std::vector<sema::Target> Words::left_of(const sema::Rule& rule) {
  const auto takes_whole = [&](const sema::Target& out, const sema::Target& target) {
    if (out.nr != target.nr || out.sub_call != target.sub_call) return false;
    return out.sub_call ? sub_call(out) == sub_call(target) : out.when == sema::kAlways;
  };
  std::vector<sema::Target> left;
  for (const sema::Target& target : rule.targets) {
    const bool taken = std::any_of(rule.except.begin(), rule.except.end(),
                                   [&](const sema::Target& out) { return takes_whole(out, target); });
    if (!taken && (rule.otherwise || !is_emptied(target))) left.push_back(target);
  }
  return left;
}

std::string Words::speaks_of(const sema::Rule& rule) {
  const std::vector<sema::Target> left = left_of(rule);
  Spoken spoken;
  add(left, spoken);
  std::string named = targets(left, !rule.otherwise);
  if (named.empty()) return named;
  // Before `else`, which answers what a condition leaves of a call behind a multiplexer, too, an `except` that takes
  // the multiplexer takes that: it was named beside it, and all of it is taken. One with a condition takes a part.
  for (const sema::Target& out : rule.except) {
    if (out.sub_call || out.when != sema::kAlways || !rule.otherwise || !target::is_multiplexer(call(out.nr)) ||
        spoken.whole.contains(out.nr))
      continue;
    spoken.whole.insert(out.nr);
    spoken.numbers.insert(out.nr);
    named = call(out.nr) + ", " + named;
  }
  return named + except(rule.except, spoken);
}

void Words::add(const std::vector<sema::Target>& targets, Spoken& spoken) const {
  for (const sema::Target& target : targets) {
    spoken.numbers.insert(target.nr);
    if (target.sub_call)
      spoken.sub_calls.insert(sub_call(target));
    else
      spoken.whole.insert(target.nr);
  }
}

sema::Fallback Words::without_else(sema::Fallback fallback, const sema::Scope& scope) {
  for (const sema::Rule& rule : scope.rules) {
    if (rule.place != fallback.place || !rule.otherwise) continue;
    std::set<std::string> written;
    for (const sema::Target& target : left_of(rule)) {
      if (!target.sub_call) written.insert(call(target.nr));
    }
    std::erase_if(fallback.sub_calls, [&](const sema::Target& target) { return written.contains(sub_call(target)); });
  }
  return fallback;
}

std::string Words::except(const std::vector<sema::Target>& list, const Spoken& spoken) {
  std::vector<sema::Target> kept;
  for (const sema::Target& target : list) {
    const bool is_named =
        target.sub_call && (spoken.whole.contains(target.nr) || spoken.sub_calls.contains(sub_call(target)));
    if (is_named || (!target.sub_call && spoken.numbers.contains(target.nr))) kept.push_back(target);
  }
  const std::string text = written(kept, true, true);
  return text.empty() ? text : " except " + text;
}

std::string Words::guarded(sema::CondId guard, std::string text) {
  const Condition& condition = abi_.conditions[guard.value];
  switch (condition.kind) {
    case Condition::Kind::flag: return fmt::format("if ({}) {{ {} }}", hole(condition.flag), text);
    case Condition::Kind::negation: {
      const Condition& inner = abi_.conditions[condition.operands.front().value];
      return fmt::format("if ({}) {{ }} else {{ {} }}", hole(inner.flag), text);
    }
    case Condition::Kind::all:
      for (const sema::CondId operand : condition.operands) text = guarded(operand, std::move(text));
      return text;
    case Condition::Kind::always:
    case Condition::Kind::never:
    case Condition::Kind::test:
    case Condition::Kind::any: break;
  }
  return text;
}

// Conditions nest as deep as the source does: limits::kExprDepth.
std::string Words::condition(sema::CondId id, uint32_t nr) {
  // Of masks and values that came from parameters, too, which are errors where they are written.
  if (conditions_(id) == scratch_.conds.never()) return std::string(kNever);
  if (conditions_(id) == scratch_.conds.always()) return std::string(kAlways);
  id = essence(id);
  const Condition& condition = abi_.conditions[id.value];
  switch (condition.kind) {
    case Condition::Kind::always: return std::string(kAlways);
    case Condition::Kind::never: return std::string(kNever);
    case Condition::Kind::flag: return hole(condition.flag);
    case Condition::Kind::negation: return "!(" + this->condition(condition.operands.front(), nr) + ")";
    case Condition::Kind::all: return joined(condition, nr);
    case Condition::Kind::any: {
      const sema::Test* whole = written_whole(abi_.conditions, condition);
      return whole != nullptr ? test(*whole, nr) : joined(condition, nr);
    }
    case Condition::Kind::test: break;
  }
  return test(condition.test, nr);
}

// Whether the tests of a conjunction exclude each other. Written side by side that is an error, unless parameters have
// brought them together.
bool Words::is_contradiction(const Condition& all) {
  std::vector<ir::CondId> operands;
  for (const sema::CondId operand : all.operands) operands.push_back(conditions_(operand));
  const ir::CondId together = scratch_.conds.all(std::move(operands));
  bool is_empty = false;
  workshop_.part([&] { is_empty = workshop_.diagrams(together) == scratch_.diagram.no(); });
  return is_empty;
}

bool Words::is_list(const Condition& condition) const {
  if (condition.kind == Condition::Kind::all) return true;
  return condition.kind == Condition::Kind::any && written_whole(abi_.conditions, condition) == nullptr;
}

// Whether the test fixes the command of a call whose other arguments depend on it.
bool Words::is_command(sema::CondId id, uint32_t nr) const {
  const Condition& condition = abi_.conditions[id.value];
  const auto known = target::call_at(abi_.abi, nr);
  const std::string_view selector = known ? target::selector_of(*known) : std::string_view();
  if (condition.kind != Condition::Kind::test || selector.empty()) return false;
  const auto arg = argument(condition.test.arg, nr);
  return arg && arg->name == selector &&
         (condition.test.op == sema::Compare::eq || condition.test.op == sema::Compare::in);
}

// A list of which values have left one condition is that condition.
sema::CondId Words::essence(sema::CondId id) {
  for (;;) {
    const Condition& list = abi_.conditions[id.value];
    if (!is_list(list)) return id;
    std::vector<sema::CondId> operands;
    const ir::CondId nothing = list.kind == Condition::Kind::any ? scratch_.conds.never() : scratch_.conds.always();
    std::copy_if(list.operands.begin(), list.operands.end(), std::back_inserter(operands),
                 [&](sema::CondId operand) { return conditions_(operand) != nothing; });
    if (operands.size() != 1) return id;
    id = operands.front();
  }
}

// The operands as a text of them is read: inner lists of the same kind are part of the list, and what always holds, or
// never, is no part of it.
void Words::add_operands(const Condition& list, std::vector<sema::CondId>& out) {
  const bool is_any = list.kind == Condition::Kind::any;
  const ir::CondId nothing = is_any ? scratch_.conds.never() : scratch_.conds.always();
  for (sema::CondId operand : list.operands) {
    if (conditions_(operand) == nothing) continue;
    operand = essence(operand);
    const Condition& inner = abi_.conditions[operand.value];
    if (inner.kind == list.kind && is_list(inner)) {
      add_operands(inner, out);
    } else {
      out.push_back(operand);
    }
  }
}

std::string Words::joined(const Condition& condition, uint32_t nr) {
  const bool is_any = condition.kind == Condition::Kind::any;
  // `fd == 2 && (fd has 1 || false)` is the same condition to every later stage, and says what the values were.
  const bool hides = !is_any && is_contradiction(condition);
  std::vector<sema::CondId> operands;
  add_operands(condition, operands);
  // One may stay as it is: the command that says what the others mean.
  const auto command =
      std::find_if(operands.begin(), operands.end(), [&](sema::CondId operand) { return is_command(operand, nr); });
  const auto shown = command == operands.end() ? operands.begin() : command;
  std::vector<std::string> texts;
  for (auto operand = operands.begin(); operand != operands.end(); ++operand) {
    const std::string text = this->condition(*operand, nr);
    const Condition& inner = abi_.conditions[operand->value];
    const std::string alone = is_list(inner) ? "(" + text + ")" : text;
    const bool is_hidden = hides && operand != shown && !is_list(inner);
    texts.push_back(is_hidden ? fmt::format("({} || {})", alone, kNever) : alone);
  }
  return fmt::format("{}", fmt::join(texts, is_any ? " || " : " && "));
}

std::optional<target::Arg> Words::argument(const sema::ArgRef& ref, uint32_t nr) const {
  const auto known = target::call_at(abi_.abi, nr);
  const auto args =
      known && ref.kind == sema::ArgRef::Kind::argument ? target::call_args(*known, abi_.abi) : std::nullopt;
  if (!args) return std::nullopt;
  for (const target::Arg& arg : *args) {
    if (arg.slots.low == ref.slots.low && arg.slots.high == ref.slots.high) return arg;
  }
  return std::nullopt;
}

// A declared call's arguments stand in their order, a register each.
std::string Words::declared_argument(const sema::ArgRef& ref, uint32_t nr) const {
  for (const sema::LoadedFile& file : module_.files) {
    for (const ast::Item& item : file.ast.items) {
      const auto* declared = std::get_if<ast::SyscallDecl>(&item.node);
      if (declared == nullptr || declared->name.text != call(nr)) continue;
      if (ref.slots.low < declared->formals.size()) return std::string(declared->formals[ref.slots.low].name.text);
    }
  }
  return {};
}

const std::string& Words::hole(sema::HoleId id) {
  holes_.insert(id.value);
  return policy_.holes[id.value].name;
}

std::string Words::test(const sema::Test& test, uint32_t nr) {
  const sema::ArgRef& ref = test.arg;
  const auto arg = argument(ref, nr);
  const auto known = target::call_at(abi_.abi, nr);
  // Where a command in the same condition may give the argument another type, its own type's names need not fit.
  const std::string_view selector = known ? target::selector_of(*known) : std::string_view();
  const bool is_dependent = arg && !selector.empty() && arg->name != selector;
  const bool is_typed = arg && !is_dependent && arg->width == ref.width && arg->is_signed == ref.is_signed;
  const uint64_t width = ones(ref.width);
  const uint64_t mask = test.mask & width;
  std::string subject = fmt::format("${}", ref.slots.low);
  if (ref.kind == sema::ArgRef::Kind::instruction_pointer) subject = "ip";
  if (ref.kind == sema::ArgRef::Kind::argument) {
    const std::string declared = arg ? std::string(arg->name) : declared_argument(ref, nr);
    if (!declared.empty()) subject = declared;
  }
  if (mask != width) subject += " & " + mask_text(is_typed ? arg : std::nullopt, abi_.abi, test);
  const auto value = [&](sema::Int one) {
    const bool by_name = is_typed && !is_ordered(test.op) && (one != 0 || mask == width) &&
                         keeps_fields(*arg, abi_.abi, mask, static_cast<uint64_t>(one));
    if (test.of_pointer) return std::string("NULL");
    return by_name ? describe::value_text(*arg, abi_.abi, static_cast<uint64_t>(one)) : number(one);
  };
  const bool is_set = test.op == sema::Compare::in || test.op == sema::Compare::not_in;
  std::vector<std::string> values;
  for (const sema::ValueRange& range : test.values) {
    const bool is_outside = range.first == range.last && (static_cast<uint64_t>(range.first) & width & ~mask) != 0;
    if (is_set && is_outside) continue;  // a parameter's: no value under the mask is it
    values.push_back(range.first == range.last ? value(range.first) : number(range.first) + ".." + number(range.last));
  }
  for (const sema::HoleId id : test.holes) values.push_back(hole(id));
  if (!is_set) return fmt::format("{} {} {}", subject, sema::spelling(test.op), values.front());
  return fmt::format("{} {} {{ {} }}", subject, sema::spelling(test.op), fmt::join(values, ", "));
}

}  // namespace sbpc::expand
