// described.h: the comparisons that say where a foreign rule holds, worked out once for all ABIs that read them alike.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "describe/describe.h"
#include "ir/diagram.h"

namespace sbpc::importer {

class Described {
 public:
  // One of the cases holds where `where` does, which is neither always nor never; none if there is no short
  // description.
  [[nodiscard]] std::vector<describe::Case> cases(ir::Diagram& diagram, ir::Ref where, const describe::Frame& frame);

 private:
  struct Known {
    ir::Ref where;  // in same_
    describe::Frame frame;
    std::vector<describe::Case> cases;
  };
  ir::Diagram same_{limits::kFunctionDiagramNodes};
  std::vector<Known> known_;  // of the call asked for last
};

}  // namespace sbpc::importer
