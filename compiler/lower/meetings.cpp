#include "lower/meetings.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/check.h"

namespace sbpc::lower {
namespace {

using ir::Cond;
using ir::CondId;
using ir::Conds;

constexpr size_t kMostRows = 64;    // alternatives of one statement that are told apart
constexpr size_t kMostValues = 16;  // of a member that is compared with one under another mask

Alternatives one_row(Tests tests) {
  Alternatives result;
  result.rows.push_back(std::move(tests));
  return result;
}

class Expander {
 public:
  Expander(Conds& conds, size_t most) : conds_(conds), most_(most) {}

  Alternatives operator()(CondId id) {
    const Cond cond = conds_[id];  // a copy: negations add to the conditions
    switch (cond.kind) {
      case Cond::Kind::always: return one_row({});
      case Cond::Kind::never: return {};
      case Cond::Kind::member:
      case Cond::Kind::hole:
      case Cond::Kind::flag: return one_row({id});
      case Cond::Kind::any: return any(cond.operands);
      case Cond::Kind::all: return all(cond.operands);
      case Cond::Kind::negation: return negation(id, cond.operands[0]);
    }
    CHECK(false);
  }

 private:
  Alternatives any(const std::vector<CondId>& operands) {
    Alternatives result;
    for (const CondId operand : operands) {
      Alternatives each = (*this)(operand);
      result.is_whole &= each.is_whole;
      for (Tests& row : each.rows) {
        if (result.rows.size() == most_) return {std::move(result.rows), false};
        result.rows.push_back(std::move(row));
      }
    }
    return result;
  }

  // Every row with every row; an operand that would make too many is left out.
  Alternatives all(const std::vector<CondId>& operands) {
    Alternatives result = one_row({});
    for (const CondId operand : operands) {
      const Alternatives each = (*this)(operand);
      if (!each.is_whole || each.rows.size() * result.rows.size() > most_) continue;
      std::vector<Tests> rows;
      for (const Tests& left : result.rows) {
        for (const Tests& right : each.rows) {
          rows.push_back(left);
          rows.back().insert(rows.back().end(), right.begin(), right.end());
        }
      }
      result.rows = std::move(rows);
    }
    return result;
  }

  Alternatives negation(CondId id, CondId operand) {
    const Cond what = conds_[operand];
    if (what.kind != Cond::Kind::all && what.kind != Cond::Kind::any) return one_row({id});
    std::vector<CondId> negated;
    for (const CondId each : what.operands) negated.push_back(conds_.negation(each));
    return what.kind == Cond::Kind::all ? any(negated) : all(negated);
  }

  Conds& conds_;
  size_t most_;
};

bool ranges_meet(const std::vector<ir::Range>& a, const std::vector<ir::Range>& b) {
  if (a.size() > b.size()) return ranges_meet(b, a);
  return std::any_of(a.begin(), a.end(), [&](const ir::Range& range) {
    const auto at =
        std::partition_point(b.begin(), b.end(), [&](const ir::Range& each) { return each.last < range.first; });
    return at != b.end() && at->first <= range.last;
  });
}

bool are_few_values(const Cond& cond) {
  return cond.ranges.size() <= kMostValues &&
         std::all_of(cond.ranges.begin(), cond.ranges.end(),
                     [](const ir::Range& range) { return range.first == range.last; });
}

// Whether some value of the word passes both, as far as can be told.
bool members_may_meet(const Cond& a, const Cond& b) {
  if (a.mask == b.mask) return ranges_meet(a.ranges, b.ranges);
  if (!are_few_values(a) || !are_few_values(b)) return true;
  const uint32_t shared = a.mask & b.mask;
  return std::any_of(a.ranges.begin(), a.ranges.end(), [&](const ir::Range& x) {
    return std::any_of(b.ranges.begin(), b.ranges.end(),
                       [&](const ir::Range& y) { return ((x.first ^ y.first) & shared) == 0; });
  });
}

bool is_negation_of(const Cond& cond, CondId id) { return cond.kind == Cond::Kind::negation && cond.operands[0] == id; }

// Alternatives of which one holds wherever the condition does. Those of hundreds of statements with one answer are told
// apart one by one.
std::vector<Tests> rows_of(Conds& conds, CondId when) {
  const std::vector<CondId> operands =
      conds[when].kind == Cond::Kind::any ? conds[when].operands : std::vector<CondId>{when};
  std::vector<Tests> rows;
  for (const CondId operand : operands) {
    Alternatives each = alternatives(conds, operand, kMostRows);
    if (!each.is_whole) each = one_row({});
    rows.insert(rows.end(), std::make_move_iterator(each.rows.begin()), std::make_move_iterator(each.rows.end()));
  }
  return rows;
}

// A word under a mask: the one that has most different values tells most pieces apart.
struct Key {
  ir::Word word;
  uint32_t mask;
  auto operator<=>(const Key&) const = default;
};

// A range of the key's values that a piece takes.
struct Stretch {
  ir::Range values;
  size_t piece;
};

}  // namespace

Alternatives alternatives(Conds& conds, CondId cond, size_t most) { return Expander(conds, most)(cond); }

bool are_apart(const Conds& conds, const Tests& a, const Tests& b) {
  return std::any_of(a.begin(), a.end(), [&](CondId x) {
    const Cond& left = conds[x];
    return std::any_of(b.begin(), b.end(), [&](CondId y) {
      const Cond& right = conds[y];
      if (left.kind == Cond::Kind::member && right.kind == Cond::Kind::member)
        return left.word == right.word && !members_may_meet(left, right);
      return is_negation_of(left, y) || is_negation_of(right, x);
    });
  });
}

std::optional<Tests> joined(Conds& conds, Tests tests) {
  std::set<Key> words;
  const bool repeats = std::any_of(tests.begin(), tests.end(), [&](CondId id) {
    const Cond& cond = conds[id];
    return cond.kind == Cond::Kind::member && !words.insert({cond.word, cond.mask}).second;
  });
  if (!repeats) return tests;
  const CondId all = conds.all(std::move(tests));  // ranges of one word and mask become one member
  if (all == conds.never()) return std::nullopt;
  if (all == conds.always()) return Tests{};
  return conds[all].kind == Cond::Kind::all ? conds[all].operands : Tests{all};
}

bool Meetings::spend() {
  if (left_ == 0) return false;
  --left_;
  return true;
}

bool Meetings::may_meet(std::span<const Answer> answers) {
  bool found = false;
  const bool saw_all = each(answers, [&](const Meeting&) {
    found = true;
    return false;
  });
  return found || !saw_all;
}

bool Meetings::each(std::span<const Answer> answers, Look look) {
  std::array<std::set<uint16_t>, target::kActionCount> data;
  for (const Answer& answer : answers) data[static_cast<size_t>(answer.verdict.action)].insert(answer.verdict.data);
  for (size_t action = 0; action < data.size(); ++action) {
    if (data[action].size() < 2) continue;
    std::vector<Piece> pieces;
    for (size_t i = 0; i < answers.size(); ++i) {
      const Answer& answer = answers[i];
      if (static_cast<size_t>(answer.verdict.action) != action) continue;
      for (Tests& row : rows_of(conds_, answer.when)) {
        if (!spend()) return false;
        if (auto tests = joined(conds_, std::move(row)))
          pieces.push_back({std::move(*tests), answer.verdict.data, answer.source, i});
      }
    }
    const Seen seen = each_of(pieces, look);
    if (seen != Seen::all) return seen == Seen::stopped;
  }
  return true;
}

// The pieces by rising values of one word: only those whose values overlap are compared.
Meetings::Seen Meetings::each_of(const std::vector<Piece>& pieces, Look look) {
  std::map<Key, std::set<uint32_t>> values;
  for (const Piece& piece : pieces) {
    for (const CondId test : piece.tests) {
      const Cond& cond = conds_[test];
      if (cond.kind == Cond::Kind::member) values[{cond.word, cond.mask}].insert(cond.ranges.front().first);
    }
  }
  const auto most = std::max_element(values.begin(), values.end(),
                                     [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  const auto is_key = [&](const Cond& cond) {
    return most != values.end() && cond.kind == Cond::Kind::member && cond.word == most->first.word &&
           cond.mask == most->first.mask;
  };
  std::vector<Stretch> stretches;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto& tests = pieces[i].tests;
    const auto test = std::find_if(tests.begin(), tests.end(), [&](CondId id) { return is_key(conds_[id]); });
    if (test == tests.end()) {
      stretches.push_back({{0, 0xffffffffU}, i});
      continue;
    }
    for (const ir::Range& range : conds_[*test].ranges) stretches.push_back({range, i});
  }
  std::sort(stretches.begin(), stretches.end(), [](const Stretch& a, const Stretch& b) { return a.values < b.values; });
  std::vector<Stretch> open;  // those before that reach the one at hand
  for (const Stretch& stretch : stretches) {
    std::erase_if(open, [&](const Stretch& each) { return each.values.last < stretch.values.first; });
    const Piece& piece = pieces[stretch.piece];
    for (const Stretch& each : open) {
      if (!spend()) return Seen::too_many;
      const Piece& other = pieces[each.piece];
      if (other.data == piece.data || other.source == piece.source || are_apart(conds_, piece.tests, other.tests))
        continue;
      const bool in_order = other.answer < piece.answer;
      const Piece& first = in_order ? other : piece;
      const Piece& second = in_order ? piece : other;
      if (!look({first.answer, second.answer, first.tests, second.tests})) return Seen::stopped;
    }
    open.push_back(stretch);
  }
  return Seen::all;
}

}  // namespace sbpc::lower
