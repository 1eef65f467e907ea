// analyze.h: Module -> sema::Policy. Names, types, constants and parameters go in; numbers, slots and values come out.
//
//   auto module = sema::load(sources, reader, "policy.sb", sink);
//   auto policies = sema::analyze({sources, *module, options}, sink);      // every policy, one for each family of ABIs
//   auto picked = sema::pick(*policies, options, sink);                    // the one that --policy and --target mean
// Tested in test/unit/sema/ and, diagnostic by diagnostic, by test/diag/<Kind>.sb.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "diag/sink.h"
#include "sema/module.h"
#include "sema/policy.h"
#include "sema/uses.h"

namespace sbpc::sema {

struct Options {
  std::map<std::string, std::string> params;    // -D name=value
  std::optional<std::string> policy;            // --policy
  std::vector<target::Abi> targets;             // --target
  std::optional<target::KernelVersion> kernel;  // --kernel: replaces the policy's line
  target::KernelVersion min_kernel{5, 11};      // --min-kernel: the constant-action cache appeared in 5.11
  bool any_family = false;                      // one of several will do where none is this machine's: -E writes all
};

struct Input {
  SourceMap& sources;  // -D values become texts of their own
  const Module& module;
  const Options& options;
  NameUses* uses = nullptr;  // filled if given: every name with its declaration
};

// Everything of the root file: its policies in order of text, each split by family in the order of arches.def. Rule
// sets, groups, consts and tests that no policy reaches are checked too. A file without a policy gives an empty vector.
// Failed after any error.
[[nodiscard]] Result<std::vector<Policy>> analyze(const Input& input, diag::Sink& sink);
// The policies even after errors, if these are of `except`s that take nothing or all: what the policies mean is known,
// and their assertions can be asked.
[[nodiscard]] Result<std::vector<Policy>> analyze_whole(const Input& input, diag::Sink& sink);

// The index of the policy to compile: the one named by --policy or the only one, and of its families the host's or
// --target's.
[[nodiscard]] Result<size_t> pick(const std::vector<Policy>& policies, const Options& options, diag::Sink& sink);

// The same for who takes several: all policies, or the one named by --policy, each with all of its families or those of
// --target. Empty after an error.
[[nodiscard]] std::vector<size_t> pick_each(const std::vector<Policy>& policies, const Options& options,
                                            diag::Sink& sink);

// A `test` block: a policy with the test's parameters, whose assertions are the test's expectations.
struct TestCase {
  std::string title;
  Span span;  // the title
  Policy policy;
  std::string note;  // for what is wrong with the policy as the test's `with` makes it; empty without one
};
// All tests of the root file; one with several families gives several cases. Failed after any error.
[[nodiscard]] Result<std::vector<TestCase>> analyze_tests(const Input& input, diag::Sink& sink);

}  // namespace sbpc::sema
