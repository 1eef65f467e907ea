// check_file.h: everything that can be said of one file without making a program: what `sbpc check` and the language
// server ask.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "driver/options.h"
#include "sema/load.h"
#include "sema/policy.h"

namespace sbpc::driver {

struct CheckedFile {
  std::optional<sema::Module> module;
  std::vector<sema::Policy> policies;  // none after errors of names and types
};

struct CheckInput {
  SourceMap& sources;
  sema::FileReader& reader;
  std::string path;
  std::function<bool()> go_on = {};  // asked between the stages; once it says no the rest is left out
};

// Every policy of the file, for every family of ABIs: names, types, asserts, lints.
[[nodiscard]] CheckedFile check_file(const CheckInput& input, const Options& options, diag::Sink& sink);

}  // namespace sbpc::driver
