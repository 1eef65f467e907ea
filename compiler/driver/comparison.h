// comparison.h: two files against each other, as `prove` and `diff` ask: in one diagram, or call by call where that is
// too large.
//
// Tested by test/cli/prove.test and test/cli/prove_parts.test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/families.h"
#include "driver/meaning_file.h"
#include "driver/session.h"
#include "prove/compare.h"

namespace sbpc::driver {

struct FilePair {
  FileMeaning first;
  FileMeaning second;
};
// Both in one table; errors are in the sink.
[[nodiscard]] Result<FilePair> read_pair(Session& session, MeaningTable& table);

// The events that count: those of some ABIs (none: all events), or all but theirs.
struct Events {
  std::vector<target::Abi> abis;
  bool is_all_but = false;
};
// Those of --target, or all that no other comparison of the plan is about.
[[nodiscard]] Events events_that_count(const Session& session, const FamilyComparison& family);

// What differs, or is wider, on the events of `question.within`, which is made narrower by what counts.
struct Question {
  ir::Ref within;
  ir::Ref first;
  ir::Ref second;
};
struct Comparison {
  bool is_decided = false;
  bool is_interleaved = false;            // in a diagram for words that programs combine (prove/meetings.h)
  bool is_by_call = false;                // one diagram was too small
  std::vector<target::SeccompData> open;  // an event of each call that could not be decided
};
// Asks once in one diagram, of the order that the programs want or the table's, or, if those are too small, for each
// part of the events in a diagram of its own. `ask` answers whether it could decide.
[[nodiscard]] Comparison compare_files(const FilePair& pair, MeaningTable& table, const Events& events,
                                       ir::FunctionRef<bool(ir::Diagram&, const Question&)> ask);

// By code and cut points (prove/parts.h), for all events: what compare_files leaves open.
struct ByClauses {
  bool is_equal = false;                         // false is no answer
  std::optional<target::SeccompData> different;  // a call that the two answer differently
};
[[nodiscard]] ByClauses compare_by_clauses(const FilePair& pair);

// Where a difference is looked for, in this order: the ABIs that the files are for, this machine's first; those of a
// machine that can run either; all others.
[[nodiscard]] std::vector<target::Abi> witness_order(const FilePair& pair);

// A call that shows that the relation does not hold, found by trying some: for what compare_files leaves open.
struct Trial {
  Events events;
  prove::Relation relation;
  std::vector<target::Abi> abis;                 // whose calls are liked best, in this order
  std::optional<target::SeccompData> candidate;  // tried first; others only where a program is compared
  std::vector<target::SeccompData> open;         // one of each call that is open
};
[[nodiscard]] std::optional<ir::Diagram::Witness> difference_by_trial(const FilePair& pair, const Trial& trial);

// "read(fd: 3) on x86_64": the bits that were tested.
[[nodiscard]] std::string event_text(const ir::Diagram::Witness& witness);

// "mmap on x86_64", for each that is open.
[[nodiscard]] std::vector<std::string> open_calls(const Comparison& comparison);

// Why the answer is not known; `known`: a difference that is, if nothing else tells of one.
void report_undecided(Session& session, const FilePair& pair, const Comparison& comparison,
                      const std::optional<ir::Diagram::Witness>& known);

}  // namespace sbpc::driver
