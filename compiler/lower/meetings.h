// meetings.h: whether two answers can meet on one event, told by their tests alone: no diagram is made, and what the
// tests don't tell is "may".
//
//   errno(1) openat(flags & 0xff == 3), errno(2) openat(flags & 0xff == 4)      never meet
//   errno(1) openat(flags has 1), errno(2) openat(flags has 2)                  may meet
// Thousands of answers that a value tells apart cost a sort. Tested by test/unit/lower/meetings_test.cpp.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ir/function_ref.h"
#include "ir/program.h"

namespace sbpc::lower {

// Tests that all hold: members, holes, flags and negations of the latter two.
using Tests = std::vector<ir::CondId>;

// A condition as alternatives. It holds nowhere but where one of them does, if `is_whole`: those beyond `most` are left
// out. An alternative may hold on more events: what has too many alternatives of its own is left out of it.
struct Alternatives {
  std::vector<Tests> rows;
  bool is_whole = true;
};
[[nodiscard]] Alternatives alternatives(ir::Conds& conds, ir::CondId cond, size_t most);

// Whether no event passes all of both.
[[nodiscard]] bool are_apart(const ir::Conds& conds, const Tests& a, const Tests& b);

// Tests of one word under one mask made one: `count >= 4, count < 8` is 4..7 of the lower word. nullopt if nothing is
// left.
[[nodiscard]] std::optional<Tests> joined(ir::Conds& conds, Tests tests);

struct Answer {
  ir::CondId when;
  target::Verdict verdict;
  size_t source;  // answers of one source have been settled among themselves
};

class Meetings {
 public:
  explicit Meetings(ir::Conds& conds, size_t comparisons = kComparisons) : conds_(conds), left_(comparisons) {}
  // False only if no event has two answers of different sources with one action and different data.
  [[nodiscard]] bool may_meet(std::span<const Answer> answers);

  // Alternatives of two answers, by their place in the span, that no test keeps apart.
  struct Meeting {
    size_t first;
    size_t second;
    const Tests& first_tests;
    const Tests& second_tests;
  };
  using Look = ir::FunctionRef<bool(const Meeting&)>;
  // Each meeting, until `look` answers false; false if there were too many comparisons to see them all.
  bool each(std::span<const Answer> answers, Look look);

 private:
  struct Piece {  // an alternative of an answer
    Tests tests;
    uint16_t data;
    size_t source;
    size_t answer;
  };
  enum class Seen : uint8_t { all, stopped, too_many };
  Seen each_of(const std::vector<Piece>& pieces, Look look);
  // One comparison; false when there have been too many to go on.
  bool spend();

  // For all of a policy: a tenth of a second. Beyond it diagrams answer, as where tests don't tell.
  static constexpr size_t kComparisons = size_t{1} << 20;
  ir::Conds& conds_;
  size_t left_;
};

}  // namespace sbpc::lower
