// answers.h: which of a policy's answers a format has a word for, and what stands for the others. For plan.cpp.
//
//     default trap(5) in minijail, which has `trap` without data  ->  trap
//     two errors where all rules of a file have one answer        ->  the one that is strict enough
// Tested by test/export/round_trip.py.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "export/plan.h"

namespace sbpc::exporter {

class Answers {
 public:
  // `reason` is told of each call that gets another answer than the policy's, and why.
  using Reason = std::function<void(const std::string& call, std::string text)>;
  Answers(const FormatInfo& format, Reason reason) : format_(format), reason_(std::move(reason)) {}

  // Decides the plan's default, and whether it is another one than the policy's.
  void set_default(const sema::Policy& policy, Plan& plan);
  // Decides what all rules answer where the format has one answer beside the default.
  void set_matched(std::span<const Input> inputs, importer::AbiSet abis);

  // The answer itself or, where the format has none such, the weakest one that is at least as strict.
  [[nodiscard]] target::Verdict nearest(target::Verdict verdict) const;
  // The function with the answers that the format has.
  [[nodiscard]] ir::Ref sayable(ir::Diagram& diagram, ir::Ref answer, const std::string& call) const;

  [[nodiscard]] target::Verdict policy_otherwise() const { return policy_otherwise_; }  // as the format's lines say it

 private:
  using Counts = std::map<target::Verdict, size_t>;
  void count(const ir::Program& program, target::Abi abi, Counts& counts) const;
  void limit_otherwise(Plan& plan);
  [[nodiscard]] bool has_word(target::Verdict verdict) const;
  [[nodiscard]] target::Verdict one_of_two(target::Verdict verdict) const;

  const FormatInfo& format_;
  Reason reason_;
  target::Verdict otherwise_;
  target::Verdict policy_otherwise_;
  target::Verdict matched_;
};

}  // namespace sbpc::exporter
