// diff.h: where two functions of events differ, as people would say it: "`socket` now allowed for domain ==
// AF_NETLINK".
//
// Both functions live in one diagram, whatever they were made of: policies, programs, stacks of programs. Every entry
// comes with a call that shows the difference. Tested by test/cli/diff.test.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ir/diagram.h"
#include "target/abi.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::output {

// One call, or numbers without a name, answered differently in the same way wherever `conditions` hold.
struct DiffEntry {
  std::string call;  // "socket"; "numbers 335..423"
  bool is_named = true;
  bool is_one = false;     // a call of the tables: its conditions name its arguments
  std::string conditions;  // "domain == AF_NETLINK"; empty: always
  bool exact = true;       // false: there is more to it than the conditions say
  target::SeccompData witness;
  std::string witness_text;               // "socket(AF_NETLINK)"
  std::vector<std::string> parameters;    // what they are in the witness: "sock == 3", "!net"
  std::vector<ir::Diagram::Opaque> held;  // comparisons with them that hold there
};

// The same change of verdict on the same ABIs.
struct DiffGroup {
  std::vector<target::Abi> abis;  // none: architectures that neither side tells apart
  target::Verdict was;
  target::Verdict now;
  std::vector<DiffEntry> entries;
};

// ABIs that only one side is for.
struct DiffOnly {
  std::string file;
  std::vector<target::Abi> abis;
};

struct Diff {
  std::vector<DiffGroup> groups;  // looser ones first, then stricter ones, then those that change data only
  std::vector<std::string> open;  // calls whose answers are too large to be compared
  std::vector<DiffOnly> only;     // what was not compared
  bool is_whole = true;           // that is no difference
  [[nodiscard]] bool is_equal() const { return groups.empty() && open.empty() && is_whole; }
};

struct DiffQuestion {
  ir::Ref first;
  ir::Ref second;
  ir::Ref within;  // the events that count (yes or no)
};

// Questions about different events, each in a diagram of its own or all in one, come to one diff.
class Differ {
 public:
  // `holes`: names of the run-time parameters by id.
  explicit Differ(std::vector<std::string> holes) : holes_(std::move(holes)) {}
  // False if the diagram's budget ran out, or its order does not tell calls apart first; then the question leaves
  // nothing behind.
  [[nodiscard]] bool add(ir::Diagram& diagram, const DiffQuestion& question);
  [[nodiscard]] Diff finish();

 private:
  friend class DiffQuestioner;
  struct Seen {  // where a change was seen
    std::optional<target::Abi> abi;
    uint32_t pair;
    DiffEntry entry;
  };
  std::vector<std::string> holes_;
  std::vector<std::pair<target::Verdict, target::Verdict>> verdicts_;  // by pair
  std::vector<Seen> seen_;
};

enum class Change : uint8_t { looser, stricter, data };
[[nodiscard]] Change change_of(const DiffGroup& group);

// What the two sides are called.
struct DiffNames {
  std::string first;
  std::string second;
};
// "x86_64, i386"
[[nodiscard]] std::string abi_names(const std::vector<target::Abi>& abis);
// "only `a.sb` is for s390x: not compared"
[[nodiscard]] std::string only_text(const DiffOnly& only);
[[nodiscard]] std::string diff_text(const Diff& diff, const DiffNames& names);
// JSON, described in docs/proof.md; `schema` counts up when a reader would have to change.
[[nodiscard]] std::string diff_json(const Diff& diff, const DiffNames& names);

}  // namespace sbpc::output
