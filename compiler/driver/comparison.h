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
  bool is_by_call = false;        // one diagram was too small
  std::vector<std::string> open;  // "mmap on x86_64": calls that could not be decided
};
// Asks once in the table's diagram or, if that is too small, for each part of the events in a diagram of its own. `ask`
// answers whether it could decide.
[[nodiscard]] Comparison compare_files(const FilePair& pair, MeaningTable& table, const Events& events,
                                       ir::FunctionRef<bool(ir::Diagram&, const Question&)> ask);

// A call that shows that the relation does not hold, found by trying some: for what compare_files leaves open. Only
// where a program is compared.
struct Trial {
  Events events;
  prove::Relation relation;
  std::vector<target::Abi> abis;  // whose calls are liked best, in this order
};
[[nodiscard]] std::optional<target::SeccompData> difference_by_trial(const FilePair& pair, const Trial& trial);

// Why the answer is not known.
void report_undecided(Session& session, const FilePair& pair, const Comparison& comparison);

// Whether the two answer every event alike, by code and cut points (prove/parts.h): for what compare_files leaves open.
// False is no answer.
[[nodiscard]] bool equal_by_clauses(const FilePair& pair);

}  // namespace sbpc::driver
