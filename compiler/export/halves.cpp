#include "export/halves.h"

#include "import/meaning.h"

namespace sbpc::exporter {

using ir::Diagram;
using ir::Ref;

Halves halves(std::span<const Piece> pieces, const importer::Profile& profile, target::Abi abi, Ref wanted,
              Diagram& diagram) {
  importer::AppliedCall call;
  for (const Piece& piece : pieces)
    call.rules.push_back({piece.verdict, importer::as_applied(piece.any, profile, abi)});
  const Ref there = importer::answer(profile, abi, call, importer::Width::exact, diagram);
  if (there == wanted) return Halves::same;
  const Ref laxer = diagram.apply(there, wanted, [](uint32_t a, uint32_t b) {
    return target::decode(b).action < target::decode(a).action ? Diagram::kYes : Diagram::kNo;
  });
  return laxer == diagram.no() ? Halves::other : Halves::laxer;
}

}  // namespace sbpc::exporter
