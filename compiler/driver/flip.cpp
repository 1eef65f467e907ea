#include "driver/flip.h"

#include <algorithm>
#include <optional>
#include <span>

#include "describe/parameters.h"
#include "diag/kinds/meaning.def"
#include "driver/edited_reader.h"
#include "ir/copy.h"

namespace sbpc::driver {
namespace {

bool is_other_way(target::Verdict now, target::Verdict before) {
  const bool ran = target::info(before.action).may_run;
  return ran ? !target::info(now.action).may_run : now.action == target::Action::allow;
}

// The other half of a value that was compared with a run-time parameter in two words.
std::optional<ir::Diagram::Opaque> other_half(std::span<const ir::Diagram::Opaque> all, const ir::Diagram::Opaque& half,
                                              const describe::Frame& frame) {
  const auto is_other = [&](const ir::Diagram::Opaque& one) { return describe::are_halves(one, half, frame.args); };
  const auto found = std::ranges::find_if(all, is_other);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

// Where the run-time parameters are as in the answer's example: those of its path, as its text says them, where a wide
// value is another one if either half is.
ir::Ref as_in_example(const Compiled& compiled, const explain::EditRequest& request, ir::Diagram& diagram) {
  const ir::Diagram::Witness& example = request.answer.part.witness;
  const std::span<const ir::Diagram::Opaque> all = compiled.program.diagram.opaques();
  const describe::Frame frame = describe::frame_of(request.pattern.abi, static_cast<uint32_t>(example.data.nr));
  const auto holds = [&](const ir::Diagram::Opaque& one) {
    return diagram.opaque(one.word, one.id, one.high, one.mask);
  };
  ir::Ref result = diagram.yes();
  for (const uint32_t index : example.opaques_unset) {
    ir::Ref equal = holds(all[index]);
    if (const auto other = other_half(all, all[index], frame)) equal = diagram.conjunction(equal, holds(*other));
    result = diagram.conjunction(result, diagram.negate(equal));
  }
  for (const uint32_t index : example.opaques_set) {
    const auto other = other_half(all, all[index], frame);
    const bool differs =
        other && std::ranges::any_of(example.opaques_unset, [&](uint32_t i) { return all[i] == *other; });
    if (!differs) result = diagram.conjunction(result, holds(all[index]));
  }
  return result;
}

// Whether every event of the pattern is answered the other way. An example's answer is that of its run-time parameters:
// what others make of the event is not its part.
bool turned(const Compiled& compiled, Compiled& edited, const explain::EditRequest& request) {
  const auto parts = explain::verdicts_of(edited.program, request.pattern);
  if (!parts) return false;
  ir::Diagram& diagram = edited.program.diagram;
  const ir::Ref asked = request.alone ? diagram.yes() : as_in_example(compiled, request, diagram);
  return std::ranges::all_of(*parts, [&](const explain::VerdictPart& part) {
    return is_other_way(part.verdict, request.answer.part.verdict) ||
           diagram.conjunction(asked, part.region) == diagram.no();
  });
}

// Whether all events of the answer's part turned with its example.
bool whole_turned(const Compiled& compiled, Compiled& edited, const explain::EditRequest& request) {
  if (request.question == nullptr) return true;
  const auto parts = explain::verdicts_of(edited.program, *request.question);
  ir::Diagram& diagram = edited.program.diagram;
  const ir::Ref part = ir::copy(compiled.program.diagram, request.answer.part.region, diagram);
  return parts && part.valid() && std::all_of(parts->begin(), parts->end(), [&](const explain::VerdictPart& now) {
           return is_other_way(now.verdict, request.answer.part.verdict) ||
                  diagram.conjunction(part, now.region) == diagram.no();
         });
}

Flip first_that_works(const FlipInput& input, const Compiled& compiled, const explain::EditRequest& request) {
  Flip flip;
  const std::string_view text = input.sources.text(compiled.module.files.front().ast.file);
  for (explain::Candidate& candidate : explain::candidates(request)) {
    SourceMap sources;
    diag::Sink sink;
    EditedReader reader(input.reader, input.path, explain::applied(text, candidate.edits));
    bool done = false;
    bool is_whole = false;
    const auto look = [&](Stage stage, Compiled& edited) {
      if (stage == Stage::lowered) done = turned(compiled, edited, request);
      if (done) is_whole = whole_turned(compiled, edited, request);
      return stage != Stage::lowered;
    };
    static_cast<void>(compile({sources, reader, input.path}, input.options, sink, look));
    if (done) {
      flip.edit = std::move(candidate);
      flip.only_example = !is_whole;
      return flip;
    }
    for (const diag::Diagnostic& diagnostic : sink.diagnostics()) {
      if (flip.forbidding.valid() || diagnostic.kind != diag::kinds::AssertFailed) continue;
      // The edit's own text lies behind everything that was there, but for what it replaced: asserts before it have
      // kept their places.
      const bool moved = diagnostic.span.begin >= candidate.edits.front().span.begin;
      if (sources.name(diagnostic.span.file) == input.path && !moved)
        flip.forbidding = {compiled.policy.span.file, diagnostic.span.begin, diagnostic.span.end};
    }
  }
  return flip;
}

}  // namespace

Flip find_flip(const FlipInput& input, const Compiled& compiled, const explain::EditRequest& request) {
  Flip flip = first_that_works(input, compiled, request);
  if (flip.edit || flip.forbidding.valid() || !request.alone) return flip;
  const explain::CallPattern event = explain::only(request.answer.part.witness.data, request.pattern.abi);
  flip = first_that_works(input, compiled,
                          {request.sources, request.root, request.subject, request.answer, event, false, nullptr});
  flip.only_example = flip.edit.has_value();
  return flip;
}

}  // namespace sbpc::driver
