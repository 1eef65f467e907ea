// targets.h: `read`, `@net.all`, `{ open, openat }(flags has O_CREAT)` -> calls with their conditions, and their
// numbers on each ABI. Tested by test/language/abis_test.cpp.
#pragma once

#include <vector>

#include "sema/body.h"

namespace sbpc::sema {

// The call of that name: the kernel's or a `syscall` declaration. nullopt after a report.
[[nodiscard]] std::optional<CallRef> find_call(Context& context, const Env& env, const ast::QName& name);

// The members of `@name`, each once, in order of text. Null after a report.
[[nodiscard]] const std::vector<CallRef>* find_group(Context& context, const Env& env, const ast::QName& name);

// Checks a group that nobody may have used yet.
void check_group(Context& context, Decl decl);

// What targets are listed for, where socketcall and ipc hide calls.
enum class Purpose : uint8_t {
  rule,      // a rule or require: hidden calls whose conditions can't be tested are told apart
  except,    // what is taken away, where they are told apart, too; also plain lists of names
  assertion  // a hidden call counts with unknown arguments
};

// A call with conditions, behind a multiplexer: they cannot be tested there.
struct BlindTarget {
  Span span;
  CallRef call;
  Target behind;
};

struct AbiTargets {
  target::Abi abi;
  std::vector<Target> targets;
  std::vector<BlindTarget> blind;  // Purpose::rule and Purpose::except
};

// One list of targets for every ABI of the body. Calls that an ABI lacks are left out there.
struct TargetQuestion {
  std::span<const ast::Target> targets;
  Purpose purpose = Purpose::rule;
  bool denies = false;  // Purpose::rule: the action stops calls (judge/ asks whether there is a way round)
  const ast::Action* otherwise = {};  // Purpose::rule: what stands behind `else`
  bool watches = false;               // Purpose::rule: the action is notify, trace or log
};
[[nodiscard]] std::vector<AbiTargets> bind_targets(const Body& body, const TargetQuestion& question);

// An `except` that takes nothing away: an error in the root file, a warning in imported ones.
void report_useless_except(Context& context, FileIndex file, Span span);
// An `except` that takes nothing or all: what the policy means is known all the same (Context::idle_excepts).
diag::Builder report_idle_except(Context& context, diag::Kind kind, Span span);

// Leaves it to judge/ to ask whether the multiplexers lead round what a statement denies.
void note_blind_denials(const Body& body, const AbiTargets& bound);

// The calls that targets name, on any ABI and whatever their conditions; for each target written.
[[nodiscard]] std::vector<std::vector<CallRef>> calls_of_each(const Body& body, std::span<const ast::Target> targets);

}  // namespace sbpc::sema
