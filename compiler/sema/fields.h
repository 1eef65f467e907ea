// fields.h: fields of flags words in comparisons: what fields.cpp, masks.cpp and joined_values.cpp share. Private to
// them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sema/comparison.h"

namespace sbpc::sema {

// Constants beside an argument, and what is asked of their bits.
struct Flags {
  const Site& site;
  const Left& left;
  const ast::Expr& expr;  // the comparison
  const Value& value;     // its right side
  ast::Op op;             // has, any, lacks, only; of a mask what it comes to
  ast::ExprId bits;       // where the constants stand
  Span argument;          // what a fix writes before them
};

// The field that has the constant for a value; null if none does.
[[nodiscard]] const FieldFacts* field_of(std::span<const FieldFacts> fields, target::ConstantId constant);
// The names of `A | B | C`; empty if something else stands there.
[[nodiscard]] std::vector<std::string_view> names_in(const Env& env, ast::ExprId id);
// `flags & MAP_TYPE == MAP_PRIVATE && flags has MAP_ANONYMOUS`; `flags & O_ACCMODE !in { O_WRONLY, O_RDWR }` for
// `lacks` of both; all fields that are named at once. Empty where that can't be asked: `has` of two values.
[[nodiscard]] std::string field_fix(const Flags& flags, const FieldFacts& field, std::string_view constant);
// `domain == AF_UNIX` for a test of single bits.
[[nodiscard]] std::string enumeration_fix(const Flags& flags);
// SB3053: `tested`, the text of what the value `named` is taken for bits in; `fixed` empty: no fix.
void report_enumeration(const Flags& flags, const Part& named, std::string_view tested, const std::string& fixed);
// SB3052: `lacks` and `any` of a constant that contains another flag; `tested`: the text of what looks at both. False
// after a report.
[[nodiscard]] bool check_composites(const Flags& flags, std::span<const Part> parts, std::string_view tested);
// Values that are compared as a whole.
[[nodiscard]] inline bool is_enumeration(target::TypeKind kind) {
  return kind == target::TypeKind::enumeration || kind == target::TypeKind::signal;
}

}  // namespace sbpc::sema
