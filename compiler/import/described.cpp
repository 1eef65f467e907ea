#include "import/described.h"

#include <algorithm>

#include "ir/copy.h"

namespace sbpc::importer {
namespace {

// What is short is found fast; long lists take their time.
constexpr describe::Limits kShort{32, 64, false}, kLong{256, 4096, false};

std::vector<describe::Case> work_out(ir::Diagram& diagram, ir::Ref where, const describe::Frame& frame) {
  auto said = describe::conditions(diagram, where, frame, kShort);
  if (said.cases.empty()) said = describe::conditions(diagram, where, frame, kLong);
  return std::move(said.cases);
}

}  // namespace

std::vector<describe::Case> Described::cases(ir::Diagram& diagram, ir::Ref where, const describe::Frame& frame) {
  if (!known_.empty() && known_.front().frame.call != frame.call) {
    known_.clear();
    same_ = ir::Diagram(limits::kFunctionDiagramNodes);
  }
  const ir::Ref same = ir::copy(diagram, where, same_);
  const auto found = std::ranges::find_if(
      known_, [&](const Known& known) { return known.where == same && describe::read_alike(known.frame, frame); });
  if (found != known_.end()) return found->cases;
  std::vector<describe::Case> cases = work_out(diagram, where, frame);
  if (same.valid()) known_.push_back({same, frame, cases});
  return cases;
}

}  // namespace sbpc::importer
