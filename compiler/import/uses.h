// uses.h: what a file's rules say of one call, sorted: calls of thousands of rules are not compared rule by rule.
//
//     allow read if fd == 0; allow read  ->  the first one is redundant, so one statement is written
// Tested by test/cli/import_compare.test and, for how long it takes, test/cli/import_limits.test.
#pragma once

#include <vector>

#include "import/conflicts.h"
#include "import/meaning.h"

namespace sbpc::importer {

class CallUses {
 public:
  [[nodiscard]] const std::vector<Use>& all() const { return all_; }  // in the file's order
  void add(Use use) { all_.push_back(use); }
  void clear() { all_.clear(); }

  // All of them are added. Takes away those that do nothing: in seccompiler those without conditions beside others with
  // some.
  void sort(const Profile& profile);
  [[nodiscard]] const Use* find(const Rule& rule, const Call& call) const;  // null: it is none of them
  // Whether two of them answer an event in different ways; or one statement of `allow` would take all that another one
  // lets pass (SB4510), under some choice of what they ask.
  [[nodiscard]] bool are_contested(const Profile& profile, Width width) const;
  // Whether another use, without conditions, says as much wherever this one is there.
  [[nodiscard]] bool is_redundant(const Use& own) const;
  // Those that differ from it in their conditions only, itself among them.
  [[nodiscard]] const std::vector<const Use*>& alike(const Use& own) const;

 private:
  [[nodiscard]] bool has_swallowed(const Profile& profile, Width width) const;
  [[nodiscard]] bool has_swallowed_on(const Profile& profile, target::Abi abi, Width width) const;

  std::vector<Use> all_;
  std::vector<const Use*> plain_;               // without conditions
  std::vector<std::vector<const Use*>> alike_;  // with conditions
  std::vector<size_t> alike_of_;                // of each use: which of them; or of `plain_`, nothing
};

}  // namespace sbpc::importer
