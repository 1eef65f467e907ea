// conditions.h: where a function of a call's registers holds, as the comparisons that a foreign format has.
//
//     type & 0xf == SOCK_STREAM, a yes/no diagram  ->  { (args[1] & 0xf) == 1 }
//
// What comes out holds exactly where the function does (importer::condition is the other way round); where the format
// has no such form, or it would be too long, nothing does. Tested by test/unit/export/conditions_test.cpp.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "import/model.h"
#include "ir/diagram.h"

namespace sbpc::exporter {

using importer::AllOf;

// What a comparison can be, and how many of them can look at one register.
enum class Compares : uint8_t {
  libseccomp,  // one for each register: 64 bits without sign, or `masked ==`
  masks,       // one for each register: `==`, or `masked ==`
  sized,       // several: 32 or 64 bits without sign, or `masked ==`
  either,      // as libseccomp; what cannot be said so as `sized`
  bits,        // several: 64 bits without sign; any bit of a mask; no bit of a mask
  none,        // there are none
  any,         // several: a masked register, compared in any way
};

// What is asked of the registers of one call.
struct Question {
  Compares compares = Compares::libseccomp;
  unsigned register_bits = 64;
  bool may_overlap = false;  // an event may be in several alternatives, so that there are fewer of them
};

// `where` (kYes or kNo) may look at the registers only. Empty: nowhere; one AllOf without comparisons: everywhere.
// nullopt: cannot be said.
[[nodiscard]] std::optional<std::vector<AllOf>> conditions(ir::Diagram& diagram, ir::Ref where,
                                                           const Question& question);

}  // namespace sbpc::exporter
