// import_analysis.h: what the compiler reads in a written policy, under each setting that its profile leaves open.
//
// Tested by test/cli/import_*.test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "import/model.h"
#include "sema/policy.h"

namespace sbpc::driver {

// A profile's policies under one of importer::deciding_settings, each for one machine.
struct Analysis {
  size_t profile = 0;
  size_t place = 0;  // of the setting
  importer::Setting setting;
  std::vector<sema::Policy> policies;
  bool is_judged = false;  // some policy is to be (is_to_be_judged)
};

// Those of every `step`th setting, counted through all profiles, from the `first` on; nothing where the text does not
// compile, which is reported.
struct AnalysisPart {
  size_t first = 0;
  size_t step = 1;
};
[[nodiscard]] std::optional<std::vector<Analysis>> analyze_import(const importer::Foreign& foreign,
                                                                  const std::vector<std::string>& names,
                                                                  const std::string& text, AnalysisPart part,
                                                                  SourceMap& sources, diag::Sink& sink);

}  // namespace sbpc::driver
