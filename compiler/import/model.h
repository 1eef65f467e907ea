// model.h: a filter as a foreign format says it: what all readers of import/ make, and the writer and the evaluator
// take.
//
// Rules keep the file's order, names, comments and places. What Docker's `includes` and `excludes` ask stays a question
// (Guard), so that it can become a parameter. How rules that meet answer together is the format's `Discipline`.
// Everything here is as the format means it: conditions compare whole registers without sign, unless their width says
// otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/source.h"
#include "sema/abi_set.h"
#include "target/actions.h"
#include "target/syscalls.h"

namespace sbpc::importer {

using sema::AbiSet;

enum class CompareOp : uint8_t { eq, ne, lt, le, gt, ge };
// "==", "<": as C and the language write it.
[[nodiscard]] std::string_view sign_of(CompareOp op);

// (args[index] & mask) OP value, unsigned. Width 32 looks at the register's lower half only.
struct Compare {
  uint8_t index = 0;
  CompareOp op = CompareOp::eq;
  uint64_t mask = ~uint64_t{0};
  uint64_t value = 0;
  uint8_t width = 64;
  auto operator<=>(const Compare&) const = default;
};
using AllOf = std::vector<Compare>;  // none: always

// When a rule is there at all: decided before the filter is made.
struct Guard {
  AbiSet abis = AbiSet::all();
  std::vector<std::string> needs;               // capabilities, sorted: all of them are held
  std::vector<std::string> lacks;               // capabilities, sorted: none of them is held
  std::optional<target::KernelVersion> since;   // from this kernel on
  std::optional<target::KernelVersion> before;  // on older kernels only
  bool operator==(const Guard&) const = default;
};

struct Call {
  std::string name;                // as the kernel's tables call it, or unknown to them
  std::optional<uint32_t> number;  // where the format gives one: counts on every ABI of the guard, whatever `name` is
  Span span;
  std::optional<target::CallId> id = {};  // of `name`, where read() has looked it up
};

struct Rule {
  std::vector<Call> calls;  // each of them is answered so
  target::Verdict verdict;
  std::vector<AllOf> any;  // one of these holds; none: always
  Guard guard;
  std::string comment;  // lines
  Span span;
};

enum class Discipline : uint8_t {
  first,       // the first rule that matches (Kafel, a minijail expression with its `return`)
  conditions,  // the same, but one without conditions does nothing beside ones with some (seccompiler)
  strictest,   // the strictest of all that match (stacked filters)
  libseccomp,  // a rule that says the default does nothing; one without conditions beats those with some; else
               // asked_order.h
};

// A set of calls as a person would write it, `@systemd.default, bpf except @systemd.clock`: for a statement of exactly
// these.
struct Shorthand {
  std::set<std::string> calls;
  std::string text;
  std::string module;  // of the standard library, that has the groups
};

// One filter.
struct Profile {
  std::string name;  // of the policy, as the file calls it; any text
  Discipline discipline = Discipline::first;
  AbiSet abis;
  bool guards_x32 = false;          // libseccomp: without x32, numbers from 2^30 on (but not -1) are another ABI's
  bool joins_multiplexers = false;  // libseccomp: a rule for socket() is one for socketcall(1), too
  bool drops_absent = false;        // libseccomp gets no rules for calls that an ABI does not have
  target::Verdict otherwise;        // no rule matches
  target::Verdict bad_arch;         // another ABI
  // Of programs: what x86_64's numbers with x32's bit get, and 512..547, where each of them gets one answer.
  std::optional<target::Verdict> x32_answer;
  std::optional<target::Verdict> legacy_answer;
  std::vector<std::string> install;  // flags, in the language's words
  std::vector<Rule> rules;
  std::vector<Shorthand> shorthands;
  std::string comment;  // lines about the whole
};

// One file.
struct Foreign {
  std::string kind;               // "Docker seccomp profile"
  std::vector<Profile> profiles;  // at least one
};

// A machine's ABI and those that it runs besides, which libseccomp's users add to it.
[[nodiscard]] AbiSet machine_abis(target::Abi native = target::host_abi());

// What fixes the guards: the values that --caps and --kernel give, or one choice of them that is tried.
struct Setting {
  std::set<std::string, std::less<>> caps;
  target::KernelVersion kernel;
};
[[nodiscard]] bool holds(const Guard& guard, const Setting& setting);

// The kernel's call of the name; nullopt: there is none, or the call has its number from the file.
[[nodiscard]] std::optional<target::CallId> known_call(const Call& call);

// The number of a call on an ABI of its rule's guard; nullopt where it has none.
[[nodiscard]] std::optional<uint32_t> number_of(const Call& call, target::Abi abi);

// What `docker run` leaves to a container (moby daemon/pkg/oci/caps/defaults.go).
[[nodiscard]] std::span<const std::string_view> docker_caps();

// The capabilities that some guard asks about, sorted.
[[nodiscard]] std::vector<std::string> asked_caps(const Profile& profile);

// Rules that --caps or --kernel rule out go, and the guards of the others lose what these decide.
void fix_caps(Profile& profile, const std::set<std::string, std::less<>>& caps);
void fix_kernel(Profile& profile, target::KernelVersion kernel);

}  // namespace sbpc::importer
