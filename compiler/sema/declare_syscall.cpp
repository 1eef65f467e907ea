// declare_syscall.cpp: `syscall f(a: fd, cmd: u32) = 600 on x86_64, 4600 on mips;`, a call that the tables lack.
#include <algorithm>

#include "diag/kinds/names.def"
#include "diag/kinds/types.def"
#include "sema/declare.h"
#include "sema/evaluate.h"
#include "sema/expand.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

constexpr size_t kMostArguments = 6;  // seccomp_data.args
constexpr Int kBit31 = Int{1} << 31;

bool is_mips(Abi abi) {
  const target::Family family = target::info(abi).family;
  return family == target::Family::mips || family == target::Family::mipsel;
}

// Without `on`: every ABI that counts from 0; the MIPS ones start at 4000, 5000 and 6000.
AbiSet abis_of(Context& context, const ast::SyscallDecl::Number& number) {
  if (!number.abis.empty()) return abis_named(context, number.abis);
  AbiSet set;
  for (Abi abi : AbiSet::all()) {
    if (!is_mips(abi)) set.add(abi);
  }
  return set;
}

bool taken(Context& context, Span span, Abi abi, uint32_t nr) {
  const std::string here(target::info(abi).name);
  if (const auto known = target::call_at(abi, nr)) {
    context.report(kinds::NumberTaken, span, nr, here, target::call_name(*known));
    return true;
  }
  const DeclaredCall* other = context.facts.declared_with(abi, nr);
  if (other == nullptr) return false;
  context.report(kinds::NumberTaken, span, nr, here, other->name).label(other->span, "declared here");
  return true;
}

void add_number(Context& context, const Env& env, const ast::SyscallDecl::Number& number, DeclaredCall& call) {
  const Span span = env.at(number.number).span;
  for (Abi abi : abis_of(context, number)) {
    const Value value = evaluate_number({context, env, abi}, number.number);
    if (value.kind != Value::Kind::number) return;
    const bool x32_bit = value.number >= 0 && (static_cast<uint64_t>(value.number) & target::kX32Bit) != 0;
    if (value.number < 0 || value.number >= kBit31 || (x32_bit && abi != Abi::x32)) {
      context.report(kinds::BadSyscallNumber, span, to_string(value.number))
          .note(x32_bit ? "numbers with bit 30 are x32's: write `on x32`"
                        : "numbers run from 0 to 2147483647: the kernel never has one with bit 31");
      return;
    }
    uint32_t nr = static_cast<uint32_t>(value.number);
    if (abi == Abi::x86_64 && nr >= target::kX32LegacyFirst && nr <= target::kX32LegacyLast) {
      context.report(kinds::BadSyscallNumber, span, to_string(value.number))
          .note(
              "x86_64's numbers 512 to 547 are x32's calls in the kernel's table: they get the answer of `foreign`, so "
              "no statement about the call would ever decide")
          .note(number.abis.empty() ? "name the ABIs that have the number with `on`"
                                    : "take another number for x86_64");
      return;
    }
    if (abi == Abi::x32) nr |= target::kX32Bit;
    auto& slot = call.numbers[static_cast<size_t>(abi)];
    if (slot) {
      context.report(kinds::RepeatedNumber, span, call.name, target::info(abi).name);
    } else if (!taken(context, span, abi, nr)) {
      slot = nr;
    }
  }
}

std::optional<target::Arg> make_arg(Context& context, const Env& env, const ast::Parameter& formal, Abi abi) {
  const Type type = resolve_type(context, env, formal.type, abi);
  if (type.shape == Value::Kind::poison) return std::nullopt;
  if (type.shape != Value::Kind::number) {
    context.report(kinds::WrongKindOfValue, formal.type.span, "an argument of a system call",
                   describe(Value::Kind::number), context.text(formal.type.span));
    return std::nullopt;
  }
  if (type.width > target::info(abi).register_bits) {
    context.report(kinds::WideSyscallArgument, formal.span, formal.name.text, target::info(abi).name)
        .note(
            "declare its halves as two `u32` in the order of their registers there; `= NUMBER on x86_64` declares the "
            "call for ABIs alone where it takes one");
    return std::nullopt;
  }
  target::Arg arg;
  arg.name = arg.kernel_name = formal.name.text;
  if (type.argument) arg.type = *type.argument;
  arg.width = type.width;
  arg.is_signed = type.is_signed;
  arg.is_pointer = type.belongs.how == Belongs::How::kind && type.belongs.kind == target::TypeKind::pointer;
  return arg;
}

std::vector<target::Arg> make_args(Context& context, const Env& env, const ast::SyscallDecl& node, Abi abi) {
  std::vector<target::Arg> args;
  for (size_t i = 0; i < std::min(node.formals.size(), kMostArguments); ++i) {
    auto arg = make_arg(context, env, node.formals[i], abi);
    if (!arg) return {};
    arg->slots = {static_cast<uint8_t>(i), std::nullopt};
    if (find_arg(args, arg->name) != nullptr) {
      context.report(kinds::DuplicateName, node.formals[i].name.span, "argument", arg->name);
    }
    args.push_back(*arg);
  }
  return args;
}

}  // namespace

void declare_syscall(Context& context, Decl decl) {
  const auto& node = context.node<ast::SyscallDecl>(decl);
  const Env env = context.env_of(decl.file);
  const size_t errors = context.report.errors();
  DeclaredCall call;
  call.name = node.name.text;
  call.span = node.name.span;
  if (node.formals.size() > kMostArguments) {
    context.report(kinds::TooManyArguments, node.formals[kMostArguments].span, node.name.text, node.formals.size());
  }
  for (const ast::Parameter& formal : node.formals) {
    if (formal.value) context.report(kinds::SyscallDefault, env.at(*formal.value).span, formal.name.text);
  }
  for (const ast::SyscallDecl::Number& number : node.numbers) add_number(context, env, number, call);
  for (Abi abi : AbiSet::all()) {
    const auto at = static_cast<size_t>(abi);
    if (call.numbers[at]) call.args[at] = make_args(context, env, node, abi);
  }
  // A wrong declaration leaves its name without a call: uses of it stay silent.
  if (context.report.errors() == errors) context.declared.emplace(key_of(decl), context.facts.declare(std::move(call)));
}

}  // namespace sbpc::sema
