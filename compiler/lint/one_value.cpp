// one_value.cpp: a denial of one value, and what the kernel takes for the same runs: a word of flags with another flag
// in it, or a register with bits that the kernel does not read.
//
//   errno(EPERM) socket(type == SOCK_RAW);      `socket(type == SOCK_RAW | SOCK_CLOEXEC)` runs
//   errno(EPERM) ioctl($1 == TIOCSTI);          `ioctl($1 == 0x100005412)` runs; ioctl's request has 32 bits
// Tests are looked for as written: `==` and `in` where a statement denies, `!=` and `!in` where it allows or requires.
// Whether the value is denied, and whether it runs with one more flag, is asked of the closed answers, under what
// stands beside the test. An allow with `==` is strict: nothing is said. Tested by test/diag/OneValueDenied*.sb and
// RawValueDenied*.sb.
#include <fmt/format.h>

#include <algorithm>

#include "describe/names.h"
#include "diag/kinds/lints.def"
#include "lint/questions.h"
#include "lower/split64.h"

namespace sbpc::lint {
namespace {

using ir::CondId;
using sema::Compare;
using sema::Condition;

constexpr size_t kMostValues = 32;    // of one test
constexpr size_t kMostOperands = 64;  // that stand beside each other

// A test that denies the values which it names.
struct OneValue {
  sema::PlaceId place;
  uint32_t nr;
  const sema::Test& test;
  CondId beside;  // what else has to hold for the statement to deny
};

bool is_negative(Compare op) { return op == Compare::ne || op == Compare::not_in; }

bool names_values(const sema::Test& test, bool denies) {
  const bool is_positive = test.op == Compare::eq || test.op == Compare::in;
  const uint64_t word = describe::mask_of(test.arg.width);
  const auto is_single = [](const sema::ValueRange& range) { return range.first == range.last; };
  return (denies ? is_positive : is_negative(test.op)) && test.arg.kind != sema::ArgRef::Kind::instruction_pointer &&
         (test.mask & word) == word && test.holes.empty() && !test.values.empty() &&
         test.values.size() <= kMostValues && std::ranges::all_of(test.values, is_single);
}

uint64_t bits_of(const sema::ValueRange& single, const target::Arg& arg) {
  return static_cast<uint64_t>(single.first) & describe::mask_of(arg.width);
}

class Finder {
 public:
  Finder(Answers& answers, Findings& findings) : answers_(answers), findings_(findings), conds_(answers.conds()) {}

  void run() {
    for (const sema::Scope& scope : answers_.statements().scopes) {
      for (const sema::Rule& rule : scope.rules) look_at(rule);
      for (const sema::Require& require : scope.requires_) {
        if (target::info(require.otherwise.action).may_run) continue;
        for (const sema::Target& target : require.targets) walk_target(require.place, target, false, require.guard);
      }
      for (const sema::Use& use : scope.uses) {
        for (const sema::Target& out : use.except) walk_target(use.place, out, true, use.guard);
      }
    }
  }

 private:
  // Where a test stands: of which statement and call, and whether what fulfils the condition is denied.
  struct Walk {
    sema::PlaceId place;
    uint32_t nr;
    bool denies;
  };

  void look_at(const sema::Rule& rule) {
    const bool denies = !target::info(rule.verdict.action).may_run;
    for (const sema::Target& target : rule.targets) walk_target(rule.place, target, denies, rule.guard);
    if (denies) return;
    for (const sema::Target& out : rule.except) walk_target(rule.place, out, true, rule.guard);
  }

  void walk_target(sema::PlaceId place, const sema::Target& target, bool denies, sema::CondId guard) {
    if (!target.sub_call) walk({place, target.nr, denies}, target.when, answers_.condition(guard));
  }

  void walk(const Walk& where, sema::CondId id, CondId beside) {
    const Condition& condition = answers_.statements().conditions[id.value];
    switch (condition.kind) {
      case Condition::Kind::always:
      case Condition::Kind::never:
      case Condition::Kind::flag: return;
      case Condition::Kind::negation:
        walk({where.place, where.nr, !where.denies}, condition.operands.front(), beside);
        return;
      case Condition::Kind::all:
      case Condition::Kind::any: walk_operands(where, condition, beside); return;
      case Condition::Kind::test:
        if (!names_values(condition.test, where.denies)) return;
        if (condition.test.arg.kind == sema::ArgRef::Kind::raw) {
          ask_raw({where.place, where.nr, condition.test, beside});
        } else {
          ask({where.place, where.nr, condition.test, beside});
        }
        return;
    }
  }

  // One operand decides where all others of an `&&` hold, and where none of an `||` does.
  void walk_operands(const Walk& where, const Condition& condition, CondId beside) {
    if (condition.operands.size() > kMostOperands) return;
    for (const sema::CondId operand : condition.operands) {
      std::vector<CondId> all{beside};
      for (const sema::CondId other : condition.operands) {
        if (other == operand) continue;
        const CondId when = answers_.condition(other);
        all.push_back(condition.kind == Condition::Kind::all ? when : conds_.negation(when));
      }
      walk(where, operand, conds_.all(std::move(all)));
    }
  }

  void ask(const OneValue& denial) {
    const auto call = target::call_at(answers_.abi(), denial.nr);
    if (!call || answers_.is_meant(*call, true)) return;
    const auto args = target::call_args(*call, answers_.abi());
    const auto arg = args ? word_of_flags(*args, denial.test.arg) : std::nullopt;
    if (!arg && target::selector_of(*call).empty()) return;
    for (const sema::ValueRange& value : denial.test.values) {
      if (arg && more_flags(denial.test, *arg, value).empty()) continue;
      const Answer alone = answer(denial, {{value}});
      if (!alone.never_runs()) continue;
      const auto word = arg ? arg : word_by_command(*call, denial.test.arg, *alone.fails);
      const auto with_more = word ? more_flags(denial.test, *word, value) : std::vector<sema::ValueRange>();
      const Answer more = with_more.empty() ? Answer{} : answer(denial, with_more);
      if (!more.runs) continue;
      report(denial, *word, value, *more.runs);
      return;  // one value of a test is enough
    }
  }

  void ask_raw(const OneValue& denial) {
    const auto call = target::call_at(answers_.abi(), denial.nr);
    if (!call || answers_.is_meant(*call, true)) return;
    const auto args = target::call_args(*call, answers_.abi());
    if (!args) return;
    const auto arg = std::ranges::find_if(*args, [&](const target::Arg& one) {
      return one.slots.low == denial.test.arg.slots.low && !one.slots.high && one.width < denial.test.arg.width;
    });
    if (arg == args->end() || target::info(answers_.abi()).register_bits < denial.test.arg.width) return;
    for (const sema::ValueRange& value : denial.test.values) {
      const sema::Int unread = sema::Int{1} << arg->width;
      if (value.first < 0 || (value.first & unread) != 0) continue;
      const sema::Int more = value.first | unread;
      if (!answer(denial, {{value}}).never_runs()) continue;
      const Answer same = answer(denial, {{more, more}});
      if (!same.runs) continue;
      report_raw(denial, *arg, value, *same.runs);
      return;
    }
  }

  void report_raw(const OneValue& denial, const target::Arg& arg, const sema::ValueRange& value, const Witness& runs) {
    const uint64_t bits = bits_of(value, arg);
    Finding finding = found(diag::kinds::RawValueDenied, denial, runs);
    finding.item = quoted(fmt::format("${} == {:#x}", arg.slots.low, bits));
    finding.under = fmt::format("the kernel reads the lower {} bits, as `{}`", arg.width, arg.name);
    finding.other_text = "lets it run with another upper half";
    if (denial.test.values.size() == 1 && !place_of(denial).by_parameter)
      finding.rewritten =
          fmt::format("{} {} {}", arg.name,
                      is_negative(denial.test.op) ? "!=" : "==", describe::value_text(arg, answers_.abi(), bits));
    findings_.add(answers_.abi(), std::move(finding));
  }

  [[nodiscard]] static std::optional<target::Arg> word_of_flags(const std::vector<target::Arg>& args,
                                                                const sema::ArgRef& ref) {
    const auto arg = std::ranges::find_if(args, [&](const target::Arg& one) {
      return one.slots.low == ref.slots.low && one.width == ref.width && one.type.valid() &&
             target::arg_type(one.type).kind == target::TypeKind::flags;
    });
    return arg == args.end() ? std::nullopt : std::optional(*arg);
  }

  // `fcntl(cmd == F_SETFL, arg == O_NONBLOCK)`: flags by the command that the denied event has.
  [[nodiscard]] std::optional<target::Arg> word_by_command(target::CallId call, const sema::ArgRef& ref,
                                                           const Witness& denied) const {
    return word_of_flags(describe::args_in(call, answers_.abi(), denied.data, denied.tested), ref);
  }

  // The value with one more flag of its word each: none that the test names, too, and none of a field. A word without
  // any flag is not the start of others, unless that is a value with a name (O_RDONLY).
  [[nodiscard]] std::vector<sema::ValueRange> more_flags(const sema::Test& test, const target::Arg& arg,
                                                         const sema::ValueRange& single) const {
    const uint64_t value = bits_of(single, arg);
    uint64_t flags = 0;
    for (const std::string_view name : target::arg_type(arg.type).constants)
      flags |= static_cast<uint64_t>(constant_of(name, answers_.abi()).value_or(0));
    flags &= describe::mask_of(arg.width) & ~value;
    bool has_name = value != 0;
    for (const describe::FieldNames& field : describe::fields_of(arg, answers_.abi())) {
      flags &= ~field.mask;
      has_name =
          has_name || std::ranges::count(field.values, value, &std::pair<uint64_t, std::string_view>::first) != 0;
    }
    std::vector<sema::ValueRange> result;
    for (; has_name && flags != 0; flags &= flags - 1) {
      const auto more = static_cast<sema::Int>(value | (flags & (~flags + 1)));
      const bool is_named = std::ranges::any_of(test.values, [&](const sema::ValueRange& named) {
        return bits_of(named, arg) == static_cast<uint64_t>(more);
      });
      if (!is_named) result.push_back({more, more});
    }
    return result;
  }

  [[nodiscard]] Answer answer(const OneValue& denial, std::vector<sema::ValueRange> values) {
    sema::Test test{denial.test.arg, ~uint64_t{0}, Compare::in, std::move(values), {}, {}};
    const CondId when = conds_.all({denial.beside, lower::split(test, conds_)});
    return answers_.of_events(denial.nr, when).value_or(Answer{});
  }

  void report(const OneValue& denial, const target::Arg& arg, const sema::ValueRange& value, const Witness& runs) {
    const target::Abi abi = answers_.abi();
    Finding finding = found(diag::kinds::OneValueDenied, denial, runs);
    finding.item = quoted(fmt::format("{} == {}", arg.name, describe::value_text(arg, abi, bits_of(value, arg))));
    finding.under = "this value alone is denied";
    finding.other_text = "lets it run with another flag";
    if (!place_of(denial).by_parameter) finding.rewritten = whole_test(denial.test, arg, abi);
    findings_.add(abi, std::move(finding));
  }

  [[nodiscard]] const sema::Place& place_of(const OneValue& denial) const {
    return answers_.policy().places[denial.place.value];
  }

  // What both kinds say of a denial, and of the event that runs.
  [[nodiscard]] Finding found(diag::Kind kind, const OneValue& denial, const Witness& runs) {
    const sema::Place& place = place_of(denial);
    Finding finding{.kind = kind, .subject = quoted(answers_.text_of(runs))};
    finding.place = denial.test.span.valid() ? denial.test.span : place.span;
    finding.uses = place.uses;
    finding.other = answers_.decider(runs).span;
    finding.note = std::string(door_note(kind));
    finding.by_place = true;
    return finding;
  }

  Answers& answers_;
  Findings& findings_;
  ir::Conds& conds_;
};

}  // namespace

void ask_one_value(Answers& answers, Findings& findings) { Finder(answers, findings).run(); }

}  // namespace sbpc::lint
