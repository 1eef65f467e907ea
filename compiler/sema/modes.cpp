// modes.cpp: `mode == 644`: modes are octal everywhere else, and here a decimal number is read as decimal.
//
// Who has converted one writes 420 for 0o644, so the two readings are compared: 644 is a usual mode read as octal, 420
// is one read as decimal, of which nothing is said. Tested by test/diag/DecimalMode*.sb.
#include "sema/modes.h"

#include <fmt/format.h>

#include <algorithm>

#include "diag/kinds/lints.def"
#include "sema/comparison.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
namespace kinds = diag::kinds;

// What files and directories get, what umask takes away, and whole classes of bits.
constexpr uint64_t kUsual[] = {0400, 0440, 0444, 0500, 0550, 0555, 0600, 0640, 0644, 0660,
                               0664, 0666, 0700, 0710, 0711, 0750, 0755, 0770, 0775, 0777,
                               022,  027,  037,  044,  055,  066,  077,  0111, 0222, 0333};
constexpr uint64_t kPermissions = 0777;
constexpr uint64_t kAllBits = 07777;

bool is_usual(uint64_t mode) {
  if (mode > kAllBits) return false;
  const uint64_t permissions = mode & kPermissions;
  return (permissions == 0 && mode != 0) || std::ranges::find(kUsual, permissions) != std::end(kUsual);
}

uint64_t read_as_octal(std::string_view digits) {
  uint64_t value = 0;
  for (const char digit : digits) value = value * 8 + static_cast<uint64_t>(digit - '0');
  return value;
}

void look_at_number(Context& context, const Expr& expr) {
  const std::string text(context.text(expr.span));
  if (text.size() < 2 || text.size() > 4 || text[0] == '0' || text.find_first_not_of("01234567") != std::string::npos)
    return;
  const bool as_octal = is_usual(read_as_octal(text));
  const bool as_decimal = is_usual(expr.value);
  if (!as_octal && (as_decimal || text.size() == 2)) return;
  const std::string octal = fmt::format("0o{:o}", expr.value);
  auto report = context.report(kinds::DecimalMode, expr.span, text, octal);
  if (as_octal && !as_decimal) {
    report.fix("write `0o" + text + "`", expr.span, "0o" + text);
  } else {
    report.note("write `0o" + text + "` or `" + octal + "`, whichever is meant");
  }
}

constexpr unsigned kConsts = 32;  // that are looked into for one value

// The numbers of a value, in the consts, too, that it names.
void look_at(Context& context, const Env& env, ExprId id, unsigned& consts) {
  const Expr& expr = strip_parens(env, id);
  switch (expr.kind) {
    case ExprKind::integer: look_at_number(context, expr); return;
    case ExprKind::name: {
      const bool is_parameter =
          expr.name.parts.size() == 1 && env.frame != nullptr && env.frame->find(expr.name.last()) != nullptr;
      const Found found = context.names.resolve(Space::values, env.file, expr.name);
      if (is_parameter || consts == kConsts || found.kind != Found::Kind::declared) return;
      const auto* node = context.node_if<ast::Const>(found.decl);
      ++consts;
      if (node != nullptr && !node->type) look_at(context, context.env_of(found.decl.file), node->value, consts);
      return;
    }
    case ExprKind::op: {
      const bool keeps_bits = expr.op == Op::bit_or || expr.op == Op::bit_and || expr.op == Op::bit_not;
      if (!keeps_bits) return;
      break;
    }
    case ExprKind::set:
    case ExprKind::range: break;
    case ExprKind::boolean:
    case ExprKind::character:
    case ExprKind::version:
    case ExprKind::raw:
    case ExprKind::call:
    case ExprKind::group:
    case ExprKind::paren:
    case ExprKind::error: return;
  }
  for (const ExprId operand : expr.operands) look_at(context, env, operand, consts);
}

bool is_mode(target::TypeId id) {
  const target::ArgType& type = target::arg_type(id);
  return type.kind == target::TypeKind::mode || std::ranges::find(type.constants, "S_IRUSR") != type.constants.end();
}

}  // namespace

void check_modes(Context& context, const Env& env, target::TypeId type, ExprId id) {
  unsigned consts = 0;
  if (is_mode(type)) look_at(context, env, id, consts);
}

void check_modes(const Site& site, const Left& left, ExprId right) {
  // The kernel's umask takes an int.
  const bool is_umask = site.context.facts.name(site.call) == "umask" && left.ref.kind == ArgRef::Kind::argument;
  if (!is_umask && (!left.type || !is_mode(*left.type))) return;
  unsigned consts = 0;
  look_at(site.context, site.env, right, consts);
  if (left.masked) look_at(site.context, site.env, left.mask_expr, consts);
}

}  // namespace sbpc::sema
