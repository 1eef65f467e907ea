#include "learn/known.h"

#include <algorithm>
#include <unordered_set>

#include "explain/call.h"
#include "explain/verdicts.h"

namespace sbpc::learn {
namespace {

// Walks the ways that the told bits leave open.
class Walk {
 public:
  Walk(const ir::Diagram& diagram, const explain::CallPattern& pattern) : diagram_(diagram), pattern_(pattern) {}

  // Whether every way ends in `allow`. As deep as a call has bits.
  bool always(ir::Ref function) {
    if (!function.valid()) return false;
    if (diagram_.is_terminal(function))
      return target::decode(diagram_.payload(function)).action == target::Action::allow;
    if (!visited_.insert(function).second) return true;  // looked at already: it would have ended the walk
    const ir::Diagram::Branch branch = diagram_.branch(function);
    const uint32_t bit = 1U << branch.bit;
    if (!branch.is_opaque && (pattern_.fixed[static_cast<size_t>(branch.word)] & bit) != 0)
      return always((target::word_value(pattern_.data, branch.word) & bit) != 0 ? branch.one : branch.zero);
    return always(branch.zero) && always(branch.one);
  }

 private:
  const ir::Diagram& diagram_;
  const explain::CallPattern& pattern_;
  std::unordered_set<ir::Ref> visited_;
};

}  // namespace

Known KnownCalls::operator()(const Seen& seen, const Told& told) {
  explain::CallPattern pattern = explain::pattern_of(seen.abi, seen.nr);
  const ir::Ref answer = explain::answer_of(program_, pattern.data.arch, seen.nr);
  if (!answer.valid()) return Known::partly;
  const std::vector<target::Arg>& args = seen.shape->args();
  for (size_t i = 0; i < args.size() && i < told.size(); ++i) {
    if (told[i]) explain::fix_argument(pattern, args[i], *told[i]);
  }
  if (Walk(program_.diagram, pattern).always(answer)) return Known::allowed;
  const auto any = [](const ir::Diagram& diagram, ir::Ref function) {
    const auto payloads = diagram.payloads(function);
    return std::ranges::any_of(payloads,
                               [](uint32_t word) { return target::decode(word).action == target::Action::allow; });
  };
  const ir::Ref spoken = explain::answer_of(silence_, pattern.data.arch, seen.nr);
  const bool tells = std::ranges::any_of(told, [](const std::optional<uint64_t>& value) { return value.has_value(); });
  const bool can_be_added =
      spoken.valid() && (tells ? Walk(silence_.diagram, pattern).always(spoken) : any(silence_.diagram, spoken));
  if (!can_be_added) return Known::denied;
  return any(program_.diagram, answer) ? Known::partly : Known::nowhere;
}

sema::Policy without_silence(sema::Policy policy) {
  policy.otherwise = policy.newer = {target::Action::allow, 0};
  for (sema::AbiPolicy& abi : policy.abis) {
    for (sema::Scope& scope : abi.scopes) {
      scope.fallbacks.clear();
      for (sema::Rule& rule : scope.rules) rule.otherwise.reset();
    }
  }
  return policy;
}

}  // namespace sbpc::learn
