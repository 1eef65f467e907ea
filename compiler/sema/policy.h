// policy.h: a policy with no names left. What sema makes of the files and what lower turns into decisions.
//
// Everything is per ABI: call names have become numbers, arguments have become slots with a width and a sign, constants
// have become that ABI's values, `on`, constant `if`s, parameters and `use` arguments are gone. What stays is the shape
// that the meaning needs: which statements stand side by side in which scope (docs/language.md, "Meaning").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/source.h"
#include "target/abi.h"
#include "target/actions.h"
#include "target/syscalls.h"

namespace sbpc::sema {

using Int = __int128;                    // constants are exact: [-2^63, 2^64)
using PlaceId = Id<struct PlaceTag>;     // into Policy::places
using HoleId = Id<struct HoleTag>;       // into Policy::holes
using CondId = Id<struct ConditionTag>;  // into AbiPolicy::conditions
using ScopeId = Id<struct ScopeTag>;     // into AbiPolicy::scopes

// Where a statement stands and how it came into the policy.
struct Place {
  Span span;                // the statement
  std::vector<Span> uses;   // the `use` statements that lead to it, the policy's own first
  std::string_view reason;  // its `///` text
  // A parameter or an `if` had a part in it: what comes of that value is no mistake of the text.
  bool by_parameter = false;
};

// A run-time parameter: filled in when the program is loaded.
struct Hole {
  std::string name;
  bool is_bool = false;  // a patched branch; otherwise a patched immediate
  uint8_t width = 32;    // bits of the value: 16, 32 or 64
  bool is_signed = false;
  Span span;
};

// ---- conditions ----

// One side of a comparison: an argument, a raw slot or the instruction pointer.
struct ArgRef {
  enum class Kind : uint8_t { argument, raw, instruction_pointer };
  Kind kind = Kind::argument;
  target::ArgSlots slots{};  // argument, raw
  uint8_t width = 64;        // bits that are compared: 8, 16, 32 or 64; the rest is not looked at
  bool is_signed = false;    // how < <= > >= and ranges order
};

enum class Compare : uint8_t { eq, ne, lt, le, gt, ge, in, not_in };

struct ValueRange {  // both ends in; first <= last in the type's own order
  Int first;
  Int last;
};

// `arg & mask OP values`. has, any, lacks and only are written with a mask:
//   x has F  = x & F == F     x any F = x & F != 0     x lacks F = x & F == 0     x only F = x & ~F == 0
struct Test {
  ArgRef arg;
  uint64_t mask = ~uint64_t{0};  // all ones: unmasked. Bits above arg.width mean nothing
  Compare op = Compare::eq;
  std::vector<ValueRange> values;  // one value (first == last) but for in / not_in; sema has checked that they fit
  std::vector<HoleId> holes;       // run-time values beside `values`: only for eq, ne, in, not_in
  Span span{};                     // the comparison as written; invalid for tests that sema adds
  bool of_pointer = false;  // with NULL: no other value is compared with a pointer, by its own or a command's type
};

struct Condition {
  enum class Kind : uint8_t { always, never, test, flag, negation, all, any };
  Kind kind = Kind::always;
  Test test;                     // test
  HoleId flag;                   // flag: a run-time bool
  std::vector<CondId> operands;  // negation (1), all, any
};

// ---- statements ----

struct Target {
  uint32_t nr;
  CondId when;  // kAlways for a call without conditions
  // `nr` is socketcall or ipc, and `when` selects the call that was named: `else`, `require` and `except` must not take
  // the whole multiplexer for named.
  bool sub_call = false;
};

// Every statement: where it stands, and the run-time bools of the `if`s around it (kAlways without).
struct Rule {  // ACTION targets except except else otherwise
  PlaceId place;
  CondId guard;
  target::Verdict verdict;
  std::vector<Target> targets;
  std::vector<Target> except;
  std::optional<target::Verdict> otherwise;
};
struct Fallback {
  PlaceId place;
  CondId guard;
  target::Verdict verdict;
  std::vector<uint32_t> calls;
  std::vector<Target> sub_calls;  // the same calls behind socketcall and ipc
};
struct Require {
  PlaceId place;
  CondId guard;
  std::vector<Target> targets;
  target::Verdict otherwise;
};
struct Use {
  PlaceId place;
  CondId guard;
  ScopeId scope;  // the set's body with these arguments; uses with equal arguments share one
  std::vector<Target> except;
  bool is_unsafe = false;  // `use unsafe`
};
struct Override {  // `override STATEMENT` is a block of one
  PlaceId place;
  CondId guard;
  ScopeId scope;
};

// The body of a rule set, a policy or an `override { }`: `on` and `if` are guards, not scopes, and are gone.
struct Scope {
  std::vector<Rule> rules;
  std::vector<Fallback> fallbacks;
  std::vector<Require> requires_;
  std::vector<Use> uses;
  std::vector<Override> overrides;
  // A branch of an `if` says nothing here: what is idle for that is no mistake of the text.
  bool has_untaken = false;
};

// `assert` of the policy and of the sets it uses, `expect` of a test: holds for all events that match.
struct Assertion {
  PlaceId place;
  CondId guard;
  bool never = false;
  target::Action action{};
  std::optional<uint16_t> data;  // unset: any data
  std::vector<Target> targets;
  std::vector<Target> except;
  bool is_cut = false;  // the `except` of a `use` has taken some of its calls
};

// ---- the policy ----

// A denial of some arguments of a call that socketcall or ipc makes as well, where no filter sees the arguments.
struct BlindDenial {
  Span span;                   // the call, as written
  std::string call;            // "socket"
  std::string multiplexer;     // "socketcall"
  std::optional<uint32_t> nr;  // the call's own number, where it has one
  Target behind;               // the call behind the multiplexer
};

// A call that a `syscall` declaration adds to an ABI.
struct DeclaredNumber {
  uint32_t nr;
  std::string name;
  std::vector<target::Arg> args;  // their names are views of the policy's text
};

struct AbiPolicy {
  target::Abi abi{};
  std::vector<Condition> conditions;  // [0] is `always`
  std::vector<Scope> scopes;
  ScopeId root;  // the policy's body
  std::vector<Assertion> assertions;
  std::vector<Assertion> promises;  // of a test's policy with the values of its `with`: the policy's own asserts
  std::vector<BlindDenial> blind_denials;
  std::vector<DeclaredNumber> declared;  // by rising number
};
inline constexpr CondId kAlways{0U};

struct Foreign {
  target::Verdict all;                                        // every other arch, and x32 where it is not named
  std::optional<target::Verdict> x32;                         // `for x32`
  std::optional<target::Verdict> legacy;                      // `for legacy`: 512..547 on x86_64
  std::vector<std::pair<target::Abi, target::Verdict>> abis;  // `for i386`
};

struct InstallFlags {  // SECCOMP_FILTER_FLAG_* that the policy asks for (include/uapi/linux/seccomp.h)
  bool tsync = false, log = false, spec_allow = false, new_listener = false, wait_killable = false;
};

struct Frequency {
  std::string call;
  uint64_t count;
};

struct Policy {
  std::string name;
  Span span;                    // its name
  std::vector<AbiPolicy> abis;  // of one family, in the order of arches.def
  target::Verdict otherwise;    // `default`
  PlaceId otherwise_place;
  Foreign foreign;
  target::Verdict newer;
  std::optional<target::KernelVersion> kernel;  // audited; without it `newer` is never used
  target::KernelVersion min_kernel;
  InstallFlags install;
  std::vector<Frequency> frequencies;
  Span frequencies_at;  // the table that they are from; invalid without one
  std::vector<Hole> holes;
  std::vector<Place> places;
};

}  // namespace sbpc::sema
