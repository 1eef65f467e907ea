#include "import/conflicts.h"

#include "diag/kinds/import.def"
#include "import/meaning.h"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

struct Overlap {
  bool meet = false;
  bool same = false;  // on every ABI
};

Overlap overlap(const Profile& profile, const Rule& a, const Rule& b, const Call& call) {
  Overlap found{false, true};
  for (Abi abi : a.guard.abis& b.guard.abis& profile.abis) {
    const auto nr = number_of(call, abi);
    if (!nr) continue;
    ir::Diagram diagram;
    const ir::Ref one = condition(as_applied(a.any, profile, abi), abi, *nr, Width::exact, diagram);
    const ir::Ref other = condition(as_applied(b.any, profile, abi), abi, *nr, Width::exact, diagram);
    found.meet = found.meet || diagram.conjunction(one, other) != diagram.no();
    found.same = found.same && one == other;
  }
  return found;
}

// Whether the two disagree, and it has been said.
bool report_pair(const Profile& profile, const Use& first, const Use& second, diag::Sink& sink) {
  const Rule& a = *first.rule;
  const Rule& b = *second.rule;
  if (first.is_derived || second.is_derived || a.verdict == b.verdict || a.verdict == profile.otherwise ||
      b.verdict == profile.otherwise || !compatible(a.guard, b.guard))
    return false;
  if (a.any.empty() || b.any.empty()) {
    const bool second_loses = a.any.empty();
    sink.report(kinds::ImportConflict, second_loses ? b.span : a.span, second.call->name)
        .label(second_loses ? a.span : b.span, "by this one");
    return true;
  }
  const Overlap found = overlap(profile, a, b, *second.call);
  if (!found.meet) return false;
  diag::Builder report = sink.report(kinds::ImportOverlap, b.span, second.call->name);
  report.label(a.span, "and this one");
  if (found.same)
    report.note("libseccomp refuses the second of two equal conditions: with this profile no container starts");
  return true;
}

}  // namespace

void report_conflicts(const Profile& profile, std::span<const Use> uses, diag::Sink& sink) {
  if (profile.discipline != Discipline::libseccomp) return;
  for (size_t j = 1; j < uses.size(); ++j) {
    for (size_t i = 0; i < j; ++i) {
      if (report_pair(profile, uses[i], uses[j], sink)) return;
    }
  }
}

}  // namespace sbpc::importer
