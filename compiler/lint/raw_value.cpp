// raw_value.cpp: a denial that looks at a whole register, of which the kernel reads the lower part: the same part with
// another upper one runs.
//
//   errno(EPERM) ioctl($1 == TIOCSTI);                 `ioctl($1 == 0x100005412)` runs; ioctl's request has 32 bits
//   errno(EPERM) close($0 < 3);                        `close($0 == 0x100000000)` runs, which closes 0
//   errno(EPERM) fcntl(cmd == F_SETFL, $2 == 0o2000);  `$2 == 0x1_0000_0400` runs: with F_SETFL the kernel reads 32 bits
// Asked of values that C or libc would pass, with an upper part of zeroes or of the sign; a denial of other upper parts
// is about these alone. Registers whose upper part the kernel refuses are in lints.def. Tested by
// test/diag/RawValueDenied*.sb.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "describe/names.h"
#include "diag/kinds/lints.def"
#include "lint/denied_tests.h"
#include "lint/questions.h"
#include "lower/split64.h"

namespace sbpc::lint {
namespace {

using ir::CondId;
using sema::Compare;
using sema::Int;
using sema::ValueRange;

constexpr size_t kMostRanges = 32;  // of one test

struct WholeRegister {
  std::string_view call;
  std::string_view arg;
  std::string_view mask;
  std::string_view value;
};
constexpr WholeRegister kWholeRegisters[] = {
#define WHOLE_REGISTER(call, arg, mask, value) {call, arg, mask, value},
#include "lint/lints.def"
};

// Whether values that the test names, `==` or `in` a set, are denied.
bool is_equality(const DeniedTest& denial) {
  const Compare op = denial.test.op;
  return denial.fulfilled ? op == Compare::eq || op == Compare::in : op == Compare::ne || op == Compare::not_in;
}

// The values that the test denies, if they are what it names or all below a bound.
std::vector<ValueRange> denied_values(const DeniedTest& denial) {
  const sema::Test& test = denial.test;
  const Int bound = test.values.empty() ? 0 : test.values.front().first;
  switch (test.op) {
    case Compare::eq:
    case Compare::in: return denial.fulfilled ? test.values : std::vector<ValueRange>();
    case Compare::ne:
    case Compare::not_in: return denial.fulfilled ? std::vector<ValueRange>() : test.values;
    case Compare::lt: return denial.fulfilled ? std::vector<ValueRange>{{0, bound - 1}} : std::vector<ValueRange>();
    case Compare::le: return denial.fulfilled ? std::vector<ValueRange>{{0, bound}} : std::vector<ValueRange>();
    case Compare::gt: return denial.fulfilled ? std::vector<ValueRange>() : std::vector<ValueRange>{{0, bound}};
    case Compare::ge: return denial.fulfilled ? std::vector<ValueRange>() : std::vector<ValueRange>{{0, bound - 1}};
  }
  return {};
}

struct Reads {
  std::string_view call;
  std::string_view arg;
  uint64_t bits;
};
constexpr Reads kReads[] = {
#define READS(call, arg, bits) {call, arg, bits},
#include "lint/lints.def"
};

// A register, or an argument: what the test asks of it, and how many bits the kernel reads.
struct Register {
  target::Arg arg;
  uint8_t width;
  bool is_raw;
  uint64_t tested;
  uint64_t read;
  bool by_command = false;  // reads no more with the command beside it
};

class RawFinder {
 public:
  RawFinder(Answers& answers, Findings& findings) : answers_(answers), findings_(findings), conds_(answers.conds()) {}

  void ask(const DeniedTest& denial) {
    const bool is_raw = denial.test.arg.kind == sema::ArgRef::Kind::raw;
    if (!is_raw && denial.test.arg.kind != sema::ArgRef::Kind::argument) return;
    const uint64_t tested = denial.test.mask & describe::mask_of(denial.test.arg.width);
    const auto call = target::call_at(answers_.abi(), denial.nr);
    const auto args = call ? target::call_args(*call, answers_.abi()) : std::nullopt;
    if (!args || answers_.is_meant(*call, true)) return;
    const auto arg = std::ranges::find_if(
        *args, [&](const target::Arg& one) { return one.slots.low == denial.test.arg.slots.low && !one.slots.high; });
    if (arg == args->end()) return;
    const uint64_t read = bits_read(*call, *arg);
    if ((tested & ~read) != 0) {
      const uint8_t width = denial.test.arg.width;
      if ((tested & read) != 0) ask_of(denial, {*arg, width, is_raw, tested, read}, denial.beside);
    } else if (is_raw && arg->width > target::kNarrowBits && (tested >> target::kNarrowBits) != 0) {
      ask_by_command(denial, *call, *arg, tested);
    }
  }

 private:
  static uint64_t bits_read(target::CallId call, const target::Arg& arg) {
    for (const Reads& row : kReads) {
      if (row.call == target::call_name(call) && row.arg == arg.name) return row.bits;
    }
    return describe::mask_of(arg.width);
  }

  // `fcntl(cmd == F_SETFL, $2 == 5)`: of the commands beside the test, one with which the kernel reads less.
  void ask_by_command(const DeniedTest& denial, target::CallId call, const target::Arg& arg, uint64_t tested) {
    const auto selector = target::find_arg(call, answers_.abi(), target::selector_of(call));
    if (!selector || selector->slots.low == arg.slots.low) return;
    std::vector<ValueRange> commands;
    for (const target::CommandArg& row : target::narrow_commands(call, answers_.abi(), arg)) {
      const auto value = target::constant_value(row.command, answers_.abi());
      if (value && !row.second.valid()) commands.push_back({*value, *value});
    }
    if (commands.empty()) return;
    const uint64_t bits = target::command_bits(call, answers_.abi(), selector->width);
    const auto among = [&](std::vector<ValueRange> values) {
      const sema::ArgRef ref{sema::ArgRef::Kind::argument, selector->slots, selector->width, false};
      return lower::split({ref, bits, Compare::in, std::move(values), {}, {}}, conds_);
    };
    const auto some = answers_.of_events(denial.nr, conds_.all({denial.beside, among(std::move(commands))}));
    if (!some || !some->fails) return;
    const auto command = static_cast<Int>(some->fails->data.args[selector->slots.low] & bits);
    ask_of(denial, {arg, denial.test.arg.width, true, tested, describe::mask_of(target::kNarrowBits), true},
           conds_.all({denial.beside, among({{command, command}})}));
  }

  void ask_of(const DeniedTest& denial, const Register& subject, CondId beside) {
    const DeniedTest here{denial.place, denial.nr, denial.test, denial.fulfilled, beside};
    const std::vector<ValueRange> ranges = denied_values(denial);
    for (size_t i = 0; i < ranges.size() && i < kMostRanges; ++i) {
      const uint64_t value = static_cast<uint64_t>(ranges[i].first) & subject.tested;
      if (!may_be_meant(subject, value) || is_refused(denial.nr, subject, value)) continue;
      if (!answer_for_values(answers_, here, subject.tested, {single(value)}).never_runs()) continue;
      const Answer same = answer_for_values(answers_, here, subject.tested, others(subject, value));
      if (!same.runs) continue;
      report(here, subject, text_of(subject, ranges[i]), by_name(here, subject, ranges), *same.runs);
      return;
    }
    if (is_equality(denial)) ask_of_holes(here, subject);
  }

  // Run-time values: whichever they are, the same lower part with another upper one.
  void ask_of_holes(const DeniedTest& here, const Register& subject) {
    for (const sema::HoleId hole : here.test.holes) {
      const CondId equal = lower::split({here.test.arg, ~uint64_t{0}, Compare::in, {}, {hole}, {}}, conds_);
      const CondId same = conds_.hole(here.test.arg.slots.low_word(), ir::HoleId(hole.value), false,
                                      static_cast<uint32_t>(subject.read));
      const auto denied = answers_.of_events(here.nr, conds_.all({here.beside, equal}));
      if (!denied || !denied->never_runs()) continue;
      const auto runs = answers_.of_events(here.nr, conds_.all({here.beside, same, conds_.negation(equal)}));
      if (!runs || !runs->runs) continue;
      const std::string& name = answers_.policy().holes[hole.value].name;
      report(here, subject, fmt::format("${} == {}", subject.arg.slots.low, name), {}, *runs->runs);
      return;
    }
  }

  // Of what READS is about permissions alone have parts that the kernel keeps.
  static std::string octal(uint64_t value) { return fmt::format("{}{:o}", value < 8 ? "" : "0o", value); }

  static ValueRange single(uint64_t value) { return {static_cast<Int>(value), static_cast<Int>(value)}; }

  // Above what the kernel reads zeroes, or the sign of it.
  static bool may_be_meant(const Register& subject, uint64_t value) {
    const uint64_t unread = subject.tested & ~subject.read;
    const uint64_t sign = subject.read & ~(subject.read >> 1);
    return (value & unread) == 0 || ((value & unread) == unread && (value & sign) != 0);
  }

  // The same for the kernel: the next bit and the last one turned, and no other at all.
  static std::vector<ValueRange> others(const Register& subject, uint64_t value) {
    const uint64_t unread = subject.tested & ~subject.read;
    const uint64_t lowest = unread & (~unread + 1);
    uint64_t highest = unread;
    while ((highest & (highest - 1)) != 0) highest &= highest - 1;
    std::vector<ValueRange> result{single(value ^ lowest), single(value ^ highest)};
    if ((value & unread) != 0) result.push_back(single(value & ~unread));
    return result;
  }

  [[nodiscard]] bool is_refused(uint32_t nr, const Register& subject, uint64_t value) const {
    const auto call = target::call_at(answers_.abi(), nr);
    return std::ranges::any_of(kWholeRegisters, [&](const WholeRegister& row) {
      if (row.call != target::call_name(*call) || row.arg != subject.arg.name) return false;
      const auto mask = constant_of(row.mask, answers_.abi());
      const auto wanted = constant_of(row.value, answers_.abi());
      return mask && wanted && (value & static_cast<uint64_t>(*mask)) == static_cast<uint64_t>(*wanted);
    });
  }

  // "$1 == 0x5412", "$0 in 0x0..0x2".
  static std::string text_of(const Register& subject, const ValueRange& range) {
    const auto number = [&](uint64_t value) {
      return subject.is_raw ? fmt::format("{:#x}", value) : describe::number_text(subject.arg, value);
    };
    const bool is_masked = subject.tested != describe::mask_of(subject.width);
    const std::string name =
        (subject.is_raw ? fmt::format("${}", subject.arg.slots.low) : std::string(subject.arg.name)) +
        (is_masked ? " & " + number(subject.tested) : std::string());
    const std::string first = number(static_cast<uint64_t>(range.first) & subject.tested);
    if (range.first == range.last) return fmt::format("{} == {}", name, first);
    return fmt::format("{} in {}..{}", name, first, number(static_cast<uint64_t>(range.last)));
  }

  // The test by the argument's name; empty if it is not the same for what the kernel reads.
  [[nodiscard]] std::string by_name(const DeniedTest& denial, const Register& subject,
                                    const std::vector<ValueRange>& ranges) const {
    if (!denial.test.holes.empty() || subject.tested != describe::mask_of(subject.width)) return {};
    const target::Abi abi = answers_.abi();
    target::Arg arg = subject.arg;
    const bool is_whole = subject.read == describe::mask_of(arg.width) || subject.by_command;
    const std::string name = std::string(arg.name) + (is_whole ? std::string() : " & " + octal(subject.read));
    if (subject.by_command) arg.width = target::kNarrowBits;
    const uint64_t highest = arg.is_signed ? subject.read >> 1 : subject.read;
    std::vector<std::string> texts;
    for (const ValueRange& range : ranges) {
      if (range.first == range.last) {
        if (!may_be_meant(subject, static_cast<uint64_t>(range.first))) return {};
        const uint64_t value = static_cast<uint64_t>(range.first) & subject.read;
        texts.push_back(is_whole ? describe::value_text(arg, abi, value) : octal(value));
      } else {
        if (range.first < 0 || range.last > static_cast<Int>(highest) || !is_whole) return {};
        texts.push_back(fmt::format("{}..{}", describe::number_text(arg, static_cast<uint64_t>(range.first)),
                                    describe::number_text(arg, static_cast<uint64_t>(range.last))));
      }
    }
    const bool is_one = ranges.size() == 1;
    if (is_one && ranges[0].first == ranges[0].last)
      return fmt::format("{} {} {}", name, denial.fulfilled ? "==" : "!=", texts[0]);
    const std::string list = is_one ? texts[0] : fmt::format("{{ {} }}", fmt::join(texts, ", "));
    return fmt::format("{} {}in {}", name, denial.fulfilled ? "" : "!", list);
  }

  void report(const DeniedTest& denial, const Register& subject, const std::string& item, std::string rewritten,
              const Witness& runs) {
    Finding finding = denied_test_finding(answers_, diag::kinds::RawValueDenied, denial, runs);
    finding.item = quoted(item);
    finding.under =
        fmt::format("the kernel reads the lower {} bits, as `{}`", std::popcount(subject.read), subject.arg.name);
    if (subject.by_command) finding.under += " of this command";
    finding.other_text = "lets it run with another upper part";
    finding.note = std::string(door_note(finding.kind));
    if (!answers_.policy().places[denial.place.value].by_parameter) finding.rewritten = std::move(rewritten);
    findings_.add(answers_.abi(), std::move(finding));
  }

  Answers& answers_;
  Findings& findings_;
  ir::Conds& conds_;
};

}  // namespace

void ask_raw_value(Answers& answers, Findings& findings) {
  RawFinder finder(answers, findings);
  each_denied_test(answers, [&](const DeniedTest& denial) { finder.ask(denial); });
}

}  // namespace sbpc::lint
