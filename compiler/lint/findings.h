// findings.h: what the lints found, gathered so that one mistake is one message however many calls and ABIs it
// concerns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diag/sink.h"
#include "sema/policy.h"

namespace sbpc::lint {

[[nodiscard]] inline std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

struct Finding {
  diag::Kind kind;
  std::string subject{};     // {0} of the kind's text is the list of these
  std::string item{};        // {1} is the list of these
  Span place{};              // where to look; invalid: the policy's name
  std::vector<Span> uses{};  // that lead to the place
  std::string under{};       // beneath the place
  Span other{};              // the other half of the story
  std::string other_text{};
  std::string note{};
  std::string fix{};        // a statement that mends it
  std::string rewritten{};  // what mends it, written in the place of `place`
  bool by_place = false;    // findings of one kind and place are one message; otherwise those of one kind and subject
};

class Findings {
 public:
  // What is added from now on is about this policy. Those that differ in their family of ABIs only are one.
  void begin(const sema::Policy& policy);
  void add(target::Abi abi, Finding finding);
  void report(diag::Sink& sink) const;

 private:
  struct Subject {
    Span policy;        // its name
    Span default_line;  // where fixes go
    std::vector<target::Abi> abis;
  };
  struct Group {
    size_t subject;  // index into subjects_
    Finding first;
    std::vector<std::string> subjects;
    std::vector<std::string> items;
    std::vector<std::string> notes;
    std::vector<std::string> fixes;
    std::vector<target::Abi> abis;
  };
  void report(const Group& group, diag::Sink& sink) const;

  std::vector<Subject> subjects_;
  size_t current_ = 0;
  std::vector<Group> groups_;  // in the order of finding
};

}  // namespace sbpc::lint
