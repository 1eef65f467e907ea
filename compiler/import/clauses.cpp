#include "import/clauses.h"

#include <fmt/format.h>

#include <algorithm>

namespace sbpc::importer {
namespace {

using ir::Diagram;
using ir::Ref;

constexpr size_t kMostAlternatives = 256;  // each is held against all others

std::string number(uint64_t value) { return value < 10 ? fmt::format("{}", value) : fmt::format("{:#x}", value); }

// Whether the comparison says nothing: `compare` is within its register, as `compared` makes it.
bool holds_always(const Compare& compare) {
  switch (compare.op) {
    case CompareOp::eq: return compare.mask == 0 && compare.value == 0;
    case CompareOp::ne: return (compare.value & ~compare.mask) != 0;
    case CompareOp::lt: return compare.value > compare.mask;
    case CompareOp::le: return compare.value >= compare.mask;
    case CompareOp::gt: return false;
    case CompareOp::ge: return compare.value == 0;
  }
  return false;
}

struct Alternative {
  std::string text;
  Ref where;
};

class Writer {
 public:
  explicit Writer(const ClauseQuestion& question) : question_(question) {}

  std::optional<std::vector<std::string>> run() {
    Ref taken = diagram_.no();  // by rules with other answers
    for (size_t i = 0; i < question_.rules.size(); ++i) {
      const Applied& rule = question_.rules[i];
      const Ref where = condition(rule.any, question_.abi, question_.nr, question_.width, diagram_);
      if (rule.verdict == question_.verdict) {
        for (const AllOf& all : rule.any.empty() ? std::vector<AllOf>{{}} : rule.any) add(all, i, taken);
      } else {
        taken = diagram_.disjunction(taken, where);
      }
      if (!taken.valid() || made_.size() > kMostAlternatives) return std::nullopt;
    }
    drop_covered();
    std::vector<std::string> texts;
    for (Alternative& one : made_) texts.push_back(std::move(one.text));
    return texts;
  }

 private:
  Ref meaning(const AllOf& all) { return condition({all}, question_.abi, question_.nr, question_.width, diagram_); }

  void add(const AllOf& all, size_t index, Ref taken) {
    const Ref own = meaning(all);
    const Ref where = diagram_.conjunction(own, diagram_.negate(taken));
    if (where == diagram_.no()) return;
    std::vector<std::string> parts = comparisons(all);
    for (size_t j = 0; where != own && j < index; ++j) {
      const Applied& before = question_.rules[j];
      if (before.verdict == question_.verdict) continue;
      for (const AllOf& other : before.any) {
        if (diagram_.conjunction(own, meaning(other)) != diagram_.no())
          parts.push_back(fmt::format("!({})", fmt::join(comparisons(other), " && ")));
      }
    }
    made_.push_back({fmt::format("{}", fmt::join(parts, ", ")), where});
  }

  std::vector<std::string> comparisons(const AllOf& all) const {
    std::vector<std::string> parts;
    for (const Compare& one : all) {
      const Compare compare = compared(one, question_.abi, question_.nr, question_.width);
      if (holds_always(compare)) continue;
      const uint64_t own = target::info(question_.abi).register_bits == 64 ? ~uint64_t{0} : 0xffffffffU;
      const std::string mask = compare.mask == own ? "" : fmt::format(" & {}", number(compare.mask));
      parts.push_back(fmt::format("${}{} {} {}", compare.index, mask, sign_of(compare.op), number(compare.value)));
    }
    return parts;
  }

  // One that is part of the others would be a condition that restricts nothing.
  void drop_covered() {
    for (size_t i = made_.size(); i-- > 0 && made_.size() > 1;) {
      Ref others = diagram_.no();
      for (size_t j = 0; j < made_.size(); ++j) {
        if (j != i) others = diagram_.disjunction(others, made_[j].where);
      }
      if (diagram_.conjunction(made_[i].where, diagram_.negate(others)) == diagram_.no())
        made_.erase(made_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  const ClauseQuestion& question_;
  Diagram diagram_;
  std::vector<Alternative> made_;
};

}  // namespace

std::optional<std::vector<std::string>> clauses(const ClauseQuestion& question) { return Writer(question).run(); }

}  // namespace sbpc::importer
