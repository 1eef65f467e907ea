// learn_merge.h: `sbpc learn --merge`: what traces show beyond a policy, added to its text.
//
// The result is compiled, and compared with the policy as it was for every possible call: nothing but additions leaves
// here. Tested by test/cli/learn_merge.test.
#pragma once

#include <optional>
#include <string>

#include "driver/compile.h"
#include "driver/session.h"
#include "learn/observe.h"

namespace sbpc::driver {

class LearnMerge {
 public:
  // `session` and `path` outlive it.
  LearnMerge(Session& session, const std::string& path) : session_(session), path_(path) {}

  // Compiles the policy as it is. False after a report.
  bool load();
  // For Observations::is_known.
  [[nodiscard]] learn::Known known(const learn::Seen& seen, const learn::Told& told);
  // The policy's new text; the old one if nothing is missing. nullopt after a report.
  [[nodiscard]] std::optional<std::string> text(const learn::Observations& seen);

 private:
  void report_denied(const learn::Seen& seen);
  Session& session_;
  const std::string& path_;
  std::string before_text_;
  Compiled before_;
  std::optional<ir::Program> silence_;  // see learn::KnownCalls
};

}  // namespace sbpc::driver
