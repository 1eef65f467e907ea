// text.h: answers as people read them.
//
//   openat(AT_FDCWD, _, O_RDWR) on x86_64: errno(EACCES)
//     decided by   files.sb:9    allow openat(flags only SAFE | also) else errno(EACCES);
//                                its `else`: the conditions of the statement do not hold
//     through      web.sb:23     use read_files(also: O_NONBLOCK);
//     cost         9 instructions, 17 of x86-64's
// Tested by test/cli/explain.test.
#pragma once

#include <string>

#include "base/source.h"
#include "explain/answers.h"

namespace sbpc::explain {

struct TextOptions {
  std::string_view question;  // the call as it was asked about
  target::Abi abi{};
  bool path = false;  // list the instructions of each path
  bool alone = true;  // the only answer to the question: needs no condition and no example
};

// The line above several answers: "openat(_, _, _) on x86_64: 2 verdicts". Empty for one.
[[nodiscard]] std::string heading(const TextOptions& options, size_t count);
[[nodiscard]] std::string answer_text(const SourceMap& sources, const Subject& subject, const Answer& answer,
                                      const TextOptions& options);

// One line: "write(_) on x86_64: kill_process where fd !in 1..2 (policy.sb:6)".
[[nodiscard]] std::string brief_text(const SourceMap& sources, const Subject& subject, const Answer& answer,
                                     const TextOptions& options);

// "policy.sb:12"
[[nodiscard]] std::string place_text(const SourceMap& sources, Span span);
// "the kernel answered errno: another filter ...": no answer of the "policy" or "program" that was `asked`.
[[nodiscard]] std::string other_answer_text(target::Action answered, std::string_view asked);
// "  decided by   ": one row of an answer, its left column padded.
[[nodiscard]] std::string row(std::string_view left, std::string_view middle, std::string_view right);
// The first line of a statement, at most so long; control characters become spaces.
[[nodiscard]] std::string first_line(std::string_view text);

}  // namespace sbpc::explain
