// one_value.cpp: a denial of one value of a word of flags, and the same value with another flag in it runs.
//
//   errno(EPERM) socket(type == SOCK_RAW);      `socket(type == SOCK_RAW | SOCK_CLOEXEC)` runs
// Tests are looked for as written: `==` and `in` where a statement denies, `!=` and `!in` where it allows or requires.
// Whether the value is denied, and whether it runs with one more flag, is asked of the closed answers, under what
// stands beside the test. An allow with `==` is strict: nothing is said. Tested by test/diag/OneValueDenied*.sb.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "describe/names.h"
#include "diag/kinds/lints.def"
#include "lint/denied_tests.h"
#include "lint/questions.h"

namespace sbpc::lint {
namespace {

using sema::Compare;

constexpr size_t kMostValues = 32;  // of one test

bool is_negative(Compare op) { return op == Compare::ne || op == Compare::not_in; }

bool names_values(const sema::Test& test, bool denies) {
  const bool is_positive = test.op == Compare::eq || test.op == Compare::in;
  const uint64_t word = describe::mask_of(test.arg.width);
  const auto is_single = [](const sema::ValueRange& range) { return range.first == range.last; };
  return (denies ? is_positive : is_negative(test.op)) && test.arg.kind == sema::ArgRef::Kind::argument &&
         (test.mask & word) == word && test.holes.empty() && !test.values.empty() &&
         test.values.size() <= kMostValues && std::ranges::all_of(test.values, is_single);
}

uint64_t bits_of(const sema::ValueRange& single, const target::Arg& arg) {
  return static_cast<uint64_t>(single.first) & describe::mask_of(arg.width);
}

class FlagFinder {
 public:
  FlagFinder(Answers& answers, Findings& findings) : answers_(answers), findings_(findings) {}

  void ask(const DeniedTest& denial) {
    if (!names_values(denial.test, denial.fulfilled)) return;
    const auto call = target::call_at(answers_.abi(), denial.nr);
    if (!call || answers_.is_meant(*call, true)) return;
    const auto args = target::call_args(*call, answers_.abi());
    const auto arg = args ? word_of_flags(*args, denial.test.arg) : std::nullopt;
    if (!arg && (!args || !may_be_flags(*call, *args, denial.test.arg))) return;
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

 private:
  // Whether some command makes flags of the argument.
  [[nodiscard]] bool may_be_flags(target::CallId call, const std::vector<target::Arg>& args, const sema::ArgRef& ref) {
    const auto [known, is_new] = may_be_flags_.try_emplace({call, ref.slots.low}, false);
    if (!is_new) return known->second;
    for (const target::Arg& arg : args) {
      if (arg.slots.low != ref.slots.low) continue;
      known->second = std::ranges::any_of(target::command_args(call, arg.name), [](const target::CommandArg& row) {
        return row.meaning.type.valid() && target::arg_type(row.meaning.type).kind == target::TypeKind::flags;
      });
    }
    return known->second;
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

  [[nodiscard]] Answer answer(const DeniedTest& denial, std::vector<sema::ValueRange> values) {
    return answer_for_values(answers_, denial, ~uint64_t{0}, std::move(values));
  }

  void report(const DeniedTest& denial, const target::Arg& arg, const sema::ValueRange& value, const Witness& runs) {
    const target::Abi abi = answers_.abi();
    Finding finding = denied_test_finding(answers_, diag::kinds::OneValueDenied, denial, runs);
    finding.item = quoted(fmt::format("{} == {}", arg.name, describe::value_text(arg, abi, bits_of(value, arg))));
    finding.under = "this value alone is denied";
    finding.other_text = "lets it run with another flag";
    finding.note = std::string(door_note(finding.kind));
    if (!answers_.policy().places[denial.place.value].by_parameter)
      finding.rewritten = whole_test(denial.test, arg, abi);
    findings_.add(abi, std::move(finding));
  }

  Answers& answers_;
  Findings& findings_;
  std::map<std::pair<target::CallId, uint8_t>, bool> may_be_flags_;  // by the register
};

}  // namespace

void ask_one_value(Answers& answers, Findings& findings) {
  FlagFinder finder(answers, findings);
  each_denied_test(answers, [&](const DeniedTest& denial) { finder.ask(denial); });
}

}  // namespace sbpc::lint
