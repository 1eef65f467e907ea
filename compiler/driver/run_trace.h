// run_trace.h: `sbpc run --trace`: a line for each kind of denied call as it happens, and at the end the rules.
//
//     sbpc: `cat` (process 71) was denied openat(AT_FDCWD, "/etc/shadow", O_RDONLY, _): errno(EPERM), p.sb:2: ...
//     sbpc: 3 calls were denied, 2 of them different. What would allow them, to be judged one by one:
//       allow openat(flags == O_RDONLY);    // 2 calls of `cat`
//
// Calls that differ in addresses only are one kind. `notify` and `trace` deny nothing: they ask another process, which
// is not there under `sbpc run`; they are told apart, and no rule is looked for. Tested by test/run/trace.test.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "driver/run_child.h"
#include "driver/run_edits.h"

namespace sbpc::driver {

class DeniedCalls {
 public:
  struct Words {
    std::function<std::string(const DeniedCall&)> reason;
    std::function<const Suggestion&(const DeniedCall&)> edit;
    std::function<std::string(Span)> place;
    bool permissive = false;
    bool has_source = true;  // false: there is no policy to be edited, only its program
  };
  explicit DeniedCalls(Words words) : words_(std::move(words)) {}

  void add(const DeniedCall& denied);
  // The end: how many, and what to write.
  [[nodiscard]] std::string summary() const;

 private:
  void count(const DeniedCall& denied, const std::string& call);
  [[nodiscard]] bool is_news(const DeniedCall& denied, const std::string& call);
  [[nodiscard]] std::string handed_over_text() const;
  [[nodiscard]] std::string rule_text(const Suggestion& edit, const std::string& call) const;
  struct Rule {
    std::string text;
    std::string call;  // of the first
    size_t calls = 0;
    std::set<std::string> names;
  };

  Words words_;
  std::set<std::string> told_;
  std::vector<Rule> rules_;
  std::map<std::string, size_t> rule_of_;  // by text
  size_t calls_ = 0;
  size_t handed_over_ = 0;  // answered `notify` or `trace`
};

// "openat(AT_FDCWD, \"/etc/shadow\", O_RDONLY, _)": as the policy would name it; paths are read from the stopped
// thread.
[[nodiscard]] std::string call_words(const DeniedCall& denied);

}  // namespace sbpc::driver
