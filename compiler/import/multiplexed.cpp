#include "import/multiplexed.h"

#include <algorithm>
#include <span>

#include "target/multiplexers.h"

namespace sbpc::importer {

void Multiplexed::add(target::CallId call, target::Abi abi, target::Verdict verdict) {
  const auto sub = target::sub_call(call, abi);
  if (!sub) return;
  const target::Multiplexer& row = target::multiplexer(*sub);
  said_.emplace(abi, row.name, row.mask, sub->selector, verdict);
}

std::string_view Multiplexed::word_for(std::string_view multiplexer, target::Abi abi, target::Verdict verdict,
                                       ir::Diagram& diagram, ir::Ref where) const {
  const bool meets = std::ranges::any_of(said_, [&](const auto& row) {
    const auto& [own_abi, name, mask, selector, other] = row;
    if (own_abi != abi || name != multiplexer || other.action != verdict.action || other == verdict) return false;
    const ir::WordRange number{selector, selector};
    const ir::Ref here = diagram.member(target::arg_lo(0), mask, std::span(&number, 1));
    return diagram.conjunction(where, here) != diagram.no();
  });
  return meets ? "override " : "";
}

}  // namespace sbpc::importer
