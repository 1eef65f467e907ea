// halves.h: what becomes of a call's rules where libseccomp compares half a register: on ABIs with pointers of 32 bits,
// x32 among them, it cuts what stands above.
//
//     ftruncate: allow if args[1] <= 0x10000      on x32: 2^32 is allowed, too
//
// Tested by test/export/errors.test and test/export/round_trip.py.
#pragma once

#include <span>
#include <vector>

#include "import/model.h"
#include "ir/diagram.h"

namespace sbpc::exporter {

// One answer of a call, and where; no alternatives: wherever no other says something.
struct Piece {
  target::Verdict verdict;
  std::vector<importer::AllOf> any;
};

enum class Halves : uint8_t { same, other, laxer };

// How the pieces answer on `abi`, compared with `wanted`; libseccomp's profile says how they are applied.
[[nodiscard]] Halves halves(std::span<const Piece> pieces, const importer::Profile& profile, target::Abi abi,
                            ir::Ref wanted, ir::Diagram& diagram);

}  // namespace sbpc::exporter
