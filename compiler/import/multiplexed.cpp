#include "import/multiplexed.h"

#include <algorithm>
#include <span>

#include "target/multiplexers.h"

namespace sbpc::importer {

void Multiplexed::add(target::CallId call, target::Abi abi, target::Verdict verdict, const Guard& guard) {
  const auto sub = target::sub_call(call, abi);
  if (!sub) return;
  const target::Multiplexer& row = target::multiplexer(*sub);
  Said made{abi, row.name, row.mask, sub->selector, verdict, guard};
  made.guard.abis = AbiSet::all();
  if (std::ranges::find(said_, made) == said_.end()) said_.push_back(std::move(made));
}

ir::Ref Multiplexed::selected(const Said& row, ir::Diagram& diagram) {
  const ir::WordRange number{row.selector, row.selector};
  return diagram.member(target::arg_lo(0), row.mask, std::span(&number, 1));
}

std::string_view Multiplexed::word_for(const Answer& answer, ir::Diagram& diagram, ir::Ref where) const {
  const bool meets = std::ranges::any_of(said_, [&](const Said& row) {
    if (row.abi != answer.abi || row.multiplexer != answer.multiplexer || row.verdict == answer.verdict) return false;
    const bool counts = row.verdict.action == answer.verdict.action || (is_last_word_ && row.verdict < answer.verdict);
    return counts && compatible(row.guard, answer.guard) &&
           diagram.conjunction(where, selected(row, diagram)) != diagram.no();
  });
  return meets ? "override " : "";
}

ir::Ref Multiplexed::said_otherwise(const Answer& answer, uint32_t nr, Width width, ir::Diagram& diagram) const {
  std::vector<AllOf> any;
  for (const Said& row : said_) {
    if (row.abi == answer.abi && row.multiplexer == answer.multiplexer && row.verdict != answer.verdict &&
        compatible(row.guard, answer.guard))
      any.push_back({{0, CompareOp::eq, ~uint64_t{0}, row.selector, 64}});
  }
  return any.empty() ? diagram.no() : condition(any, answer.abi, nr, width, diagram);
}

ir::Ref Multiplexed::said(const Answer& answer, ir::Diagram& diagram) const {
  ir::Ref found = diagram.no();
  for (const Said& row : said_) {
    Guard guard = answer.guard;
    guard.abis = AbiSet::all();
    if (row.abi == answer.abi && row.multiplexer == answer.multiplexer && row.verdict == answer.verdict &&
        implies(guard, row.guard))
      found = diagram.disjunction(found, selected(row, diagram));
  }
  return found;
}

}  // namespace sbpc::importer
