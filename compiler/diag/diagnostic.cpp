#include "diag/diagnostic.h"

#include <array>

namespace sbpc::diag {
namespace {

constexpr std::array<KindInfo, kKindCount> kKinds = {{
#define DIAG(id, code, severity, lint, text, explanation) \
  {Kind::id, #id, code, Severity::severity, lint, text, explanation},
#include "diag/kinds.def"
}};

}  // namespace

const KindInfo& info(Kind kind) { return kKinds[static_cast<size_t>(kind)]; }

std::span<const KindInfo> kinds() { return kKinds; }

std::optional<Kind> find_kind(std::string_view code_or_lint) {
  for (const KindInfo& row : kKinds) {
    if (row.code == code_or_lint || (!row.lint.empty() && row.lint == code_or_lint)) return row.kind;
  }
  return std::nullopt;
}

}  // namespace sbpc::diag
