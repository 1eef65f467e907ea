#include "export/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "export/answers.h"
#include "export/halves.h"
#include "export/place.h"
#include "export/read_number.h"
#include "export/seccompiler.h"
#include "export/trusted.h"
#include "export/unit_settings.h"
#include "import/seccompiler_size.h"
#include "ir/copy.h"

namespace sbpc::exporter {
namespace {

using importer::AbiSet;
using ir::Diagram;
using ir::Ref;
using target::Abi;
using target::Action;
using target::Verdict;

constexpr uint32_t kMostNumbers = 64;  // neighbours without a name that are listed one by one

struct Asked {  // what one call answers on the ABIs of a unit with 64-bit registers, and on those with 32; invalid:
                // there are none
  Ref wide;
  Ref narrow;
};

// A call's answer for all ABIs of a unit.
struct Answer {
  Ref function;
  unsigned register_bits = 64;
};

class Planner {
 public:
  // `most_rules`: of one call, before the forms are taken that one of two readers knows.
  Planner(std::span<const Input> inputs, AbiSet abis, const FormatInfo& format, size_t most_rules)
      : inputs_(inputs),
        format_(format),
        most_rules_(most_rules),
        answers_(format, [this](const std::string& call, std::string text) { reason(call, std::move(text)); }) {
    plan_.profile.abis = abis;
  }

  std::optional<Plan> run() {
    start();
    for (const std::vector<std::pair<const Input*, AbiSet>>& unit : units()) {
      if (!look_at(unit)) return std::nullopt;
    }
    const bool has_units = inputs_.size() > 1 || format_.unit == Unit::abi;
    if (has_units) found_ = join_units(std::move(found_));
    place_rules(std::move(found_), format_, plan_.profile);
    if (format_.compares == Compares::libseccomp) keep_number_read(plan_.profile);
    return std::move(plan_);
  }

 private:
  void start() {
    const sema::Policy& policy = *inputs_.front().policy;
    importer::Profile& profile = plan_.profile;
    const bool is_libseccomp = format_.compares == Compares::libseccomp || format_.compares == Compares::none;
    profile.name = policy.name;
    profile.discipline = is_libseccomp ? importer::Discipline::libseccomp : importer::Discipline::first;
    profile.guards_x32 = profile.joins_multiplexers = is_libseccomp;
    answers_.set_default(policy, plan_);
    profile.bad_arch = answers_.nearest(policy.foreign.all);
    const auto flag = [&](bool is_set, const char* word) {
      if (is_set) profile.install.emplace_back(word);
    };
    flag(policy.install.tsync, "tsync");
    flag(policy.install.log, "log");
    flag(policy.install.spec_allow, "spec_allow");
    flag(policy.install.wait_killable, "wait_killable");
    if (format_.actions == Actions::one) answers_.set_matched(inputs_, profile.abis);
  }

  void reason(const std::string& call, std::string text) { plan_.reasons.try_emplace(call, std::move(text)); }

  // ---- calls ----

  // Which ABIs must share their rules.
  [[nodiscard]] std::vector<std::vector<std::pair<const Input*, AbiSet>>> units() const {
    std::vector<std::vector<std::pair<const Input*, AbiSet>>> found;
    const bool is_joint = format_.unit == Unit::all || format_.unit == Unit::machine;
    if (is_joint) found.emplace_back();
    for (const Input& input : inputs_) {
      if (format_.unit == Unit::family) found.emplace_back();
      AbiSet abis;
      for (const sema::AbiPolicy& abi : input.policy->abis) {
        if (!plan_.profile.abis.has(abi.abi)) continue;
        abis.add(abi.abi);
        if (format_.unit == Unit::abi || format_.unit == Unit::one) found.push_back({{&input, AbiSet(abi.abi)}});
      }
      if (is_joint || format_.unit == Unit::family) found.back().emplace_back(&input, abis);
    }
    return found;
  }

  bool look_at(const std::vector<std::pair<const Input*, AbiSet>>& unit) {
    std::map<Name, Asked> asked;
    AbiSet abis;
    for (const auto& [input, own] : unit) {
      abis = abis | own;
      made_.clear();
      for (const Abi abi : own) {
        if (!collect(*input, abi, asked)) return false;
      }
    }
    if (format_.beside == Beside::settings) leave_to_settings(asked);
    for (const auto& [name, what] : asked) {
      for (Piece& piece : pieces(name.name, what, abis)) found_.push_back({name, std::move(piece), abis});
    }
    return !diagram_.overflowed();
  }

  bool collect(const Input& input, Abi abi, std::map<Name, Asked>& asked) {
    const ir::Program& program = *input.program;
    const auto section = std::ranges::find(program.sections, target::info(abi).audit_arch, &ir::Section::arch);
    const auto is_legacy = [&](uint32_t nr) {
      return abi == Abi::x86_64 && nr >= target::kX32LegacyFirst && nr <= target::kX32LegacyLast;
    };
    for (const target::NumberedCall& row : target::calls_of(abi)) {
      if (is_legacy(row.nr) || target::call_number(row.call, abi) != row.nr) continue;
      const Name name{std::string(target::call_name(row.call)), std::nullopt};
      const ir::FunctionId function = ir::function_of(*section, row.nr);
      if (!ask(program, function, abi, asked[name])) return false;
      if (format_.beside == Beside::settings) by_abi_[name.name].emplace_back(abi, made_[function.value]);
    }
    if (format_.compares != Compares::any) return true;
    // Numbers without a name can stand for themselves.
    const uint32_t begin = abi == Abi::x32 ? target::kX32Bit : 0;
    const uint32_t end = abi == Abi::x86_64 ? target::kX32Bit : 0x80000000U;
    for (const ir::NrRange& range : section->ranges) {
      if (range.first < begin || range.last >= end || range.last - range.first >= kMostNumbers) continue;
      for (uint32_t nr = range.first; nr <= range.last; ++nr) {
        if (!is_legacy(nr) && target::table_has_number(abi, nr)) continue;
        if (!ask(program, range.function, abi, asked[{fmt::format("{}", nr), nr}])) return false;
      }
    }
    return true;
  }

  // What settings of their own do leaves a call one answer.
  void leave_to_settings(std::map<Name, Asked>& asked) {
    UnitSettings made = unit_settings(by_abi_, diagram_);
    plan_.settings = std::move(made.lines);
    for (auto& [call, text] : made.reasons) reason(call, std::move(text));
    for (const auto& [call, verdict] : made.left) {
      const Ref left = diagram_.terminal(target::encode(verdict));
      Asked& what = asked[{call, std::nullopt}];
      for (Ref* answer : {&what.wide, &what.narrow}) {
        if (answer->valid()) *answer = left;
      }
    }
  }

  // What ABIs answer differently gets the stricter answer on all of them.
  bool ask(const ir::Program& program, ir::FunctionId function, Abi abi, Asked& asked) {
    Ref& here = made_[function.value];
    if (!here.valid()) {
      const Ref meaning = program.functions[function.value].meaning;
      if (!meaning.valid()) return false;
      here = ir::copy(program.diagram, meaning, diagram_);
      if (!here.valid()) return false;
    }
    Ref& answer = target::info(abi).register_bits == 64 ? asked.wide : asked.narrow;
    answer = answer.valid() ? stricter(answer, here) : here;
    return answer.valid();
  }

  // Registers of 32 bits have nothing above: what is said of them counts where the upper halves are 0. Where the two
  // differ there, too, the same rules cannot say both.
  Answer joined(const Asked& asked) {
    if (!asked.wide.valid()) return {asked.narrow, 32};
    if (!asked.narrow.valid() || asked.narrow == asked.wide) return {asked.wide, 64};
    Ref is_narrow = diagram_.yes();
    for (unsigned slot = 0; slot < 6; ++slot) {
      const ir::WordRange zero{0, 0};
      const Ref nothing_above = diagram_.member(target::arg_hi(slot), ~uint32_t{0}, std::span(&zero, 1));
      if (looks_at(asked.wide, slot) || looks_at(asked.narrow, slot))
        is_narrow = diagram_.conjunction(is_narrow, nothing_above);
    }
    const Ref both = stricter(asked.wide, asked.narrow);
    const Ref joint = diagram_.ite(is_narrow, both, asked.wide);
    return {joint == asked.wide ? joint : both, 64};
  }

  [[nodiscard]] bool looks_at(Ref function, unsigned slot) const {
    std::set<uint32_t> seen;
    std::vector<Ref> open{function};
    while (!open.empty()) {
      const Ref at = open.back();
      open.pop_back();
      if (diagram_.is_terminal(at) || !seen.insert(at.value).second) continue;
      const Diagram::Branch branch = diagram_.branch(at);
      if (branch.word == target::arg_lo(slot) || branch.word == target::arg_hi(slot)) return true;
      open.push_back(branch.zero);
      open.push_back(branch.one);
    }
    return false;
  }

  Ref stricter(Ref a, Ref b) {
    return diagram_.apply(a, b, [](uint32_t x, uint32_t y) { return target::decode(x) < target::decode(y) ? x : y; });
  }

  // ---- pieces ----

  std::vector<Piece> pieces(const std::string& call, const Asked& asked, AbiSet abis) {
    const Answer joint = joined(asked);
    if (!joint.function.valid()) return {};
    const Ref answer = answers_.sayable(diagram_, joint.function, call);
    if (!answer.valid()) return {};
    const unsigned bits = joint.register_bits;
    const bool is_libseccomp = format_.compares == Compares::libseccomp;
    const bool is_either = format_.compares == Compares::either;
    std::vector<Piece> found =
        format_.actions == Actions::line ? line(answer, bits) : each(answer, {format_.compares, bits, is_either});
    if ((is_libseccomp || is_either) && !is_trusted(found)) found = each(answer, {Compares::masks, bits, is_either});
    if (is_either && (is_stuck(found) || count_rules(found) > most_rules_)) {
      std::vector<Piece> sized = each(answer, {Compares::sized, bits});
      if (is_stuck(found) || count_rules(sized) < count_rules(found)) found = std::move(sized);
    }
    const Verdict strictest = strictest_of(answer);
    if (!is_stuck(found) && !(is_libseccomp && is_walked_round(call, found, asked, abis))) return found;
    reason(call, "it has no form for these conditions");
    if (strictest == plan_.profile.otherwise) return {};
    return {{strictest, {}}};
  }

  static size_t count_rules(const std::vector<Piece>& pieces) {
    size_t rules = 0;
    for (const Piece& piece : pieces) rules += piece.any.size();
    return rules;
  }

  // Whether one of them cannot be said.
  static bool is_stuck(const std::vector<Piece>& pieces) {
    return std::ranges::any_of(pieces,
                               [](const Piece& piece) { return piece.any.size() == 1 && piece.any.front().empty(); });
  }

  // Where libseccomp compares half a register it would let pass what the policy does not.
  bool is_walked_round(const std::string& call, const std::vector<Piece>& pieces, const Asked& asked, AbiSet abis) {
    bool found = false;
    if (std::ranges::all_of(pieces, [](const Piece& piece) { return piece.any.empty(); })) return false;
    for (const Abi abi : abis) {
      const bool is_narrow = target::info(abi).register_bits == 32;
      const Ref own = is_narrow ? asked.narrow : asked.wide;
      if (!target::has_pointers_of_32_bits(abi) || !own.valid()) continue;
      const Halves there = halves(pieces, plan_.profile, abi, answers_.sayable(diagram_, own, call), diagram_);
      if (there == Halves::same) continue;
      reason(call, fmt::format("on {} it compares the lower half of registers alone", target::info(abi).name));
      found = found || there == Halves::laxer;
    }
    return found;
  }

  [[nodiscard]] Verdict strictest_of(Ref answer) const {
    Verdict found{Action::allow, 0xffff};
    for (const uint32_t payload : diagram_.payloads(answer)) found = std::min(found, target::decode(payload));
    return found;
  }

  // A piece that cannot be said has one alternative without comparisons, which no other has.
  Piece piece(Ref answer, Verdict verdict, const Question& question) {
    const Ref where = diagram_.map(
        answer, [&](uint32_t payload) { return target::decode(payload) == verdict ? Diagram::kYes : Diagram::kNo; });
    auto any = conditions(diagram_, where, question);
    return {verdict, any ? std::move(*any) : std::vector<AllOf>{{}}};
  }

  std::vector<Piece> each(Ref answer, const Question& question) {
    std::vector<Piece> found;
    for (const Verdict verdict : verdicts(answer)) {
      if (verdict == plan_.profile.otherwise) continue;
      if (diagram_.is_terminal(answer)) return {{verdict, {}}};
      found.push_back(piece(answer, verdict, question));
    }
    return found;
  }

  // What a line's conditions leave gets the default, or the line's last action. A last `allow` makes
  // compile_seccomp_policy.py forget what stands before it (compiler.py, compile_filter_statement), but in lists of
  // denials.
  std::vector<Piece> line(Ref answer, unsigned register_bits) {
    const Verdict otherwise = plan_.profile.otherwise;
    const bool is_left = otherwise != answers_.policy_otherwise() && otherwise.action != Action::allow;
    if (diagram_.is_terminal(answer) && is_left &&
        target::decode(diagram_.payload(answer)) == answers_.policy_otherwise())
      return {};
    std::vector<Verdict> last = verdicts(answer);
    const auto rank = [&](Verdict verdict) {
      return std::tuple(verdict != otherwise, verdict.action == Action::allow, verdict.action != Action::errno_);
    };
    std::ranges::stable_sort(last, {}, rank);
    for (const Verdict rest : last) {
      if (rest.action == Action::allow && rest != otherwise && last.size() > 1) continue;
      std::vector<Piece> found = line_but_for(rest, answer, {format_.compares, register_bits});
      if (found.empty() && last.size() > 1) continue;
      if (rest != otherwise) found.push_back({rest, {}});
      return found;
    }
    return {{strictest_of(answer), {{}}}};  // cannot be said
  }

  // The pieces of all other answers; none if they cannot be said.
  std::vector<Piece> line_but_for(Verdict rest, Ref answer, const Question& question) {
    // compiler.py and bpf.py walk a line's comparisons by recursion, and end at Python's bound (490 or so of them).
    constexpr size_t kMostCompares = 400;
    std::vector<Piece> found;
    size_t compares = 0;
    for (const Verdict verdict : verdicts(answer)) {
      if (verdict == rest) continue;
      found.push_back(piece(answer, verdict, question));
      for (const AllOf& all : found.back().any) compares += all.size();
      const bool is_stuck = found.back().any.size() == 1 && found.back().any.front().empty();
      if (is_stuck || compares > kMostCompares) return {};
    }
    return found;
  }

  [[nodiscard]] std::vector<Verdict> verdicts(Ref answer) const {
    std::vector<Verdict> found;
    for (const uint32_t payload : diagram_.payloads(answer)) found.push_back(target::decode(payload));
    std::ranges::sort(found);
    return found;
  }

  std::span<const Input> inputs_;
  const FormatInfo& format_;
  size_t most_rules_;
  Plan plan_;
  Answers answers_;
  Diagram diagram_;
  std::map<uint32_t, Ref> made_;  // functions of the input at hand
  CallAnswers by_abi_;            // where settings ask for them
  std::vector<Answered> found_;
};

}  // namespace

std::optional<Plan> plan(std::span<const Input> inputs, AbiSet abis, const FormatInfo& format) {
  // Where one comparison of each register takes more rules than the kernel takes instructions of, if each has a load, a
  // test and what is done, and half of the filter is left to other calls.
  constexpr size_t kMostRules = 512;
  auto made = Planner(inputs, abis, format, kMostRules).run();
  const bool is_refused =
      format.format == Format::seccompiler && made && seccompiler_size(made->profile) > importer::kSeccompilerMost;
  return is_refused ? Planner(inputs, abis, format, 0).run() : made;
}

}  // namespace sbpc::exporter
