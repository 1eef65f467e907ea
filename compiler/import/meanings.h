// meanings.h: what a foreign filter answers under one setting after the other. What settings share is worked out once:
// the numbers of the calls, and the answers of calls for which the same rules are there.
//
// Tested by test/unit/import/meaning_test.cpp against `meaning`, setting by setting.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "import/meaning.h"

namespace sbpc::importer {

class Meanings {
 public:
  // Both outlive it. The rules are not changed meanwhile.
  Meanings(const Profile& profile, ir::Diagram& diagram);

  // As `meaning` has it.
  [[nodiscard]] ir::Ref operator()(const Setting& setting, Width width);

 private:
  struct Known {  // where the same rules are there, the answer is the same
    std::vector<const Rule*> there;
    Width width;
    ir::Ref made;
  };
  struct EveryRule {
    AppliedCall call;   // with the rules of all settings
    const Rule* alone;  // the only rule, if it has no conditions: `made` is the answer where it is there
    ir::Ref made;
    std::vector<Known> known;
  };
  // Nothing where none of the call's rules is there.
  [[nodiscard]] std::optional<ir::Ref> answer_of(target::Abi abi, EveryRule& every, const std::vector<bool>& there,
                                                 Width width);

  const Profile& profile_;
  ir::Diagram& diagram_;
  std::vector<std::pair<target::Abi, std::vector<EveryRule>>> calls_;
};

// apply_rules for all settings at once: the rules of each that could be.
[[nodiscard]] std::vector<AppliedCall> apply_every_rule(const Profile& profile, target::Abi abi);

// Answers by number; of two for one number the later counts.
using Points = std::vector<std::pair<uint32_t, ir::Ref>>;

// The whole filter, from arch down, where `points_of` has the answers of an ABI's numbers. The ABIs are asked in their
// order.
[[nodiscard]] ir::Ref meaning_of_points(const Profile& profile, ir::Diagram& diagram,
                                        ir::FunctionRef<Points(target::Abi)> points_of);

}  // namespace sbpc::importer
