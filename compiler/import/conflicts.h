// conflicts.h: rules of libseccomp's that answer the same call in different ways: which of them counts, or that nobody
// knows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diag/sink.h"
#include "import/model.h"

namespace sbpc::importer {

struct Use {  // a call in a rule
  const Rule* rule;
  const Call* call;
  bool is_derived = false;  // of a multiplexer, not of the file
};

// The first two uses of one call that disagree, if the format lets its order decide.
void report_conflicts(const Profile& profile, std::span<const Use> uses, diag::Sink& sink);

// Rules for a multiplexer, some perhaps made of ones for calls behind it, of which libseccomp refuses one (-EEXIST), or
// whose order is not defined where they meet with different answers. Of a profile without questions.
struct ClashingRules {
  std::string_view multiplexer;
  target::Abi abi;
  bool is_refused;
};
[[nodiscard]] std::optional<ClashingRules> clashing_rules(const Profile& profile);

// Orderings of one argument that libseccomp does not keep apart, the first two of a call's. `note`: what that means.
void report_orderings(const Profile& profile, std::span<const Use> uses, std::string_view note, diag::Sink& sink);

// What the reports of a file say of its own rules, as lines for the top of the policy.
[[nodiscard]] std::vector<std::string> conflict_lines(const diag::Sink& sink);

}  // namespace sbpc::importer
