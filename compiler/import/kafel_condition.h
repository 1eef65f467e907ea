// kafel_condition.h: a condition of Kafel's on one ABI -> alternatives of comparisons with constants.
//
//   (fd == 1 || fd == 2) && count < 4   ->   fd == 1 and count < 4; fd == 2 and count < 4
// Source: google/kafel src/expression.c (expr_simplify), src/codegen.c (is_64bit): without sign; in 64 bits as soon as
// an argument of 64 bits or a larger number takes part, else the lower halves alone. Comparisons of two arguments have
// no form in the model, nor in the language. Tested by test/cli/import_kafel.test.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "import/kafel_names.h"
#include "import/kafel_syntax.h"
#include "import/model.h"

namespace sbpc::importer {

struct KafelTrouble {
  enum class Kind : uint8_t { unknown_name, two_arguments, too_large };
  Kind kind;
  Span span;
  std::string text;
};

// None: never; one empty alternative: always.
[[nodiscard]] tl::expected<std::vector<AllOf>, KafelTrouble> kafel_condition(const std::vector<KafelNode>& nodes,
                                                                             const std::vector<KafelArg>& args);

}  // namespace sbpc::importer
