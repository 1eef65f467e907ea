// test_belongs.cpp: whether a value's constants are the argument's own, and what to say if they are another's.
#include <algorithm>

#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/checked.h"
#include "sema/commands.h"
#include "sema/conditions.h"
#include "sema/takes.h"
#include "target/multiplexers.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
namespace kinds = diag::kinds;

bool lists(const Belongs& belongs, target::TypeId type) {
  return std::ranges::find(belongs.types, type) != belongs.types.end();
}

// Whether the constants may be meant for a command that stands elsewhere: SIGKILL is known to prctl's `arg2`. Of
// ioctl's commands, which are the drivers', the tables know a part.
bool some_command_takes(const Site& site, const Left& left, const Belongs& belongs) {
  const target::CallId call(site.call);
  const target::Arg* arg = find_arg(*site.args, left.name);
  if (arg == nullptr || arg->name == target::selector_of(call)) return false;
  const auto rows = target::command_args(call, arg->name);
  if (!rows.empty() && target::call_name(call) == "ioctl") return true;
  return std::ranges::any_of(rows, [&](const target::CommandArg& row) {
    return lists(belongs, row.meaning.type) || is_part_of(belongs, row.meaning.type);
  });
}

// Flags, values of enumerations and signals have a meaning in what they are made for, and a plain number is none of
// that. Permissions are umask's, and descriptors (AT_FDCWD) what `fsconfig` has in a number.
bool is_of_words(const Belongs& belongs) {
  return std::ranges::all_of(belongs.types, [](target::TypeId type) {
    const target::TypeKind kind = target::arg_type(type).kind;
    return kind != target::TypeKind::mode && kind != target::TypeKind::fd && kind != target::TypeKind::pid;
  });
}

// `lseek(offset == SEEK_SET)`, `futex(val == PROT_READ)`, `io_setup(nr_events == SIGKILL)`: a plain number takes no
// constants of the argument beside it, and none that have a meaning elsewhere. Where one argument says what another
// means (`fcntl`'s arg), those of any command may be meant until the command is known.
bool belongs_beside(const Site& site, const Left& left, const Belongs& belongs) {
  if (belongs.how != Belongs::How::listed || site.args == nullptr || !Facts::is_builtin(site.call)) return false;
  if (!left.by_command && some_command_takes(site, left, belongs)) return false;
  const target::ArgType& type = target::arg_type(*left.type);
  if (type.kind != target::TypeKind::integer) return false;
  if (!type.constants.empty()) return !lists(belongs, *left.type);
  const bool carries_another_calls = target::find_multiplexer(target::CallId(site.call)) != nullptr;  // ipc's `second`
  if (is_of_words(belongs) && !carries_another_calls) return true;
  return std::ranges::any_of(*site.args, [&](const target::Arg& arg) { return lists(belongs, arg.type); });
}

// "here `arg` takes FD_CLOEXEC"; the type may be that of a command.
std::string taken_here(const Checked& test) {
  if (!test.left.type) return {};
  const std::string text = some_constants(*test.left.type);
  const std::string name(test.left.name);
  if (!text.empty()) return "here `" + name + "` takes " + text;
  const bool is_plain = target::arg_type(*test.left.type).kind == target::TypeKind::integer;
  return is_plain ? "`" + name + "` takes plain numbers, and consts made of them" : std::string();
}

// The argument's own name, if the call is a known one and says by another argument what this one means.
std::string_view dependent_name(const Site& site, const Left& left) {
  if (site.args == nullptr || !Facts::is_builtin(site.call)) return {};
  const std::string_view selector = target::selector_of(target::CallId(site.call));
  const target::Arg* arg = selector.empty() ? nullptr : find_arg(*site.args, left.name);
  return arg == nullptr || arg->name == selector ? std::string_view() : arg->name;
}

// A command that makes the argument one of the value's; empty if none does.
std::string_view command_for(const Checked& test, const Belongs& belongs) {
  const Site& site = test.site;
  const std::string_view name = dependent_name(site, test.left);
  if (name.empty() || belongs.how != Belongs::How::listed) return {};
  const target::CallId call(site.call);
  const target::Arg* commands = find_arg(*site.args, target::selector_of(call));
  if (commands == nullptr || !commands->type.valid()) return {};
  for (const std::string_view command : target::arg_type(commands->type).constants) {
    for (const auto& row : target::dependent_args(call, command)) {
      if (row.arg == name && lists(belongs, row.type)) return command;
    }
  }
  return {};
}

// One of several commands beside a test, with which the value is another one's: `level in { SOL_SOCKET, SOL_TCP },
// optname == SO_ERROR` is TCP_KEEPIDLE, too. Empty if it fits all.
std::string_view command_against(const Site& site, const Left& left, const Belongs& belongs) {
  const std::string_view name = dependent_name(site, left);
  if (name.empty() || site.selected.size() < 2 || belongs.how != Belongs::How::listed) return {};
  for (const target::Command& command : site.selected) {
    const auto meaning = target::meaning_of(target::CallId(site.call), site.abi, command, name);
    if (!meaning || !command.constant.valid()) continue;
    const target::ArgType& type = target::arg_type(meaning->type);
    if (type.kind == target::TypeKind::enumeration && !type.constants.empty() && !lists(belongs, meaning->type))
      return target::constant_name(command.constant);
  }
  return {};
}

// "`optname` takes it with `level == IPPROTO_TCP`", and what to write.
void explain_command(const Checked& test, std::string_view command, diag::Builder& report) {
  const Site& site = test.site;
  const std::string selector(target::selector_of(target::CallId(site.call)));
  const std::string fixes = selector + " == " + std::string(command);
  report.note("`" + std::string(test.left.name) + "` takes it with `" + fixes + "`");
  const std::string text(site.context.text(test.expr.span));
  if (site.selected.empty()) {
    const std::string both = in_place(site, Op::and_, fixes + " && " + text);
    report.fix("write `" + both + "`", test.expr.span, both);
  } else if (site.selected.size() > 1) {
    report.note("where several are possible, each has a condition of its own: `" + fixes + " && " +
                std::string(test.left.name) + " ... || " + selector + " == ... && " + std::string(test.left.name) +
                " ...`");
  }
}

}  // namespace

bool fits_argument(const Site& site, const Left& left, const Belongs& belongs) {
  const bool is_mixed = belongs.how == Belongs::How::listed && belongs.types.empty();  // `O_CREAT | PROT_EXEC`
  if (is_mixed) return false;
  if (!left.type) return true;
  const bool is_own = compatible(belongs, belongs_to(site.context, *left.type)) || is_part_of(belongs, *left.type);
  return is_own && !belongs_beside(site, left, belongs) && command_against(site, left, belongs).empty();
}

void report_wrong_constant(const Checked& test, const Expr& leaf, const Belongs& belongs) {
  Context& context = test.site.context;
  const std::string text(context.text(leaf.span));
  auto report =
      context.report(kinds::WrongConstant, leaf.span, text, context.facts.name(test.site.call), test.left.name);
  const auto takes_it = [&](const target::Arg& arg) {
    return belongs.how == Belongs::How::listed && arg.slots.low != test.left.ref.slots.low &&
           std::ranges::find(belongs.types, arg.type) != belongs.types.end();
  };
  const auto other = test.site.args == nullptr ? std::vector<target::Arg>::const_iterator()
                                               : std::ranges::find_if(*test.site.args, takes_it);
  if (test.site.args != nullptr && other != test.site.args->end()) {
    report.note("it is a value of `" + std::string(other->name) + "`")
        .fix("test `" + std::string(other->name) + "`", test.left.name_span, std::string(other->name));
    return;
  }
  const std::string_view command = command_for(test, belongs);
  if (!command.empty()) {
    explain_command(test, command, report);
  } else if (const std::string example = example_argument(context, belongs); !example.empty()) {
    report.note("it is " + example);
  }
  const std::string taken = taken_here(test);
  const bool is_told = !command.empty() && test.site.selected.size() != 1;
  if (!taken.empty() && !is_told) report.note(taken);
}

namespace {

// Finds the constant that does not belong and reports it.
bool blame(const Checked& test, ExprId id) {
  const Expr& expr = strip_parens(test.site.env, id);
  if (expr.kind == ExprKind::op && (expr.op == Op::bit_or || expr.op == Op::bit_and)) {
    return blame(test, expr.operands[0]) || blame(test, expr.operands[1]);
  }
  const Value value = evaluate(eval_of(test.site), id);
  if (is_poison(value) || fits_argument(test.site, test.left, value.belongs)) return false;
  report_wrong_constant(test, expr, value.belongs);
  return true;
}

}  // namespace

bool check_belongs(const Checked& test, const Belongs& belongs, ExprId id) {
  if (fits_argument(test.site, test.left, belongs)) return true;
  const Span span = test.site.env.at(id).span;
  if (!blame(test, id)) test.site.context.report(kinds::MixedTypes, span, test.site.context.text(span));
  return false;
}
bool check_belongs(const Checked& test) { return check_belongs(test, test.value.belongs, test.expr.operands[1]); }

}  // namespace sbpc::sema
