// import_judge.h: what a compile of a written policy says beyond its meaning: an import that is proved also compiles.
//
// All of a policy's kernels together, under every setting that the proof tries, as `sbpc check` does. Tested by
// test/cli/import_left_open.test and test/cli/import_compiles.test.
#pragma once

#include <array>
#include <vector>

#include "diag/sink.h"
#include "import/left_open.h"
#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::driver {

// A policy of the written text for kernels of one kind, under one setting.
struct WrittenPolicy {
  std::array<size_t, 3> place{};  // profile, setting and machine: those of one profile and setting stand together
  importer::Setting setting;
  sema::Policy policy;
  ir::Program program;
};

// Whether there is anything that judge::judge could call an error: most lists hold nothing of that, and its questions
// cost as much as the proof. One of a policy's families decides for all.
[[nodiscard]] bool is_to_be_judged(const sema::Policy& policy);

// Only what is wrong is kept: the text is the compiler's own, and its warnings are for who compiles it.
[[nodiscard]] diag::Sink quiet_sink();

// An error of the compiler's about the written text, as one about the import.
void report_unsaid(const diag::Sink& found, diag::Sink& sink);

// False: no level makes a program of it that the kernel takes, which is reported.
bool judge_size(WrittenPolicy& written, diag::Sink& sink);

// Sorted by place. Denials that a multiplexer leads round are not errors yet: they are returned, with what would say
// that they are meant.
[[nodiscard]] std::vector<importer::LeftOpen> judge_import(std::vector<WrittenPolicy>& policies, diag::Sink& sink);

}  // namespace sbpc::driver
