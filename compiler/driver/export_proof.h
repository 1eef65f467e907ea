// export_proof.h: whether an exported file is the policy it was made from, for every call; if not, where, why, and what
// to write instead.
//
// The policy's side is what lower/ made of it, the file's the evaluator of import/, which reads the text that is
// written. Tested by test/export/*.test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "export/plan.h"
#include "import/model.h"

namespace sbpc::driver {

struct ExportDifference {
  std::string call;                                     // "socket"; empty where it is no call of the policy's ABIs
  std::pair<target::Verdict, target::Verdict> answers;  // the policy's, and the file's
  std::string text;                                     // what differs, on which ABI, with an example
  std::string reason;                                   // empty: none is known
  std::string remedy;                                   // what to write in the policy; may be empty
  Span place;                                           // the statement that says so
  size_t others = 0;                                    // like it
  bool harmless = false;  // numbers that no kernel gives to a call; of x32: that are denied, or none from 5.4 on
  bool unread = false;    // harmless: stricter where registers hold bits that the kernel does not look at
};

// `file` is the profile as it was read back, or planned. nullopt: the diagrams outgrew their budget.
[[nodiscard]] std::optional<std::vector<ExportDifference>> prove_export(const exporter::Input& input,
                                                                        const importer::Profile& file,
                                                                        const exporter::Plan& plan,
                                                                        const exporter::FormatInfo& format);

}  // namespace sbpc::driver
