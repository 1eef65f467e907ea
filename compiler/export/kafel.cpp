// kafel.cpp: rules -> Kafel's policy language (nsjail).
//
//   ALLOW { read, socket(family, type, protocol) { (family & 0xffffffff) == 0x1 } }
// A rule declares the names of its call's registers, for those are compared in 64 bits on every ABI, and what the
// kernel takes 32 bits of is masked. Names are those of Kafel's tables; calls that these do not have are numbers,
// `SYSCALL[n]`. Source: google/kafel README.md, src/parser.y. Tested by test/export/kafel.test.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "export/conditions.h"
#include "export/formats.h"
#include "import/kafel_names.h"

namespace sbpc::exporter {
namespace {

using importer::Compare;
using importer::Profile;
using importer::Rule;
using target::Abi;
using target::Action;
using target::Verdict;

std::string action_text(Verdict verdict) {
  switch (verdict.action) {
    case Action::kill_process: return "KILL_PROCESS";
    case Action::kill_thread: return "KILL";
    case Action::trap: return fmt::format("TRAP({})", verdict.data);
    case Action::errno_: return fmt::format("ERRNO({})", verdict.data);
    case Action::notify: return "USER_NOTIF";
    case Action::trace: return fmt::format("TRACE({})", verdict.data);
    case Action::log: return "LOG";
    case Action::allow: return "ALLOW";
  }
  return {};
}

// An identifier of Kafel's begins with a letter (src/lexer.l), so it cannot write `_llseek`, which its table of m68k
// has.
bool is_identifier(std::string_view name) { return !name.starts_with('_'); }

using Names = std::array<std::string, 6>;

// By register: the kernel's names of its arguments where each has one.
Names register_names(const importer::Call& call, Abi abi) {
  Names names;
  for (size_t slot = 0; slot < names.size(); ++slot) names[slot] = fmt::format("arg{}", slot);
  const auto known = call.number ? std::nullopt : target::find_call(call.name);
  const auto args = known ? target::call_args(*known, abi) : std::nullopt;
  for (const target::Arg& arg : args.value_or(std::vector<target::Arg>())) {
    if (!arg.slots.high && is_identifier(arg.kernel_name) && std::ranges::find(names, arg.kernel_name) == names.end())
      names[arg.slots.low] = arg.kernel_name;
  }
  return names;
}

std::string compare_text(const Compare& compare, const Names& names) {
  const std::string& name = names[compare.index];
  const std::string left = compare.mask == ~uint64_t{0} ? name : fmt::format("({} & {:#x})", name, compare.mask);
  return fmt::format("{} {} {:#x}", left, sign_of(compare.op), compare.value);
}

// Import takes a name of Kafel's wherever it could mean something; Kafel's table of an ABI has some of them only
// (src/syscalls/*.c).
bool has_name(std::string_view name, Abi abi) {
  constexpr std::array<std::string_view, 6> i386 = {"old_mmap",    "old_select", "old_getrlimit",
                                                    "old_readdir", "oldumount",  "mmap_pgoff"};
  if (name == "sendfile64") return abi == Abi::x86_64;
  if (name == "sync_file_range2") return abi != Abi::x86_64;
  return abi == Abi::i386 || std::ranges::find(i386, name) == i386.end();
}

struct Table {
  Abi abi;
  uint32_t last;
  std::string_view lacks;
};
constexpr auto kTables = std::to_array<Table>({
#define KAFEL_TABLE(abi, last, lacks) {Abi::abi, last, lacks},
#include "export/kafel_lacks.def"
});

bool lacks(const importer::Call& call, Abi abi) {
  constexpr uint32_t private_calls = 0x0f0000;  // arch/arm, __ARM_NR_BASE
  const auto table = std::ranges::find(kTables, abi, &Table::abi);
  const uint32_t nr = importer::number_of(call, abi).value_or(0);
  if (table == kTables.end() || (nr > table->last && (abi != Abi::arm || nr < private_calls))) return true;
  const std::string words = fmt::format(" {} ", table->lacks);
  return words.find(fmt::format(" {} ", call.name)) != std::string::npos;
}

std::string call_text(const importer::Call& call, Abi abi) {
  const auto known = call.number || lacks(call, abi) ? std::nullopt : target::find_call(call.name);
  const auto name = known ? importer::kafel_name(*known, abi) : std::nullopt;
  if (name && !has_name(*name, abi) && importer::kafel_call(call.name, abi) == known) return call.name;
  return name && is_identifier(*name) ? *name : fmt::format("SYSCALL[{}]", importer::number_of(call, abi).value_or(0));
}

// `socket(family, type) { (type & 0xf) == 0x1 }`
std::string filter_text(const importer::Call& call, std::span<const AllOf> any, Abi abi) {
  const Names names = register_names(call, abi);
  size_t last = 0;
  std::string condition;
  for (const AllOf& all : any) {
    if (!condition.empty()) condition += " || ";
    for (const Compare& compare : all) {
      last = std::max<size_t>(last, compare.index);
      condition += fmt::format("{}{}", &compare == &all.front() ? "" : " && ", compare_text(compare, names));
    }
  }
  return fmt::format("{}({}) {{ {} }}", call_text(call, abi),
                     fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(last) + 1, ", "), condition);
}

// The alternatives of one condition as several filters, for an expression is at most 200 deep (src/expression.h,
// MAX_EXPRESSION_DEPTH).
std::vector<std::string> filters(const importer::Call& call, std::span<const AllOf> any, Abi abi) {
  constexpr size_t kMost = 100;
  if (any.empty()) return {call_text(call, abi)};
  std::vector<std::string> found;
  for (; !any.empty(); any = any.subspan(std::min(any.size(), kMost)))
    found.push_back(filter_text(call, any.first(std::min(any.size(), kMost)), abi));
  return found;
}

}  // namespace

bool says_kafel(Verdict) { return true; }
bool knows_kafel(Abi abi) { return importer::kafel_abi(target::info(abi).name) == abi; }

std::string write_kafel(const Content& content) {
  const Profile& profile = content.profiles.front();
  const Abi abi = profile.abis.first();
  const std::string own = (is_identifier(profile.name) ? "" : "p") + profile.name;
  std::string text = fmt::format("POLICY {} {{", own);
  std::vector<Verdict> done;
  for (const Rule& first : profile.rules) {
    if (std::ranges::find(done, first.verdict) != done.end()) continue;
    text += fmt::format("{}\n  {} {{", done.empty() ? "" : ",", action_text(first.verdict));
    const char* separator = "\n    ";
    for (const Rule& rule : profile.rules) {
      if (rule.verdict != first.verdict) continue;
      for (const importer::Call& call : rule.calls) {
        for (const std::string& filter : filters(call, rule.any, abi)) {
          text += separator + filter;
          separator = ",\n    ";
        }
      }
    }
    text += "\n  }";
    done.push_back(first.verdict);
  }
  return text + fmt::format("\n}}\n\nUSE {}\nDEFAULT {}\n", own, action_text(profile.otherwise));
}

}  // namespace sbpc::exporter
