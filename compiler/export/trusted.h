// trusted.h: which of a call's rules libseccomp gets right.
//
// It puts the comparisons of a call into a tree, and gets orderings wrong there (2.5.4: `<= 0x10000` beside `>= 2^63`
// allows 2^31). What is trusted: one rule; or equalities alone; or one register, and values of 32 bits. Tested by
// test/export/libseccomp_c.test, against libseccomp itself.
#pragma once

#include <span>

#include "export/halves.h"

namespace sbpc::exporter {

[[nodiscard]] bool is_trusted(std::span<const Piece> pieces);

}  // namespace sbpc::exporter
