#include "driver/flip.h"

#include <algorithm>

#include "diag/kinds/meaning.def"
#include "driver/edited_reader.h"
#include "ir/copy.h"

namespace sbpc::driver {
namespace {

bool is_other_way(target::Verdict now, target::Verdict before) {
  const bool ran = target::info(before.action).may_run;
  return ran ? !target::info(now.action).may_run : now.action == target::Action::allow;
}

// Whether every event of the pattern is answered the other way.
bool turned(Compiled& compiled, const explain::EditRequest& request) {
  const explain::CallPattern& pattern = request.pattern;
  const auto parts = explain::verdicts_of(compiled.program, pattern);
  if (!parts) return false;
  return std::all_of(parts->begin(), parts->end(), [&](const explain::VerdictPart& part) {
    return is_other_way(part.verdict, request.answer.part.verdict);
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
      if (stage == Stage::lowered) done = turned(edited, request);
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
