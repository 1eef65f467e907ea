#include "export/trusted.h"

#include <algorithm>

namespace sbpc::exporter {

bool is_trusted(std::span<const Piece> pieces) {
  using importer::AllOf;
  size_t rules = 0;
  bool is_simple = true;
  bool is_equal = true;
  for (const Piece& piece : pieces) {
    rules += piece.any.size();
    for (const AllOf& all : piece.any) {
      is_simple = is_simple && all.size() == 1 && all.front().mask == ~uint64_t{0} && (all.front().value >> 32U) == 0 &&
                  all.front().index == pieces.front().any.front().front().index;
      is_equal = is_equal && std::ranges::all_of(
                                 all, [](const importer::Compare& each) { return each.op == importer::CompareOp::eq; });
    }
  }
  return rules <= 1 || is_equal || (is_simple && pieces.size() == 1);
}

}  // namespace sbpc::exporter
