// draft.h: observations -> a policy as text, with where each line comes from and what the traces do not show.
//
// The text is a policy of its own; its comments are part of what it says. The driver formats it (ast/format) before it
// is written. Tested by test/cli/learn.test.
#pragma once

#include <string>
#include <vector>

#include "learn/observe.h"
#include "learn/sets.h"

namespace sbpc::learn {

struct DraftOptions {
  std::string name;                             // of the policy
  std::vector<std::string> command;             // that was recorded; none for traces
  std::optional<target::KernelVersion> kernel;  // audited against; none: the newest call of the trace says
  std::string kernel_reason;                    // "the kernel that was running"
  std::vector<CoveredSet> sets;
};

[[nodiscard]] std::string draft(const Observations& observations, const DraftOptions& options);

// The ABIs that were seen, in the order of arches.def.
[[nodiscard]] std::vector<target::Abi> abis_of(const Observations& observations);

// "12 calls, first at nginx.strace:5"
[[nodiscard]] std::string provenance(const Observations& observations, uint64_t count, Place first);

// "Learned from a run of `ls -l`, x.strace: 12 calls, 5 different ones."
[[nodiscard]] std::string source_text(const Observations& observations, const std::vector<std::string>& command);

// What traces, file names and command lines put into comments may be any bytes: those that are no ASCII text as `?`.
[[nodiscard]] std::string printable(std::string text);

// { "read": 12, ... } for --profile, of all ABIs together, by name.
[[nodiscard]] std::string frequency_json(const Observations& observations);

// A name of the language made of any text: "nginx.strace" -> "nginx".
[[nodiscard]] std::string policy_name(std::string_view path);

}  // namespace sbpc::learn
