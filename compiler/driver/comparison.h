// comparison.h: two files against each other, as `prove` and `diff` ask: in one diagram, or call by call where that is
// too large.
//
// Tested by test/cli/prove.test and test/cli/prove_parts.test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/meaning_file.h"
#include "driver/session.h"

namespace sbpc::driver {

struct FilePair {
  FileMeaning first;
  FileMeaning second;
};
// Both in one table; errors are in the sink.
[[nodiscard]] Result<FilePair> read_pair(Session& session, MeaningTable& table);

// The ABIs whose events count: those of the table's family or of --target; none: all events.
[[nodiscard]] std::vector<target::Abi> events_that_count(const Session& session, const MeaningTable& table);

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
[[nodiscard]] Comparison compare_files(const FilePair& pair, MeaningTable& table, const std::vector<target::Abi>& abis,
                                       ir::FunctionRef<bool(ir::Diagram&, const Question&)> ask);

// Whether the two answer every event alike, by code and cut points (prove/parts.h): for what compare_files leaves open.
// False is no answer.
[[nodiscard]] bool equal_by_clauses(const FilePair& pair);

}  // namespace sbpc::driver
