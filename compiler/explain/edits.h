// edits.h: changes of a policy's text that may turn an answer round, the smallest first.
//
//   a denied call:   add `allow CALL(...)`, `override allow CALL(...)`;
//                    `except CALL(...)` at what denies it; one more target of a `require`;
//                    its ABI in `on`, or a `foreign` line
//   an allowed one:  add `errno(EPERM) CALL(...)`; take CALL out of what allows it; `except CALL(...)`
// Small means: fewest calls changed, then fewest bytes. These are proposals: only compiling the changed text tells
// whether one does it (driver/flip.h). Tested by test/unit/driver/flip_test.cpp, on all of them applied.
#pragma once

#include <string>
#include <vector>

#include "ast/ast.h"
#include "base/source.h"
#include "explain/answers.h"

namespace sbpc::explain {

struct Edit {
  Span span;  // of the root file; empty = insertion
  std::string replacement;
};

struct Candidate {
  std::string title;        // "add `allow socket(domain == AF_INET);`"
  std::vector<Edit> edits;  // by rising place, apart from each other
  bool narrow = true;       // changes no more calls than were asked about
};

struct EditRequest {
  const SourceMap& sources;
  const ast::File& root;
  const Subject& subject;
  const Answer& answer;
  const CallPattern& pattern;             // the events to turn round
  bool alone = true;                      // all of the pattern's events have this answer
  const CallPattern* question = nullptr;  // of whose events the answer is a part's, which should all turn round
};

[[nodiscard]] std::vector<Candidate> candidates(const EditRequest& request);

// The text of the root file with a candidate applied.
[[nodiscard]] std::string applied(std::string_view text, const std::vector<Edit>& edits);

}  // namespace sbpc::explain
