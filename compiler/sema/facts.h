// facts.h: the calls a policy can name (the kernel's and those that `syscall` declares) and what an analysis asks of
// the tables again and again. Every answer is remembered: a 20,000-rule policy asks for the same few hundred.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sema/abi_set.h"
#include "sema/arena.h"
#include "sema/value.h"
#include "target/syscalls.h"

namespace sbpc::sema {

// A call of the tables (its CallId), or call_count() + the index of a declared one.
using CallRef = uint32_t;

struct DeclaredCall {
  std::string_view name;
  Span span;
  std::array<std::optional<uint32_t>, target::kAbiCount> numbers;
  std::array<std::vector<target::Arg>, target::kAbiCount> args;
};

// A field of a flags word on one ABI: the constants that exclude each other, with their values.
struct FieldFacts {
  uint64_t mask = 0;
  std::string_view mask_text;
  bool zero_named = false;
  struct Named {
    target::ConstantId constant;
    uint64_t value;
  };
  std::vector<Named> values;
};

class Facts {
 public:
  explicit Facts(Arena& arena);

  CallRef declare(DeclaredCall call);
  [[nodiscard]] std::span<const DeclaredCall> declared() const { return declared_; }
  // The declared call that has the number there; null if there is none.
  [[nodiscard]] const DeclaredCall* declared_with(target::Abi abi, uint32_t nr) const;
  [[nodiscard]] DeclaredCall& declared_at(CallRef call) { return declared_[call - target::call_count()]; }

  [[nodiscard]] static bool is_builtin(CallRef call) { return call < target::call_count(); }
  [[nodiscard]] std::string_view name(CallRef call) const;
  [[nodiscard]] std::optional<uint32_t> number(CallRef call, target::Abi abi) const;
  // Null if the tables don't know the call's signature there.
  [[nodiscard]] const std::vector<target::Arg>* args(CallRef call, target::Abi abi);
  // How the call is reached through socketcall or ipc there.
  [[nodiscard]] std::optional<target::SubCall> sub_call(CallRef call, target::Abi abi) const;
  [[nodiscard]] bool is_on(CallRef call, target::Abi abi) const { return number(call, abi) || sub_call(call, abi); }
  // The ABIs that have the call, by number or behind socketcall or ipc.
  [[nodiscard]] AbiSet abis_with(CallRef call);

  [[nodiscard]] std::span<const target::TypeId> types_of(target::ConstantId constant);
  [[nodiscard]] std::span<const FieldFacts> fields(target::TypeId type, target::Abi abi);
  // A field's mask on that ABI: "O_ACCMODE", "~LOCK_NB", "0xf".
  [[nodiscard]] static std::optional<uint64_t> mask_value(std::string_view text, target::Abi abi);

 private:
  using ArgList = std::optional<std::vector<target::Arg>>;
  Arena& arena_;
  AbiSet with_multiplexer_;  // ABIs that have socketcall or ipc at all
  std::vector<DeclaredCall> declared_;
  std::map<std::pair<target::Abi, uint32_t>, size_t> declared_numbers_;  // into declared_
  std::vector<AbiSet> abis_with_;  // of the kernel's calls; empty where nobody has asked, or no ABI has it
  std::unordered_map<uint32_t, ArgList> args_;
  std::unordered_map<uint32_t, std::span<const target::TypeId>> types_;
  std::unordered_map<uint32_t, std::vector<FieldFacts>> fields_;
};

// The argument of that name, its kernel name or an alias; null if there is none.
[[nodiscard]] const target::Arg* find_arg(const std::vector<target::Arg>& args, std::string_view name);

}  // namespace sbpc::sema
