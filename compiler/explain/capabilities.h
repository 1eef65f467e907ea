// capabilities.h: what a program without its source lets a process do, from capabilities.def.
//
// Every call that is shown has been run through the interpreter. Tested by test/unit/explain/capabilities_test.cpp,
// which holds the rows against the tables, and test/cli/explain_bare.test.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "explain/bare.h"

namespace sbpc::explain {

// A row for each capability: yes, with a call that is let through, or no.
struct Capability {
  std::string_view title;
  // Of the first ABI of the family that has one, the asked one first. nullopt: no call of the table shows it, on any of
  // them.
  std::optional<target::Abi> abi;
  target::SeccompData witness;
  target::Verdict verdict;
  std::string call;        // "socket(AF_INET, _, _)"
  bool undecided = false;  // without one: the decision of some call was too large to be looked through
};
[[nodiscard]] Capability capability(Bare& bare, size_t id, target::Abi abi);  // one, by its title's index
[[nodiscard]] std::vector<Capability> capabilities(Bare& bare, target::Abi abi);
[[nodiscard]] std::string capability_text(const std::vector<Capability>& rows);

// ---- the table ----

struct ShownBy {
  size_t capability;       // index of a title
  std::string_view call;   // "openat"
  std::string_view where;  // "flags & O_TRUNC == O_TRUNC", or empty
};
struct Ordinary {
  std::string_view reason;
  std::string_view calls;  // separated by spaces
};
[[nodiscard]] std::span<const std::string_view> capability_titles();
[[nodiscard]] std::span<const ShownBy> shown_by();
[[nodiscard]] std::span<const Ordinary> ordinary_calls();

// The events of the row on that ABI, under the call's own number and under a multiplexer's; none if the ABI does not
// have the call, or not the constants.
[[nodiscard]] std::vector<CallPattern> events_of(const ShownBy& row, target::Abi abi);

}  // namespace sbpc::explain
