// conditions.cpp: alternatives of conjunctions. Ways through the diagram argument by argument, then everything needless
// taken out: a comparison without which the case still says nothing wrong, a case that the others cover.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/limits.h"
#include "describe/comparisons.h"
#include "describe/describe.h"
#include "describe/names.h"
#include "describe/number_set.h"
#include "describe/parameters.h"
#include "describe/words.h"
#include "ir/copy.h"

namespace sbpc::describe {
namespace {

using ir::Diagram;
using ir::Ref;

constexpr size_t kMostWays = 64;   // out of one argument's words
constexpr size_t kSpareCases = 4;  // times Limits::cases: many of them turn out to be needless

// One argument's part of a case, or one run-time parameter's.
struct Literal {
  size_t group;  // or kParameter
  Ref where;
};
constexpr size_t kParameter = ~size_t{0};
using Term = std::vector<Literal>;

class Writer {
 public:
  Writer(Diagram& diagram, const Frame& frame, const Limits& limits)
      : diagram_(diagram), frame_(frame), limits_(limits) {}
  Conditions run(Ref where);

 private:
  bool collect(Ref at, Term& so_far);
  void drop_literals(Ref where);
  void join_cases();
  void drop_cases();
  [[nodiscard]] Ref meaning(const Term& term, size_t without = kParameter);
  [[nodiscard]] std::optional<Said> literal_text(const Term& term, const Literal& literal);
  [[nodiscard]] std::optional<Ref> own_bits_of(Ref number, uint8_t width);
  [[nodiscard]] std::optional<Said> argument_text(const Subject& subject, const Group& group, Ref number);
  [[nodiscard]] Said parameter_text(const Term& term, Ref where) const;
  [[nodiscard]] Subject subject_in(const Term& term, const Group& group);
  [[nodiscard]] std::optional<std::vector<NumberRange>> selected(const Term& term);
  [[nodiscard]] std::vector<target::Command> commands_in(const Term& term);
  [[nodiscard]] bool leaves_commands();
  [[nodiscard]] bool leaves_narrow_command(const Term& term, const Subject& subject);
  [[nodiscard]] std::optional<Ref> joined(const Literal& a, const Literal& b);

  Diagram& diagram_;
  const Frame& frame_;
  const Limits& limits_;
  std::vector<Group> groups_;
  std::vector<Term> terms_;
};

// ---- ways through the diagram ----

bool Writer::collect(Ref at, Term& so_far) {
  if (!at.valid()) return false;
  if (diagram_.is_terminal(at)) {
    if (diagram_.payload(at) == Diagram::kYes) terms_.push_back(so_far);
    return terms_.size() <= limits_.cases * kSpareCases;
  }
  const Diagram::Branch branch = diagram_.branch(at);
  if (branch.is_opaque) {
    const Diagram::Opaque opaque = diagram_.opaques()[branch.opaque_id];
    const Ref set = diagram_.opaque(opaque.word, opaque.id, opaque.high, opaque.mask);
    for (bool holds : {true, false}) {
      so_far.push_back({kParameter, holds ? set : diagram_.negate(set)});
      const bool fine = collect(holds ? branch.one : branch.zero, so_far);
      so_far.pop_back();
      if (!fine) return false;
    }
    return true;
  }
  const auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) { return g.has(branch.word); });
  CHECK(group != groups_.end());
  const auto found = ways(diagram_, at, *group, kMostWays);
  if (!found) return false;
  for (const Way& way : *found) {
    if (way.rest == diagram_.no()) continue;
    so_far.push_back({static_cast<size_t>(group - groups_.begin()), way.where});
    const bool fine = collect(way.rest, so_far);
    so_far.pop_back();
    if (!fine) return false;
  }
  return true;
}

// ---- less ----

Ref Writer::meaning(const Term& term, size_t without) {
  Ref all = diagram_.yes();
  for (size_t i = term.size(); i-- > 0;) {
    if (i != without) all = diagram_.conjunction(term[i].where, all);
  }
  return all;
}

void Writer::drop_literals(Ref where) {
  const Ref outside = diagram_.negate(where);
  for (Term& term : terms_) {
    for (size_t i = 0; i < term.size();) {
      const Ref wider = meaning(term, i);
      if (diagram_.conjunction(wider, outside) == diagram_.no()) {
        term.erase(term.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
  }
}

// Where one of two literals of one argument holds, as a literal; parameters are joined only where words say it.
std::optional<Ref> Writer::joined(const Literal& a, const Literal& b) {
  return a.group == kParameter ? other_value(diagram_, a.where, b.where, frame_.args)
                               : diagram_.disjunction(a.where, b.where);
}

// Cases that differ in one argument only become one.
void Writer::join_cases() {
  const auto only_difference = [](const Term& a, const Term& b) -> std::optional<size_t> {
    if (a.size() != b.size()) return std::nullopt;
    std::optional<size_t> found;
    for (size_t i = 0; i < a.size(); ++i) {
      if (a[i].group != b[i].group) return std::nullopt;
      if (a[i].where == b[i].where) continue;
      if (found) return std::nullopt;
      found = i;
    }
    return found;
  };
  for (size_t i = 0; i < terms_.size(); ++i) {
    for (size_t j = i + 1; j < terms_.size();) {
      const auto at = only_difference(terms_[i], terms_[j]);
      const auto both = at ? joined(terms_[i][*at], terms_[j][*at]) : std::nullopt;
      if (!both) {
        ++j;
        continue;
      }
      terms_[i][*at].where = *both;
      terms_.erase(terms_.begin() + static_cast<std::ptrdiff_t>(j));
      j = i + 1;
    }
  }
}

void Writer::drop_cases() {
  for (size_t i = terms_.size(); i-- > 0 && terms_.size() > 1;) {
    Ref others = diagram_.no();
    for (size_t j = 0; j < terms_.size(); ++j) {
      if (j != i) others = diagram_.disjunction(others, meaning(terms_[j]));
    }
    if (diagram_.conjunction(meaning(terms_[i]), diagram_.negate(others)) == diagram_.no()) {
      terms_.erase(terms_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

// ---- words ----

// The case's values of the call's selector (fcntl's cmd), where it has one; nullopt if it leaves them open or they are
// too many.
std::optional<std::vector<NumberRange>> Writer::selected(const Term& term) {
  constexpr size_t kMostRanges = 64;
  if (!frame_.call) return std::nullopt;
  const std::string_view selector = target::selector_of(*frame_.call);
  for (const Literal& literal : term) {
    if (selector.empty() || literal.group == kParameter || groups_[literal.group].subject.name != selector) continue;
    const Group& group = groups_[literal.group];
    const Ref number = as_number(diagram_, literal.where, group);
    const auto own = number.valid() ? own_bits_of(number, group.subject.arg.width) : std::nullopt;
    return own && own->valid() ? ranges(diagram_, *own, group.subject.arg.width, kMostRanges) : std::nullopt;
  }
  return std::nullopt;
}

// The same as commands; empty if they are too many.
std::vector<target::Command> Writer::commands_in(const Term& term) {
  constexpr size_t kMostCommands = 256;  // as sema/commands.cpp
  const auto found = selected(term);
  if (!found || found->size() > kMostCommands) return {};
  const auto selector = target::find_arg(*frame_.call, frame_.abi, target::selector_of(*frame_.call));
  if (!selector) return {};
  const uint64_t bits = target::command_bits(*frame_.call, frame_.abi, selector->width);
  std::vector<target::Command> commands;
  for (const NumberRange& range : *found) {
    if (range.last - range.first >= kMostCommands - commands.size()) return {};
    for (uint64_t over = 0; over <= range.last - range.first; ++over) {
      const uint64_t number = range.first + over;
      const auto constant = target::find_constant(value_text(*selector, frame_.abi, number));
      commands.push_back({constant.value_or(target::ConstantId{}), number & bits, bits});
    }
  }
  return commands;
}

// Whether the case leaves a command with which the kernel reads less than the argument's bits.
bool Writer::leaves_narrow_command(const Term& term, const Subject& subject) {
  if (!frame_.call || subject.is_raw) return false;
  const auto narrow = target::narrow_commands(*frame_.call, frame_.abi, subject.arg);
  if (narrow.empty()) return false;
  const auto found = selected(term);
  if (!found) return true;
  const uint64_t bits = target::command_bits(*frame_.call, frame_.abi, 32);
  return std::any_of(narrow.begin(), narrow.end(), [&](const target::CommandArg& row) {
    const auto value = static_cast<uint32_t>(*target::constant_value(row.command, frame_.abi));
    return std::any_of(found->begin(), found->end(), [&](NumberRange range) {
      const bool is_one = range.first == range.last;
      if (bits != mask_of(32)) return !is_one || (range.first & bits) == value;  // flags in the selector's word
      return range.first <= value && value <= range.last;
    });
  });
}

// Whether some case is about the selector alone, and leaves few values of it to the others.
bool Writer::leaves_commands() {
  constexpr size_t kFewRanges = 64;
  constexpr uint64_t kFewValues = 256;
  return std::any_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    if (term.size() != 1 || term[0].group == kParameter) return false;
    const Group& group = groups_[term[0].group];
    if (group.subject.name != target::selector_of(*frame_.call)) return false;
    const Ref number = as_number(diagram_, diagram_.negate(term[0].where), group);
    const uint8_t width = group.subject.arg.width;
    if (!number.valid() || (support(diagram_, number) & ~mask_of(width)) != 0) return true;
    const auto left = ranges(diagram_, number, width, kFewRanges);
    return left && std::all_of(left->begin(), left->end(),
                               [](NumberRange range) { return range.last - range.first < kFewValues; });
  });
}

// The argument with the type that the case's commands give it.
Subject Writer::subject_in(const Term& term, const Group& group) {
  Subject subject = group.subject;
  if (subject.is_raw || !frame_.call) return subject;
  const auto shared = target::shared_meaning(*frame_.call, frame_.abi, commands_in(term), subject.arg);
  if (shared.type) {
    const target::ArgType& type = target::arg_type(*shared.type);
    subject.arg.type = *shared.type;
    subject.arg.is_pointer = type.kind == target::TypeKind::pointer;
    subject.arg.is_signed = type.is_signed || type.kind == target::TypeKind::fd || type.kind == target::TypeKind::pid;
  }
  if (shared.width) subject.arg.width = *shared.width;
  // `domain != AF_NETLINK || protocol != 0`: the case beside decides whose constants they are; numbers are everybody's.
  const bool depends = !subject.arg.is_pointer && !target::command_args(*frame_.call, subject.name).empty();
  if (!shared.type && depends && leaves_commands()) subject.arg.type = {};
  return subject;
}

// What a test asks of the lower bits. nullopt: it looks at the others, too, and asks more than that they be 0; a test
// of the whole register that asks just that says the rest by name.
std::optional<Ref> Writer::own_bits_of(Ref number, uint8_t width) {
  const uint64_t own = mask_of(width);
  if ((support(diagram_, number) & ~own) == 0) return number;
  const Cube shared = common_bits(diagram_, number);
  if ((shared.mask & ~own) != ~own || (shared.value & ~own) != 0) return std::nullopt;
  return given(diagram_, number, {~own, 0});
}

std::optional<Said> Writer::argument_text(const Subject& subject, const Group& group, Ref number) {
  const uint64_t own = mask_of(subject.arg.width);
  const uint64_t bits = support(diagram_, number);
  if ((bits & ~own) == 0) return say(diagram_, number, subject, limits_);
  if (subject.is_raw || !group.one_slot) return std::nullopt;  // bits of a register that this ABI does not have
  const auto low = own_bits_of(number, subject.arg.width);
  if (!low) return std::nullopt;
  auto said = *low == diagram_.yes() ? Said{} : say(diagram_, *low, subject, limits_);
  if (said) said->comparisons.push_back(fmt::format("${} <= {:#x}", group.slot, own));
  return said;
}

Said Writer::parameter_text(const Term& term, Ref where) const {
  std::vector<Ref> beside;
  for (const Literal& literal : term) {
    const bool is_other = literal.group == kParameter && literal.where != where;
    if (is_other && literal.where.valid()) beside.push_back(literal.where);
  }
  return describe::parameter_text(diagram_, frame_, beside, where);
}

std::optional<Said> Writer::literal_text(const Term& term, const Literal& literal) {
  if (!literal.where.valid()) return std::nullopt;
  if (literal.group == kParameter) return parameter_text(term, literal.where);
  const Group& group = groups_[literal.group];
  const Ref number = as_number(diagram_, literal.where, group);
  if (!number.valid()) return std::nullopt;
  const Subject subject = subject_in(term, group);
  // Where the policy's comparison would look at fewer bits than the program does, the register is named.
  const bool is_wider = subject.arg.width > target::kNarrowBits &&
                        support(diagram_, number) >> target::kNarrowBits != 0 && leaves_narrow_command(term, subject);
  if (!is_wider) {
    if (auto said = argument_text(subject, group, number)) return said;
  }
  if (!group.one_slot) return std::nullopt;
  return argument_text(raw_subject(group, frame_.abi), group, number);
}

Conditions Writer::run(Ref where) {
  const Conditions nothing{{}, false};
  if (!where.valid()) return nothing;
  auto groups = groups_of(diagram_, where, frame_);
  if (!groups) return nothing;
  groups_ = std::move(*groups);
  Term so_far;
  if (!collect(where, so_far)) return nothing;
  drop_literals(where);
  join_cases();
  drop_cases();
  Conditions found;
  for (const Term& term : terms_) {
    Case texts;
    for (const Literal& literal : term) {
      const auto said = literal_text(term, literal);
      if (!said || (!said->exact && !limits_.elide)) return nothing;
      found.exact = found.exact && said->exact;
      texts.insert(texts.end(), said->comparisons.begin(), said->comparisons.end());
    }
    if (found.cases.size() == limits_.cases) {
      if (!limits_.elide) return nothing;
      found.exact = false;
      break;
    }
    found.cases.push_back(std::move(texts));
  }
  return found;
}

}  // namespace

Conditions conditions(Diagram& diagram, Ref where, const Frame& frame, Limits limits) {
  if (diagram.order() != ir::kNaturalOrder) {  // arguments are read one after the other
    Diagram natural(limits::kFunctionDiagramNodes);
    const Ref same = ir::copy(diagram, where, natural);
    return same.valid() ? conditions(natural, same, frame, limits) : Conditions{{}, false};
  }
  diagram.begin_part(limits::kFunctionDiagramNodes);
  Conditions found = Writer(diagram, frame, limits).run(where);
  diagram.drop_part();
  return found;
}

std::string text(const Conditions& conditions) {
  std::vector<std::string> texts;
  const bool alone = conditions.cases.size() == 1 && conditions.exact;
  for (const Case& one : conditions.cases) texts.push_back(fmt::format("{}", fmt::join(one, alone ? ", " : " && ")));
  if (!conditions.exact) texts.emplace_back("...");
  return fmt::format("{}", fmt::join(texts, " || "));
}

std::vector<Answer> answers(Diagram& diagram, Ref function, const Frame& frame, Limits limits) {
  std::vector<Answer> found;
  std::vector<uint32_t> words = diagram.payloads(function);
  std::stable_sort(words.begin(), words.end(),
                   [](uint32_t a, uint32_t b) { return target::decode(a) < target::decode(b); });
  for (uint32_t word : words) {
    diagram.begin_part(limits::kFunctionDiagramNodes);
    const Ref where =
        diagram.map(function, [word](uint32_t payload) { return payload == word ? Diagram::kYes : Diagram::kNo; });
    found.push_back({word, conditions(diagram, where, frame, limits)});
    diagram.drop_part();
  }
  return found;
}

}  // namespace sbpc::describe
