#include "diag/diagnostic.h"

#include <algorithm>
#include <array>

namespace sbpc::diag {
namespace {

constexpr auto kKinds = [] {
  const KindInfo unsorted[] = {
#undef DIAG
#define DIAG(id, code, severity, lint, text, explanation) \
  KindInfo{kind_of(code), #id, code, Severity::severity, lint, text, explanation},
#include "diag/kinds/command_line.def"
#include "diag/kinds/export.def"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"
#include "diag/kinds/learn.def"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/kinds/names.def"
#include "diag/kinds/program.def"
#include "diag/kinds/syntax.def"
#include "diag/kinds/types.def"
  };
  auto rows = std::to_array(unsorted);
  std::ranges::sort(rows, {}, &KindInfo::kind);
  return rows;
}();

static_assert(std::ranges::adjacent_find(kKinds, {}, &KindInfo::kind) == kKinds.end(),
              "two rows of diag/kinds/ have one code");

}  // namespace

const KindInfo& info(Kind kind) { return *std::ranges::lower_bound(kKinds, kind, {}, &KindInfo::kind); }

std::span<const KindInfo> all_kinds() { return kKinds; }

std::optional<Kind> find_kind(std::string_view code_or_lint) {
  for (const KindInfo& row : kKinds) {
    if (row.code == code_or_lint || (!row.lint.empty() && row.lint == code_or_lint)) return row.kind;
  }
  return std::nullopt;
}

}  // namespace sbpc::diag
