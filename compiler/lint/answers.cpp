// answers.cpp: questions about one ABI of the closed policy, answered on its diagrams. Tested through the lints.
#include "lint/answers.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "ir/projection.h"
#include "lower/event_text.h"
#include "lower/split64.h"

namespace sbpc::lint {
namespace {

std::optional<__int128> one_constant(std::string_view text, target::Abi abi) {
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    const bool is_hex = text.substr(0, 2) == "0x";
    uint64_t number = 0;
    const char* first = text.data() + (is_hex ? 2 : 0);
    (void)std::from_chars(first, text.data() + text.size(), number, is_hex ? 16 : 10);
    return static_cast<__int128>(number);
  }
  const auto id = target::find_constant(text);
  return id ? target::constant_value(*id, abi) : std::nullopt;
}

}  // namespace

bool may_run(uint32_t payload) { return target::info(target::decode(payload).action).may_run; }

bool is_deadly(target::Verdict verdict) { return verdict.action <= target::Action::trap; }

bool is_enosys(const Witness& witness, target::Abi abi) {
  const target::Verdict verdict = target::decode(witness.payload);
  return verdict.action == target::Action::errno_ && constant_of("ENOSYS", abi) == verdict.data;
}

std::optional<__int128> constant_of(std::string_view text, target::Abi abi) {
  __int128 all = 0;
  while (true) {
    const size_t bar = text.find('|');
    const auto one = one_constant(text.substr(0, bar), abi);
    if (!one) return std::nullopt;
    all |= *one;
    if (bar == std::string_view::npos) return all;
    text.remove_prefix(bar + 1);
  }
}

Answers::Answers(const sema::Policy& policy, const sema::AbiPolicy& abi, ir::Program& program)
    : policy_(policy), abi_(abi), program_(program), diagrams_(program), conditions_(abi, program.conds) {
  const uint32_t arch = target::info(abi.abi).audit_arch;
  const auto section = std::ranges::find(program.sections, arch, &ir::Section::arch);
  CHECK(section != program.sections.end());
  section_ = &*section;
  for (const sema::Scope& scope : abi.scopes) {
    for (const sema::Rule& rule : scope.rules) {
      for (const sema::Target& target : rule.targets) named_.insert(target.nr);
    }
    for (const sema::Require& require : scope.requires_) {
      for (const sema::Target& target : require.targets) named_.insert(target.nr);
    }
    for (const sema::Use& use : scope.uses) {
      if (use.is_unsafe) unsafe_uses_.insert(policy.places[use.place.value].span);
    }
  }
  for (const sema::Assertion& assertion : abi.assertions) {
    const bool runs = target::info(assertion.action).may_run != assertion.never;
    for (const sema::Target& target : assertion.targets) (runs ? meant_to_run_ : meant_to_fail_).insert(target.nr);
  }
}

ir::Ref Answers::meaning(uint32_t nr) const { return program_.functions[ir::function_of(*section_, nr).value].meaning; }

std::optional<ir::CondId> Answers::condition(target::CallId call, const Part& part) {
  const auto arg = target::find_arg(call, abi_.abi, part.arg);
  const bool is_other = part.value.starts_with('!');
  const auto value = constant_of(part.value.substr(is_other ? 1 : 0), abi_.abi);
  const auto mask = part.mask.empty() ? std::optional<__int128>(-1) : constant_of(part.mask, abi_.abi);
  if (!arg || !value || !mask) return std::nullopt;
  sema::Test test;
  test.arg = {sema::ArgRef::Kind::argument, arg->slots, arg->width, false};
  test.mask = static_cast<uint64_t>(*mask);
  const auto all_bits = arg->width >= 64 ? ~uint64_t{0} : (uint64_t{1} << arg->width) - 1;
  const auto wanted = static_cast<__int128>(static_cast<uint64_t>(*value) & all_bits);
  test.values = {{wanted, wanted}};
  if (is_other) test.op = sema::Compare::ne;
  return lower::split(test, program_.conds);
}

Answer Answers::answer_of(ir::Ref meaning, uint32_t nr) const {
  const ir::Diagram& diagram = program_.diagram;
  Answer answer;
  answer.runs = diagram.witness(
      meaning, [](uint32_t payload) { return payload != ir::Diagram::kNone && lint::may_run(payload); });
  answer.fails = diagram.witness(
      meaning, [](uint32_t payload) { return payload != ir::Diagram::kNone && !lint::may_run(payload); });
  for (std::optional<Witness>* witness : {&answer.runs, &answer.fails}) {
    if (!*witness) continue;
    (*witness)->data.nr = static_cast<int32_t>(nr);
    (*witness)->data.arch = section_->arch;
  }
  return answer;
}

std::optional<Answer> Answers::of(target::CallId call, const Part& part) {
  const auto nr = target::call_number(call, abi_.abi);
  if (!nr) return std::nullopt;
  const auto when = part.arg.empty() ? std::optional(program_.conds.always()) : condition(call, part);
  return when ? of_events(*nr, *when) : std::nullopt;
}

std::optional<Answer> Answers::of_all_but(target::CallId call, const Part& part) {
  const auto nr = target::call_number(call, abi_.abi);
  const auto when = nr ? condition(call, part) : std::nullopt;
  return when ? of_events(*nr, program_.conds.negation(*when)) : std::nullopt;
}

std::optional<Answer> Answers::of_events(uint32_t nr, ir::CondId when) {
  ir::Ref ref = meaning(nr);
  if (ref.valid() && when != program_.conds.always()) ref = diagrams_.choose(when, ref, program_.diagram.none());
  return ref.valid() ? std::optional(answer_of(ref, nr)) : std::nullopt;
}

std::string Answers::text_of(const Witness& witness) const {
  return lower::event_text(policy_, abi_, program_.diagram, witness);
}

// Everywhere, if the call's meaning is not known.
ir::Ref Answers::states_without(target::CallId call) {
  ir::Diagram& diagram = program_.diagram;
  const auto nr = target::call_number(call, abi_.abi);
  const ir::Ref answers = nr ? meaning(*nr) : ir::Ref();
  if (!answers.valid()) return diagram.yes();
  const ir::Ref states = ir::states_of(diagram, diagram.map(answers, [](uint32_t payload) {
    return lint::may_run(payload) ? ir::Diagram::kNo : ir::Diagram::kYes;
  }));
  return states.valid() ? states : diagram.yes();
}

std::optional<Answer> Answers::of_unmeant(target::CallId call, const Part& part, target::CallId denied) {
  const auto nr = target::call_number(call, abi_.abi);
  const auto when = nr ? condition(call, part) : std::nullopt;
  if (!when || !meaning(*nr).valid()) return std::nullopt;
  ir::Diagram& diagram = program_.diagram;
  ir::Ref ref = diagrams_.choose(*when, meaning(*nr), diagram.none());
  ref = diagram.ite(states_without(denied), ref, diagram.none());
  for (const sema::Assertion& assertion : abi_.assertions) {
    if (target::info(assertion.action).may_run == assertion.never) continue;
    ir::Ref taken = diagram.no();
    for (const sema::Target& out : assertion.except) {
      if (out.nr == *nr) taken = diagram.disjunction(taken, diagrams_(conditions_(out.when)));
    }
    for (const sema::Target& target : assertion.targets) {
      if (target.nr != *nr) continue;
      const ir::Ref named = diagram.conjunction(diagrams_(conditions_(target.when)), diagram.negate(taken));
      ref = diagram.ite(named, diagram.none(), ref);
    }
  }
  return ref.valid() ? std::optional(answer_of(ref, *nr)) : std::nullopt;
}

std::optional<Answer> Answers::of(std::string_view name, const Part& part) {
  const auto call = target::find_call(name);
  return call ? of(*call, part) : std::nullopt;
}

bool Answers::may_run(std::string_view call) {
  const auto answer = of(call);
  return answer && answer->runs;
}

bool Answers::is_named(target::CallId call) const {
  const auto nr = target::call_number(call, abi_.abi);
  return nr && named_.contains(*nr);
}

bool Answers::is_meant(target::CallId call, bool runs) const {
  const auto nr = target::call_number(call, abi_.abi);
  return nr && (runs ? meant_to_run_ : meant_to_fail_).contains(*nr);
}

const sema::Place* Answers::deciding_place(const Witness& witness) {
  const lower::Decision decision = lower::decide(policy_, program_.diagram, witness, &conditions_);
  const auto decider = std::ranges::find(decision.voices, lower::Voice::Fate::decides, &lower::Voice::fate);
  if (decider != decision.voices.end()) return &policy_.places[decider->place.value];
  return policy_.otherwise_place.valid() ? &policy_.places[policy_.otherwise_place.value] : nullptr;
}

sema::Place Answers::decider(const Witness& witness) {
  const sema::Place* place = deciding_place(witness);
  return place != nullptr ? *place : sema::Place{policy_.span, {}, {}};
}

bool Answers::is_said_unsafe(const Witness& witness) {
  const sema::Place* place = deciding_place(witness);
  return place != nullptr && std::ranges::any_of(place->uses, [this](Span use) { return unsafe_uses_.contains(use); });
}

}  // namespace sbpc::lint
