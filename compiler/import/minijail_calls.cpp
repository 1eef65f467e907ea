#include "import/minijail_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/number.h"
#include "diag/kinds/import.def"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

bool is_always(const std::vector<MinijailAnswer>& answers) {
  return std::ranges::any_of(answers, [](const MinijailAnswer& answer) { return answer.any.empty(); });
}

bool ends_in_allow(const std::vector<MinijailAnswer>& answers) {
  return !answers.empty() && answers.back().any.empty() && answers.back().verdict.action == target::Action::allow;
}

// The places of what one warning tells of.
struct Noted {
  Span span;
  Span other;
  std::string call;
  std::set<Span> lines;
};

void note(std::optional<Noted>& noted, const std::string& call, Span span, Span other = {}) {
  if (!noted) noted = {span, other, call, {}};
  noted->lines.insert(span);
}

// "`socket` and 2 other lines"
std::string lines_text(const Noted& noted) {
  const size_t others = noted.lines.size() - 1;
  return fmt::format("`{}`{}", noted.call,
                     others == 0 ? "" : fmt::format(" and {} other line{}", others, others == 1 ? "" : "s"));
}

class Calls {
 public:
  Calls(std::vector<MinijailStatement> statements, std::optional<MinijailSign> sign, Profile& profile, diag::Sink& sink)
      : statements_(std::move(statements)), sign_(std::move(sign)), profile_(profile), sink_(sink) {}

  void run() {
    for (size_t at = 0; at < statements_.size(); ++at) {
      for (const MinijailName& name : statements_[at].names) {
        for (const Abi abi : name.abis) collect(at, name.call, abi);
      }
    }
    choose_reader();
    for (MinijailStatement& statement : statements_) {
      for (auto& [abi, answers] : statement.answers) keep_last_allow(statement, answers);
    }
    for (const auto& [key, lines] : lines_) {
      if (goes_by_first())
        keep_first(key, lines);
      else
        forget_before_allow(key.first, key.second, lines);
    }
    report();
    for (size_t at = 0; at < statements_.size(); ++at) write(at);
  }

 private:
  using Key = std::pair<std::string, Abi>;

  void collect(size_t at, const std::string& call, Abi abi) {
    std::vector<size_t>& before = lines_[{call, abi}];
    if (!before.empty() && before.back() == at) return;  // `{read, read}`
    const Span span = statements_[at].span;
    if (!before.empty() && is_always(statements_[before.back()].answers.at(abi))) {
      note(ignored_, call, span, statements_[before.back()].span);
      dead_.insert({at, {call, abi}});
      return;
    }
    if (!before.empty() && !second_) second_ = {span, fmt::format("a second line for `{}`", call)};
    before.push_back(at);
  }

  // compile_seccomp_policy.py refuses a line behind one that answers always. libminijail, built to allow duplicates,
  // does not, and goes by a call's first line.
  [[nodiscard]] bool goes_by_first() const { return ignored_ && !sign_; }
  // What libminijail refuses, in a file that the other one takes, or would but for lines that are left out.
  [[nodiscard]] const std::optional<MinijailSign>& refused() const {
    return sign_ || goes_by_first() ? sign_ : second_;
  }

  // `CONDITION; return ERRNO` is "that error if so" where compile_seccomp_policy.py alone takes the file, else "allow
  // if so, else that error", as minijail0(5) says.
  void choose_reader() {
    for (MinijailStatement& statement : statements_) {
      if (!statement.is_ambiguous) continue;
      note(ambiguous_, statement.names.front().call, statement.span);
      if (refused()) continue;
      for (auto& [abi, answers] : statement.answers) {
        const target::Verdict otherwise = std::exchange(answers.back().verdict, {target::Action::allow, 0});
        answers.push_back({{}, otherwise});
      }
    }
  }

  [[nodiscard]] bool is_denylist() const { return profile_.otherwise.action == target::Action::allow; }

  // `{ CONDITION; ACTION, allow }`
  void keep_last_allow(const MinijailStatement& statement, std::vector<MinijailAnswer>& answers) {
    if (is_denylist() || answers.size() < 2 || !ends_in_allow(answers)) return;
    answers.erase(answers.begin(), answers.end() - 1);
    note(last_allow_, statement.names.front().call, statement.span);
  }

  void keep_first(const Key& key, const std::vector<size_t>& lines) {
    for (const size_t at : lines) {
      if (at == lines.front()) continue;
      note(ignored_, key.first, statements_[at].span);
      dead_.insert({at, key});
    }
  }

  // The same over several lines.
  void forget_before_allow(const std::string& call, Abi abi, const std::vector<size_t>& lines) {
    if (is_denylist() || lines.size() < 2 || !ends_in_allow(statements_[lines.back()].answers.at(abi))) return;
    for (const size_t at : lines) {
      if (at == lines.back()) continue;
      note(forgotten_, call, statements_[at].span, statements_[lines.back()].span);
      dead_.insert({at, {call, abi}});
    }
  }

  void report() {
    if (ambiguous_) report_ambiguous();
    if (last_allow_) {
      sink_.report(kinds::ImportConflict, last_allow_->span, last_allow_->call)
          .note("compile_seccomp_policy.py forgets what stands before a last `allow`");
    }
    if (forgotten_) {
      sink_.report(kinds::ImportRepeated, forgotten_->span, lines_text(*forgotten_))
          .label(forgotten_->other, "allowed always here")
          .note(
              "the policy says what compile_seccomp_policy.py does: it forgets the condition, and allows the call "
              "always")
          .note(sign_ ? "libminijail refuses the file"
                      : "libminijail refuses the file, or, where it is built to allow duplicates, goes by the first "
                        "line alone");
    }
    if (ignored_) report_ignored();
  }

  void report_ambiguous() {
    auto report = sink_.report(kinds::ImportReader, ambiguous_->span, lines_text(*ambiguous_));
    if (!refused()) {
      report.note("the policy says what libminijail does (`minijail0 -S`): allowed if so, else that error")
          .note(ignored_ ? "compile_seccomp_policy.py, which refuses the file for another line (SB7025), takes it for "
                           "that error if so, else the default"
                         : "compile_seccomp_policy.py answers that error if so, else the default");
      return;
    }
    report.label(refused()->span,
                 fmt::format("{}: libminijail refuses the file for this{}", refused()->what,
                             sign_ ? "" : ", or, where it is built to allow duplicates, goes by the first line"));
    if (ignored_) {
      report.note(
          "no reader takes the file, compile_seccomp_policy.py refuses another line (SB7025): the policy says what "
          "this "
          "one is to that compiler, that error if so, else the default");
    } else {
      report.note(
          fmt::format("the policy says what compile_seccomp_policy.py does{}: that error if so, else the default",
                      sign_ ? ", the only one that takes the file" : ""));
    }
  }

  void report_ignored() {
    auto report = sink_.report(kinds::ImportRepeated, ignored_->span, lines_text(*ignored_));
    report.label(ignored_->other, "answered always here");
    if (sign_) {
      report.label(sign_->span, fmt::format("{}: libminijail refuses the file for this", sign_->what))
          .note(
              "no reader takes the file: compile_seccomp_policy.py refuses a line behind one that answers always; the "
              "policy leaves it out");
      return;
    }
    report
        .note(
            "the policy says what libminijail does where it is built to allow duplicates, as Android's is: of each "
            "call "
            "the first line alone counts")
        .note("compile_seccomp_policy.py refuses the file, and so does libminijail else");
  }

  // ---- rules ----

  // Calls of a line that it answers on the same ABIs share its rules.
  void write(size_t at) {
    const MinijailStatement& statement = statements_[at];
    std::vector<std::pair<AbiSet, std::vector<std::string>>> groups;
    for (const MinijailName& name : statement.names) {
      AbiSet live;
      for (const Abi abi : name.abis) {
        if (!dead_.contains({at, {name.call, abi}})) live.add(abi);
      }
      if (live.empty()) continue;
      auto group = std::ranges::find(groups, live, &std::pair<AbiSet, std::vector<std::string>>::first);
      if (group == groups.end()) group = groups.insert(group, {live, {}});
      if (std::ranges::find(group->second, name.call) == group->second.end()) group->second.push_back(name.call);
    }
    std::string comment = statement.comment;
    for (const auto& [live, calls] : groups) {
      AbiSet left = live;
      while (!left.empty()) {
        const std::vector<MinijailAnswer>& own = statement.answers.at(left.first());
        AbiSet same, others;
        for (const Abi abi : left) (statement.answers.at(abi) == own ? same : others).add(abi);
        for (const MinijailAnswer& answer : own) add(statement, calls, answer, same, std::exchange(comment, {}));
        left = others;
      }
    }
  }

  void add(const MinijailStatement& statement, const std::vector<std::string>& calls, const MinijailAnswer& answer,
           AbiSet abis, std::string comment) {
    Rule made;
    for (const std::string& name : calls) {
      const auto number = parse_c_number(name);
      // arch/arm's private calls have the prefix of their header (asm/unistd.h, __ARM_NR_set_tls).
      constexpr std::string_view arm = "ARM_";
      const std::string own = name.starts_with(arm) ? name.substr(arm.size()) : name;
      made.calls.push_back(
          {own, number ? std::optional(static_cast<uint32_t>(*number)) : std::nullopt, statement.span});
    }
    made.verdict = answer.verdict;
    made.any = answer.any;
    made.guard.abis = abis;
    made.comment = std::move(comment);
    made.span = statement.span;
    profile_.rules.push_back(std::move(made));
  }

  std::vector<MinijailStatement> statements_;
  std::optional<MinijailSign> sign_;    // in what is written
  std::optional<MinijailSign> second_;  // a line for a call that has one; compile_seccomp_policy.py takes both
  Profile& profile_;
  diag::Sink& sink_;
  std::map<Key, std::vector<size_t>> lines_;  // that answer, in order
  std::set<std::pair<size_t, Key>> dead_;     // lines that say nothing of a call
  std::optional<Noted> ambiguous_, last_allow_, forgotten_, ignored_;
};

}  // namespace

void add_minijail_rules(std::vector<MinijailStatement> statements, std::optional<MinijailSign> sign, Profile& profile,
                        diag::Sink& sink) {
  Calls(std::move(statements), std::move(sign), profile, sink).run();
}

}  // namespace sbpc::importer
