#include "sema/ioctl_number.h"

#include <algorithm>

#include "base/check.h"
#include "diag/kinds/names.def"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Family;

struct Encoding {
  unsigned size_bits;
  unsigned none, read, write;  // the direction, above the size
};

// Most follow asm-generic/ioctl.h; arch/{mips,powerpc,sparc}/include/uapi/asm/ioctl.h and arch/parisc's do not.
Encoding encoding_of(target::Abi abi) {
  switch (target::info(abi).family) {
    case Family::mips:
    case Family::mipsel:
    case Family::ppc:
    case Family::ppcle:
    case Family::sparc: return {13, 1, 2, 4};
    case Family::parisc: return {14, 0, 1, 2};
    case Family::x86:
    case Family::arm:
    case Family::riscv:
    case Family::loongarch:
    case Family::s390:
    case Family::sh:
    case Family::sheb:
    case Family::m68k: return {14, 0, 2, 1};
  }
  CHECK(false);
}

struct Macro {
  std::string_view name;
  bool reads;
  bool writes;
};
constexpr Macro kMacros[] = {
#define IOCTL_MACRO(name, reads, writes) {name, reads, writes},
#include "sema/builtins.def"
};

struct CSize {
  std::string_view name;
  unsigned bytes;
};
constexpr CSize kSizes[] = {
#define C_SIZE(name, bytes) {name, bytes},
#include "sema/builtins.def"
};

// Programs compute these numbers with their own headers: `long` has 4 bytes there on x32 and n32, whose handlers
// have 8.
unsigned user_long_bytes(target::Abi abi) {
  return target::has_pointers_of_32_bits(abi) ? 4 : target::info(abi).word_bits / 8U;
}

// The third operand: a number of bytes or a C type.
Value size_of(const Eval& eval, ast::ExprId id) {
  const ast::Expr& expr = strip_parens(eval.env, id);
  if (expr.kind == ast::ExprKind::name && expr.name.parts.size() == 1 &&
      !is_value_name(eval.context, eval.env, expr.name)) {
    const auto* row = std::ranges::find(kSizes, expr.name.last(), &CSize::name);
    if (row != std::end(kSizes)) {
      Value value;
      value.kind = Value::Kind::number;
      value.number = row->bytes != 0 ? row->bytes : user_long_bytes(eval.abi);
      return value;
    }
  }
  return evaluate_number(eval, id);
}

// Functions of C's headers that have no name of their own here, and what is written instead.
struct Foreign {
  std::string_view name;
  std::string_view instead;
};
constexpr Foreign kForeign[] = {
    {"_IOC", "its first operand, the direction, is in the names of these"},
    {"sizeof", "the C type or the number of bytes stands there itself: `_IOR('V', 1, int)`"},
    {"BIT", "a bit is `1 << n`"},
};

void report_unknown_function(const Eval& eval, const ast::Expr& call) {
  const std::string_view name = call.name.last();
  auto report = eval.context.report(kinds::UnknownFunction, call.name.span, eval.context.text(call.name.span));
  if (target::find_action(name)) {
    report.note("an action is no value; rule sets take one through a parameter of type `action`");
    return;
  }
  const auto* foreign = std::ranges::find(kForeign, name, &Foreign::name);
  if (foreign == std::end(kForeign) && add_suggestion(report, call.name.span, name, {"_IO", "_IOR", "_IOW", "_IOWR"}))
    return;
  report.note("there are `_IO('T', number)`, `_IOR('T', number, size)`, `_IOW` and `_IOWR`");
  if (foreign != std::end(kForeign)) report.note(std::string(foreign->instead));
}

}  // namespace

Value ioctl_number(const Eval& eval, const ast::Expr& call) {
  const auto* macro = std::ranges::find(kMacros, call.name.last(), &Macro::name);
  if (macro == std::end(kMacros) || call.name.parts.size() != 1) {
    report_unknown_function(eval, call);
    return {};
  }
  const size_t wanted = macro->reads || macro->writes ? 3 : 2;
  if (call.operands.size() != wanted) {
    eval.context.report(kinds::IoctlNumber, call.span, macro->name,
                        wanted == 2 ? "('T', number)" : "('T', number, size)");
    return {};
  }
  const Encoding encoding = encoding_of(eval.abi);
  Int fields[3] = {0, 0, 0};
  const Int limits[3] = {255, 255, (Int{1} << encoding.size_bits) - 1};
  for (size_t i = 0; i < wanted; ++i) {
    const Value value = i == 2 ? size_of(eval, call.operands[i]) : evaluate_number(eval, call.operands[i]);
    if (value.kind == Value::Kind::unknown) return value;
    const Span span = eval.env.at(call.operands[i]).span;
    if (value.kind == Value::Kind::hole) report_hole_misuse(eval.context, span, value, "calculated with");
    if (value.kind != Value::Kind::number) return {};
    if (value.number < 0 || value.number > limits[i]) {
      eval.context.report(kinds::ValueTooWide, span, eval.context.text(span), macro->name,
                          i == 2 ? encoding.size_bits : 8U);
      return {};
    }
    fields[i] = value.number;
  }
  const unsigned direction = !macro->reads && !macro->writes
                                 ? encoding.none
                                 : (macro->reads ? encoding.read : 0) | (macro->writes ? encoding.write : 0);
  Value value;
  value.kind = Value::Kind::number;
  value.number = fields[1] | fields[0] << 8 | fields[2] << 16 | Int{direction} << (16 + encoding.size_bits);
  return value;
}

}  // namespace sbpc::sema
