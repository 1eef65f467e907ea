#include "learn/shape.h"

#include <algorithm>
#include <array>

#include "describe/names.h"
#include "target/c_value.h"

namespace sbpc::learn {
namespace {

struct LooseArg {
  std::string_view call, arg;
};
constexpr LooseArg kLoose[] = {
#define LOOSE(call, arg, why) {call, arg},
#include "learn/loose.def"
};

struct TogetherRow {
  std::string_view call, values;
};
constexpr TogetherRow kTogether[] = {
#define TOGETHER(call, values) {call, values},
#include "learn/loose.def"
};

// Reading and writing, where which of the three standard descriptors it is says something.
constexpr std::array kStandard = {"read", "readv", "pread64", "write", "writev", "pwrite64"};
// Where NULL tells asking from setting.
constexpr LooseArg kNull[] = {{"prlimit64", "new_limit"}};
// Where set-id bits make a difference, and the argument always counts (open's counts with O_CREAT only).
constexpr std::array kModes = {"chmod", "fchmod", "fchmodat", "fchmodat2", "mkdir", "mkdirat", "creat"};
// Bits that are asked about all at once with 0xffffffff.
constexpr LooseArg kExact[] = {{"personality", "persona"}};

template <class Rows>
bool has(const Rows& rows, std::string_view call, std::string_view arg) {
  return std::ranges::any_of(rows, [&](const auto& row) { return row.call == call && row.arg == arg; });
}
template <class Names>
bool names(const Names& rows, std::string_view call) {
  return std::ranges::find(rows, call) != std::end(rows);
}

std::optional<Role> role_of(std::string_view call, const target::Arg& arg) {
  if (has(kLoose, call, arg.name)) return std::nullopt;
  if (has(kExact, call, arg.name)) return Role::value;
  const target::ArgType* type = arg.type.valid() ? &target::arg_type(arg.type) : nullptr;
  if (type == nullptr) return std::nullopt;
  switch (type->kind) {
    case target::TypeKind::flags: return Role::flags;
    case target::TypeKind::enumeration:
    case target::TypeKind::signal: return Role::value;
    case target::TypeKind::fd:
      if (type->name == "dirfd") return Role::dirfd;
      if (call == "mmap" || call == "mmap2") return Role::no_fd;
      return names(kStandard, call) ? std::optional(Role::standard) : std::nullopt;
    case target::TypeKind::pid: return Role::self;
    case target::TypeKind::mode: return names(kModes, call) ? std::optional(Role::no_setid) : std::nullopt;
    case target::TypeKind::pointer: return has(kNull, call, arg.name) ? std::optional(Role::null) : std::nullopt;
    case target::TypeKind::uid:
    case target::TypeKind::gid:
    case target::TypeKind::integer:
    case target::TypeKind::size: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Shape::Shape(std::optional<target::CallId> call, target::Abi abi) : call_(call), abi_(abi) {
  if (!call) return;
  args_ = target::call_args(*call, abi).value_or(std::vector<target::Arg>());
  // Where the same call is also reached through socketcall or ipc, a filter sees no arguments of it.
  if (target::sub_call(*call, abi)) return;
  const std::string_view selector = target::selector_of(*call);
  if (selector.empty() || has(kLoose, target::call_name(*call), selector)) return;
  const auto found = std::ranges::find(args_, selector, &target::Arg::name);
  if (found == args_.end()) return;
  Key key{*found, static_cast<size_t>(found - args_.begin()), describe::mask_of(found->width),
          target::selector_mask(*call)};
  if (!key.mask_name.empty()) key.mask &= target::c_value(key.mask_name, abi).value_or(~uint64_t{0});
  key_ = key;
}

Parts Shape::make_parts(uint64_t key) const {
  Parts parts;
  if (!call_ || target::sub_call(*call_, abi_)) return parts;
  const std::string_view call = target::call_name(*call_);
  std::vector<target::DependentArg> dependents;
  const std::string command = key_ ? describe::value_text(key_->arg, abi_, key) : std::string();
  if (key_) dependents = target::dependent_args(*call_, command);
  for (size_t index = 0; index < args_.size(); ++index) {
    if (key_ && index == key_->index) continue;
    target::Arg arg = args_[index];
    if (has(kLoose, call, std::string(arg.name) + " of " + command)) continue;
    const auto own = std::ranges::find(dependents, arg.name, &target::DependentArg::arg);
    if (own != dependents.end()) {
      if (own->only) continue;  // the kernel refuses all others
      arg.type = own->type;
      if (own->width != 0) arg.width = own->width;
      arg.is_pointer = target::arg_type(own->type).kind == target::TypeKind::pointer;
    }
    if (const auto role = role_of(call, arg)) parts.push_back({arg, *role, index});
  }
  return parts;
}

const Parts& Shape::parts(uint64_t key) const {
  if (!key_) key = 0;
  const auto [found, is_new] = parts_.try_emplace(key);
  if (is_new) found->second = make_parts(key);
  return found->second;
}

std::vector<uint64_t> Shape::together(uint64_t key) const {
  std::vector<uint64_t> all;
  if (!key_) return all;
  for (const TogetherRow& row : kTogether) {
    if (row.call != target::call_name(*call_)) continue;
    std::vector<uint64_t> values;
    for (std::string_view rest = row.values; !rest.empty();) {
      const size_t space = std::min(rest.find(' '), rest.size());
      if (const auto value = target::c_value(rest.substr(0, space), abi_)) values.push_back(*value);
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
    if (std::ranges::find(values, key) == values.end()) continue;
    std::ranges::copy_if(values, std::back_inserter(all), [&](uint64_t value) { return value != key; });
  }
  return all;
}

}  // namespace sbpc::learn
