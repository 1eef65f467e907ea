#include "driver/export_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "describe/names.h"
#include "describe/split.h"
#include "import/meaning.h"
#include "ir/copy.h"
#include "ir/interpret.h"
#include "ir/meaning.h"
#include "target/multiplexers.h"

namespace sbpc::driver {
namespace {

using exporter::FormatInfo;
using exporter::Input;
using exporter::Plan;
using importer::Profile;
using ir::Diagram;
using ir::Ref;
using target::Abi;
using target::Verdict;

constexpr uint32_t kNegative = 0x80000000U;  // numbers are ints: no kernel has a call from here on

// Until then x32 could make x86_64's calls by x86_64's numbers (commit 6365b842aae4).
constexpr target::KernelVersion kX32HasItsOwnTable{5, 4};

// Where numbers of x86_64 change their kind.
constexpr std::array<uint32_t, 4> kBounds = {target::kX32LegacyFirst, target::kX32LegacyLast + 1, target::kX32Bit,
                                             kNegative};

class ExportProver {
 public:
  ExportProver(const Input& input, const Profile& file, const Plan& plan, const FormatInfo& format)
      : input_(input), file_(file), plan_(plan), format_(format) {}

  std::optional<std::vector<ExportDifference>> run() {
    Profile here = file_;
    if (format_.unit != exporter::Unit::machine) here.abis = here.abis & own_abis();
    const Ref meaning = ir::whole_meaning(*input_.program);
    if (!meaning.valid()) return std::nullopt;
    policy_ = ir::copy(input_.program->diagram, meaning, diagram_);
    there_ = importer::meaning(here, {}, importer::Width::exact, diagram_);
    if (!policy_.valid() || !there_.valid()) return std::nullopt;
    if (policy_ == there_) return found_;
    const Ref differs = without_unread(here);
    if (!differs.valid()) return std::nullopt;
    const Ref pairs = diagram_.ite(differs, both_answers(), diagram_.no());
    if (!pairs.valid()) return std::nullopt;
    const bool fits = describe::each_stretch(diagram_, pairs, [&](uint32_t arch, const describe::WordPart& numbers) {
      if (!is_elsewhere(arch)) stretch(arch, numbers);
    });
    if (!fits) return std::nullopt;
    return std::move(found_);
  }

 private:
  [[nodiscard]] importer::AbiSet own_abis() const {
    importer::AbiSet own;
    for (const sema::AbiPolicy& abi : input_.policy->abis) own.add(abi.abi);
    return own;
  }

  // Where the two differ, but not where the file is stricter for bits that the kernel does not look at alone: there the
  // same call, without them, is answered alike.
  Ref without_unread(const Profile& file) {
    const auto differ = [](uint32_t a, uint32_t b) {
      return target::decode(a) == target::decode(b) ? Diagram::kNo : Diagram::kYes;
    };
    const Ref differs = diagram_.apply(policy_, there_, differ);
    const Ref stricter = diagram_.apply(policy_, there_, [](uint32_t a, uint32_t b) {
      const bool runs = target::info(target::decode(a).action).may_run;
      return runs && !target::info(target::decode(b).action).may_run ? Diagram::kYes : Diagram::kNo;
    });
    if (!differs.valid() || stricter == diagram_.no()) return differs;
    const Ref meant = importer::meaning(file, {}, importer::Width::meant, diagram_);
    if (meant == there_ || !meant.valid()) return meant.valid() ? differs : meant;
    const Ref alike = diagram_.negate(diagram_.apply(policy_, meant, differ));
    const Ref unread = diagram_.conjunction(stricter, alike);
    if (unread == diagram_.no()) return differs;
    ExportDifference made;
    made.harmless = made.unread = true;
    found_.push_back(std::move(made));
    return diagram_.conjunction(differs, diagram_.negate(unread));
  }

  // Calls that only another machine of the file makes; `foreign ... for legacy` speaks of x86_64's everywhere.
  [[nodiscard]] bool is_elsewhere(uint32_t arch) const {
    importer::AbiSet all = file_.abis;
    all.add(Abi::x86_64);
    const target::Family own = target::info(input_.policy->abis.front().abi).family;
    for (const Abi abi : all) {
      if (target::info(abi).audit_arch == arch && target::info(abi).family != own) return true;
    }
    return false;
  }

  // Which two answers meet, as a number of the pair.
  Ref both_answers() {
    return diagram_.apply(policy_, there_, [&](uint32_t here, uint32_t there) {
      const std::pair pair(here, there);
      const auto known = std::ranges::find(pairs_, pair);
      const auto id = static_cast<uint32_t>(known - pairs_.begin());
      if (known == pairs_.end()) pairs_.push_back(pair);
      return id;
    });
  }

  // Numbers of different kinds are different differences, and so are answers; each call with a name is one.
  void stretch(uint32_t arch, const describe::WordPart& number) {
    for (const uint32_t pair : diagram_.payloads(number.rest)) {
      if (pair == Diagram::kNo) continue;
      const auto witness = diagram_.witness(number.rest, [&](uint32_t payload) { return payload == pair; });
      CHECK(witness);
      Diagram::Witness event = *witness;
      event.data.arch = arch;
      for (uint64_t first = number.first; first <= number.last;) {
        event.data.nr = static_cast<int32_t>(first);
        add(event);
        first = next_number(arch, first, number.last);
      }
    }
  }

  // The next of a stretch that is of another kind, or has a name.
  [[nodiscard]] uint64_t next_number(uint32_t arch, uint64_t from, uint64_t last) const {
    constexpr uint64_t kMost = 4096;  // no table of calls is longer
    uint64_t next = last + 1;
    for (const uint32_t bound : kBounds) {
      if (bound > from) next = std::min<uint64_t>(next, bound);
    }
    for (uint64_t nr = from + 1; nr < std::min(next, from + kMost); ++nr) {
      const auto abi = describe::abi_of(arch, static_cast<uint32_t>(nr));
      if (abi && target::call_at(*abi, static_cast<uint32_t>(nr))) return nr;
    }
    return next;
  }

  void add(const Diagram::Witness& event) {
    const auto no_parameters = [](const Diagram::Opaque&) { return false; };
    const Verdict here = target::decode(diagram_.evaluate(policy_, event.data, no_parameters));
    const Verdict there = target::decode(diagram_.evaluate(there_, event.data, no_parameters));
    if (here == there) return;  // a stretch holds more numbers than differ: its first one stands for all
    ExportDifference made;
    const auto abi = describe::abi_of(event.data.arch, static_cast<uint32_t>(event.data.nr));
    const Abi words = abi.value_or(target::host_abi());
    explain(event.data, here, there, made);
    made.place = place_of(event.data);
    made.answers = {here, there};
    const auto is_alike = [&](const ExportDifference& other) {
      return other.answers == made.answers && other.reason == made.reason && other.remedy == made.remedy &&
             other.harmless == made.harmless;
    };
    const auto known = std::ranges::find_if(
        found_, [&](const ExportDifference& other) { return is_alike(other) && other.call == made.call; });
    constexpr ptrdiff_t kMostAlike = 8;
    const bool is_enough = std::ranges::count_if(found_, is_alike) >= kMostAlike;
    if (known != found_.end() || is_enough) {
      ++(known != found_.end() ? known : std::ranges::find_if(found_, is_alike))->others;
      return;
    }
    const std::string_view machine = abi ? target::info(*abi).name : std::string_view("another machine");
    made.text =
        fmt::format("{} on {}: {} in the policy, {} there ({})",
                    abi ? describe::event_text(words, event.data, event.tested) : "any call", machine,
                    describe::verdict_text(here, words), describe::verdict_text(there, words), direction(here, there));
    found_.push_back(std::move(made));
  }

  static std::string_view direction(Verdict here, Verdict there) {
    const bool runs = target::info(here.action).may_run;
    if (runs == target::info(there.action).may_run)
      return here.action == there.action || !runs ? "another answer" : there < here ? "stricter" : "looser";
    return runs ? "stricter" : "looser";
  }

  void explain(const target::SeccompData& event, Verdict here, Verdict there, ExportDifference& made) const {
    const auto nr = static_cast<uint32_t>(event.nr);
    const auto abi = describe::abi_of(event.arch, nr);
    const Abi words = abi.value_or(target::host_abi());
    const std::string answer = describe::verdict_text(there, words);
    const auto section = std::ranges::find(input_.program->sections, event.arch, &ir::Section::arch);
    const bool is_x86_64 = event.arch == target::info(Abi::x86_64).audit_arch;
    const bool has_arch = section != input_.program->sections.end() && !section->abis.empty();
    if (abi && file_.abis.has(*abi) && !own_abis().has(*abi)) {
      made.reason = fmt::format("it filters calls of {}, too, where it lets other ABIs pass", target::info(*abi).name);
      made.remedy = fmt::format("`foreign kill_thread;` shuts other ABIs out; a policy `on {}` answers their calls",
                                sema::to_string(file_.abis));
      made.harmless = nr >= kNegative;
    } else if (!has_arch || !abi) {
      made.reason = fmt::format("calls of other ABIs get {} there", answer);
      made.remedy = fmt::format("`foreign {};` says so in the policy", answer);
      if (nr >= kNegative && has_arch) made.harmless = true;
    } else if (nr >= kNegative) {
      made.reason = "no kernel has a call of such a number";
      made.harmless = true;
    } else if (is_x86_64 && (nr & target::kX32Bit) != 0 && !file_.abis.has(Abi::x32)) {
      made.reason = fmt::format("x32's calls get {} there", answer);
      made.remedy = fmt::format("`foreign {} for x32;` says so in the policy", answer);
    } else if (is_x86_64 && nr >= target::kX32LegacyFirst && nr <= target::kX32LegacyLast) {
      made.reason = fmt::format("x86_64's numbers of x32 get {} there", answer);
      made.remedy = fmt::format("`foreign {} for legacy;` says so in the policy", answer);
    } else if (abi == Abi::x32 && !target::call_at(Abi::x32, nr) &&
               target::call_at(Abi::x86_64, nr & ~target::kX32Bit)) {
      made.reason = "x32 does not have this number of x86_64's, which the policy takes for another ABI's";
      made.harmless = !target::info(there.action).may_run || input_.policy->min_kernel >= kX32HasItsOwnTable;
      if (!made.harmless) made.remedy = "`--min-kernel 5.4`: from then on x32 cannot make them";
    } else if (!plan_.default_reason.empty() && here == input_.policy->otherwise && there == plan_.profile.otherwise) {
      made.reason = plan_.default_reason;
      made.remedy = plan_.default_remedy;
    } else {
      explain_call(event, *abi, there, made);
    }
  }

  void explain_call(const target::SeccompData& event, Abi abi, Verdict there, ExportDifference& made) const {
    if (!file_.abis.has(abi)) {
      made.reason = fmt::format("the file is for {} only", sema::to_string(file_.abis));
      made.remedy = fmt::format("a policy `on {}` leaves the calls of {} to `foreign {};`", sema::to_string(file_.abis),
                                target::info(abi).name, describe::verdict_text(there, abi));
      return;
    }
    const auto call = target::call_at(abi, static_cast<uint32_t>(event.nr));
    if (!call) {
      made.reason = "it has names of calls only, and this number has none";
      if (input_.policy->kernel)
        made.remedy =
            fmt::format("`newer {};` gives newer calls what the others get", describe::verdict_text(there, abi));
      return;
    }
    made.call = target::call_name(*call);
    if (const auto known = plan_.reasons.find(made.call); known != plan_.reasons.end()) {
      made.reason = known->second;
    } else if (plan_.profile.joins_multiplexers && target::is_multiplexer(made.call)) {
      made.reason = fmt::format(
          "libseccomp allows `{}` what the calls behind it are allowed, whatever their first argument", made.call);
    } else if (format_.unit == exporter::Unit::all && file_.abis.size() > 1) {
      made.reason = "it has the same rules on all ABIs";
      if (is_for_several()) made.remedy = "`--target` picks the ABIs of one machine";
    } else if ((format_.unit == exporter::Unit::family || format_.unit == exporter::Unit::machine) &&
               input_.policy->abis.size() > 1) {
      made.reason = "it has the same rules on all ABIs of a machine";
    }
  }

  [[nodiscard]] bool is_for_several() const {
    const target::Family first = target::info(file_.abis.first()).family;
    for (const Abi abi : file_.abis) {
      if (target::info(abi).family != first) return true;
    }
    return false;
  }

  // The statement that answers the event.
  [[nodiscard]] Span place_of(const target::SeccompData& event) const {
    const ir::Program& program = *input_.program;
    const sema::Policy& policy = *input_.policy;
    const auto section = std::ranges::find(program.sections, event.arch, &ir::Section::arch);
    if (section == program.sections.end()) return policy.span;
    const ir::Function& function = program.functions[ir::function_of(*section, static_cast<uint32_t>(event.nr)).value];
    const std::vector<ir::PlaceId>* places = &function.otherwise_places;
    for (const ir::Clause& clause : function.clauses) {
      if (!ir::holds(program.conds, clause.when, event, ir::HoleValues())) continue;
      places = &clause.places;
      break;
    }
    return places->empty() ? plain_place(event) : policy.places[places->front()].span;
  }

  // Calls that are answered the same whatever their arguments share their functions, which name no statement: it is
  // looked for.
  [[nodiscard]] Span plain_place(const target::SeccompData& event) const {
    const sema::Policy& policy = *input_.policy;
    const auto nr = static_cast<uint32_t>(event.nr);
    const auto abi = describe::abi_of(event.arch, nr);
    const auto own = abi ? std::ranges::find(policy.abis, *abi, &sema::AbiPolicy::abi) : policy.abis.end();
    if (own == policy.abis.end()) return policy.span;
    for (const sema::Scope& scope : own->scopes) {
      for (const sema::Rule& rule : scope.rules) {
        if (std::ranges::find(rule.targets, nr, &sema::Target::nr) != rule.targets.end())
          return policy.places[rule.place.value].span;
      }
    }
    return policy.otherwise_place.valid() ? policy.places[policy.otherwise_place.value].span : policy.span;
  }

  const Input& input_;
  const Profile& file_;
  const Plan& plan_;
  const FormatInfo& format_;
  Diagram diagram_;
  Ref policy_;
  Ref there_;
  std::vector<std::pair<uint32_t, uint32_t>> pairs_;  // answers of the policy and of the file
  std::vector<ExportDifference> found_;
};

}  // namespace

std::optional<std::vector<ExportDifference>> prove_export(const Input& input, const Profile& file, const Plan& plan,
                                                          const FormatInfo& format) {
  return ExportProver(input, file, plan, format).run();
}

}  // namespace sbpc::driver
