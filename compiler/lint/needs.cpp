// needs.cpp: what libc calls without being asked, and the newer calls that it makes where the old one was meant.
#include <algorithm>
#include <map>

#include "describe/names.h"
#include "diag/kinds/lints.def"
#include "lint/questions.h"

namespace sbpc::lint {
namespace {

using diag::Kind;
namespace kinds = diag::kinds;

enum class Harm : uint8_t { killed, denied };
enum class When : uint8_t { always, starts, ends };

struct Need {
  Kind kind;
  std::string_view call;
  Harm harm;
  When when;
  std::string_view why;
};
constexpr Need kNeeds[] = {
#define NEED(kind, call, harm, when, why) {kinds::kind, call, Harm::harm, When::when, why},
#include "lint/lints.def"
};

struct Newer {
  std::string_view old_call;
  std::string_view new_call;
  bool enosys_is_fine;
  std::string_view why;
};
constexpr Newer kNewer[] = {
#define NEWER(old_call, new_call, enosys_is_fine, why) {old_call, new_call, (enosys_is_fine) != 0, why},
#include "lint/lints.def"
};

std::string answer_text(const Answers& answers, const Witness& witness) {
  return describe::verdict_text(target::decode(witness.payload), answers.abi());
}

// The answer that does harm, if the call never runs and the policy does not say that this is meant.
std::optional<Witness> lacking(Answers& answers, target::CallId call, Harm harm) {
  if (answers.is_meant(call, false)) return std::nullopt;
  const auto answer = answers.of(call);
  if (!answer || !answer->never_runs()) return std::nullopt;
  if (harm == Harm::killed && !is_deadly(target::decode(answer->fails->payload))) return std::nullopt;
  return answer->fails;
}

bool starts_tasks(Answers& answers) {
  for (const std::string_view call : {"clone", "clone3", "fork", "vfork", "execve", "execveat"}) {
    if (answers.may_run(call)) return true;
  }
  return false;
}

bool is_case(Answers& answers, When when) {
  switch (when) {
    case When::always: return true;
    case When::starts: return starts_tasks(answers);
    case When::ends: return !answers.may_run("exit");
  }
  return true;
}

void add_need(Answers& answers, const Need& need, const Witness& fails, Findings& findings) {
  Finding finding{.kind = need.kind, .subject = answers.policy().name, .item = quoted(need.call)};
  if (need.why.empty()) {
    finding.note =
        "the vDSO makes the call where it cannot read the clock by itself, as in some virtual machines; it gets " +
        answer_text(answers, fails);
  } else {
    finding.note = quoted(need.call) + ": " + std::string(need.why) + "; it gets " + answer_text(answers, fails);
  }
  findings.add(answers.abi(), std::move(finding));
}

// Calls that a libc makes before main and that would end the program.
void ask_start(Answers& answers, Findings& findings) {
  if (!answers.may_run("execve")) return;
  const std::string suffix = "-" + std::string(target::info(answers.abi()).name);
  std::map<std::string, std::vector<std::string_view>> makers;  // call -> libcs
  for (const target::LibcApi& api : target::libc_apis()) {
    if (api.api != "(start)" || !api.libc.ends_with(suffix)) continue;
    for (const target::LibcCall& made : target::libc_calls(api.libc, api.api)) {
      if (!lacking(answers, made.call, Harm::killed)) continue;
      std::string_view libc = api.libc;
      libc.remove_suffix(suffix.size());
      makers[std::string(target::call_name(made.call))].push_back(libc);
    }
  }
  for (const auto& [call, libcs] : makers) {
    std::string names;
    for (const std::string_view libc : libcs) names += (names.empty() ? "" : ", ") + std::string(libc);
    findings.add(answers.abi(), {.kind = kinds::StartNeeds,
                                 .subject = answers.policy().name,
                                 .item = quoted(call),
                                 .note = quoted(call) + ": " + names});
  }
}

// Whether the ABI has calls of both sizes at all; 64-bit ones have not.
bool has_twins(target::Abi abi) {
  for (const std::string_view name : {"clock_gettime64", "getuid32"}) {
    const auto call = target::find_call(name);
    if (call && target::call_number(*call, abi)) return true;
  }
  return false;
}

void add_newer(Answers& answers, const Newer& row, Findings& findings) {
  const auto old_call = target::find_call(row.old_call);
  const auto new_call = target::find_call(row.new_call);
  if (!old_call || !new_call || answers.is_meant(*new_call, false)) return;
  const auto old_answer = answers.of(*old_call);
  const auto new_answer = answers.of(*new_call);
  if (!old_answer || !new_answer || !old_answer->runs || !new_answer->never_runs()) return;
  if (row.enosys_is_fine && is_enosys(*new_answer->fails, answers.abi())) return;
  Finding finding{.kind = kinds::NewerTwin,
                  .subject = answers.policy().name,
                  .item = quoted(row.new_call) + " (beside " + quoted(row.old_call) + ")"};
  finding.note =
      quoted(row.new_call) + " gets " + answer_text(answers, *new_answer->fails) + "; " + std::string(row.why);
  finding.fix = (row.enosys_is_fine ? "fallback errno(ENOSYS) " : "allow ") + std::string(row.new_call) + ";";
  findings.add(answers.abi(), std::move(finding));
}

}  // namespace

void ask_needs(Answers& answers, Findings& findings) {
  for (const Need& need : kNeeds) {
    const auto call = target::find_call(need.call);
    if (!call || !is_case(answers, need.when)) continue;
    const auto fails = lacking(answers, *call, need.harm);
    if (fails) add_need(answers, need, *fails, findings);
  }
  ask_start(answers, findings);
}

void ask_newer(Answers& answers, Findings& findings) {
  for (const Newer& row : kNewer) add_newer(answers, row, findings);
  if (!has_twins(answers.abi())) return;
  for (const target::NumberedCall& numbered : target::calls_of(answers.abi())) {
    for (const target::Sibling& sibling : target::siblings_of(numbered.call, answers.abi())) {
      const bool time64 = sibling.why == "time64 twin";
      if (!time64 && sibling.why != "32-bit id twin") continue;
      add_newer(answers,
                {target::call_name(numbered.call), target::call_name(sibling.call), time64,
                 time64 ? "libc with 64-bit time tries it first, and goes back only on ENOSYS" : "libc makes no other"},
                findings);
    }
  }
}

}  // namespace sbpc::lint
