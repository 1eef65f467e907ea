#include "import/firecracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "describe/names.h"
#include "diag/kinds/import.def"
#include "import/conflicts.h"
#include "import/meaning.h"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

constexpr std::string_view kFollowed =
    "the policy says what rust-vmm's seccompiler makes of the file, as Firecracker "
    "did before 1.11";

// libseccomp: -EINVAL for two comparisons of one argument (_db_rule_new of its db.c).
bool asks_twice(const AllOf& all) {
  for (size_t i = 0; i < all.size(); ++i) {
    const auto same = [&](const Compare& other) { return other.index == all[i].index; };
    if (std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), same)) return true;
  }
  return false;
}

bool report_refused(const Profile& theirs, diag::Sink& sink) {
  for (const Rule& rule : theirs.rules) {
    if (std::ranges::any_of(rule.any, asks_twice)) {
      sink.report(kinds::ImportFirecracker, rule.span,
                  fmt::format("refuses two comparisons of one argument, of `{}`", rule.calls.front().name))
          .note(std::string(kFollowed));
      return true;
    }
    if (firecracker_refuses(theirs.otherwise) || firecracker_refuses(rule.verdict)) {
      sink.report(kinds::ImportFirecracker, rule.span, "refuses the error 4095").note(std::string(kFollowed));
      return true;
    }
  }
  return false;
}

// One event that the two readers answer differently, as a line; empty: there is none.
std::string witness_text(const Profile& ours, const Profile& theirs, Abi abi, const AppliedCall& our_call,
                         const AppliedCall& their_call) {
  ir::Diagram diagram;
  const ir::Ref here = answer(ours, abi, our_call, Width::exact, diagram);
  const ir::Ref there = answer(theirs, abi, their_call, Width::exact, diagram);
  const ir::Ref differs = diagram.apply(here, there, [](uint32_t a, uint32_t b) {
    return target::decode(a) == target::decode(b) ? ir::Diagram::kNo : ir::Diagram::kYes;
  });
  if (!differs.valid()) return "which of its calls cannot be told: they have too many conditions";
  auto event = diagram.witness(differs, [](uint32_t payload) { return payload == ir::Diagram::kYes; });
  if (!event) return {};
  event->data.arch = target::info(abi).audit_arch;
  event->data.nr = static_cast<int32_t>(our_call.nr);
  const auto text_of = [&](ir::Ref answer) {
    const auto no_parameters = [](const ir::Diagram::Opaque&) { return false; };
    return describe::verdict_text(target::decode(diagram.evaluate(answer, event->data, no_parameters)), abi);
  };
  return fmt::format("{} on {}: {} by rust-vmm's seccompiler, {} by Firecracker's",
                     describe::event_text(abi, event->data, event->tested), target::info(abi).name, text_of(here),
                     text_of(there));
}

void report_different(const Profile& ours, const Profile& theirs, diag::Sink& sink) {
  const Rule* first = nullptr;
  std::string witness;
  std::vector<std::string> names;
  for (const Abi abi : ours.abis) {
    const std::vector<AppliedCall> our_calls = apply_rules(ours, abi, {});
    const std::vector<AppliedCall> their_calls = apply_rules(theirs, abi, {});
    for (size_t i = 0; i < our_calls.size() && i < their_calls.size(); ++i) {
      const auto is_plain = [](const Applied& rule) { return rule.any.empty(); };
      if (std::ranges::all_of(our_calls[i].rules, is_plain)) continue;
      std::string found = witness_text(ours, theirs, abi, our_calls[i], their_calls[i]);
      if (found.empty()) continue;
      const Rule* rule = our_calls[i].rules.front().rule;
      const std::string name = fmt::format("`{}`", rule->calls.front().name);
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
      if (first == nullptr) {
        first = rule;
        witness = std::move(found);
      }
    }
  }
  if (first == nullptr) return;
  sink.report(kinds::ImportFirecracker, first->span, fmt::format("answers {} in another way", fmt::join(names, ", ")))
      .note(std::move(witness))
      .note(std::string(kFollowed));
}

}  // namespace

Compare as_seccompiler(const WrittenCompare& written) {
  Compare made = written.compare;
  if (made.width == 32) made.value &= 0xffffffffU;  // src/backend/condition.rs, split_value
  if (written.is_masked) made.value &= made.mask;
  return made;
}

// src/seccompiler/src/types.rs, to_scmp_type: of a `dword` it knows `eq` alone. libseccomp cuts a value to its mask
// (src/db.c, _db_node_mask_fixup).
Compare as_firecracker(const WrittenCompare& written) {
  Compare made = written.compare;
  if (made.width == 32 && made.op == CompareOp::eq && !written.is_masked) made.mask = 0xffffffffU;
  if (made.op == CompareOp::eq) made.value &= made.mask;
  made.width = 64;
  return made;
}

bool firecracker_refuses(target::Verdict verdict) {
  return verdict.action == target::Action::errno_ && verdict.data >= target::kMaxErrno;
}

Profile firecracker_profile(const Profile& profile) {
  Profile made;
  made.name = profile.name;
  made.discipline = Discipline::libseccomp;
  made.abis = profile.abis;
  made.guards_x32 = true;
  made.otherwise = profile.otherwise;
  made.bad_arch = {target::Action::kill_thread, 0};
  return made;
}

void report_firecracker(const Profile& ours, const Profile& theirs, diag::Sink& sink) {
  if (report_refused(theirs, sink)) return;
  report_different(ours, theirs, sink);
  std::map<std::string, std::vector<Use>> uses;
  for (const Rule& rule : theirs.rules) {
    for (const Call& call : rule.calls) uses[call.name].push_back({&rule, &call});
  }
  constexpr std::string_view kOrderings =
      "Firecracker's compiler asks libseccomp, whose filter may answer otherwise than the rules say; the policy says "
      "what rust-vmm's seccompiler makes of the file, which does not ask it";
  for (const auto& [name, own] : uses) report_orderings(theirs, own, kOrderings, sink);
}

}  // namespace sbpc::importer
