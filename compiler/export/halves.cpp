#include "export/halves.h"

#include "import/meaning.h"

namespace sbpc::exporter {

using ir::Diagram;
using ir::Ref;

Halves halves(std::span<const Piece> pieces, const importer::Profile& profile, target::Abi abi, Ref wanted,
              Diagram& diagram) {
  Ref there = diagram.none();
  for (const Piece& piece : pieces) {
    const std::vector<importer::AllOf> any = importer::as_applied(piece.any, profile, abi);
    const Ref where = importer::condition(any, abi, 0, importer::Width::exact, diagram);
    const Ref verdict = diagram.terminal(target::encode(piece.verdict));
    there = diagram.strictest(there, diagram.ite(where, verdict, diagram.none()));
  }
  there = diagram.over(there, diagram.terminal(target::encode(profile.otherwise)));
  if (there == wanted) return Halves::same;
  const Ref laxer = diagram.apply(there, wanted, [](uint32_t a, uint32_t b) {
    return target::decode(b).action < target::decode(a).action ? Diagram::kYes : Diagram::kNo;
  });
  return laxer == diagram.no() ? Halves::other : Halves::laxer;
}

}  // namespace sbpc::exporter
