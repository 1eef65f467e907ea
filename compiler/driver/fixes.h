// fixes.h: `check --fix`: the safe fixes of diagnostics, applied to texts. Files are changed in memory; which fixes
// those are is diag/fixes.h's, who writes the files is check.cpp. Tested by test/cli/fix.test.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/source.h"
#include "diag/diagnostic.h"
#include "driver/disk_reader.h"

namespace sbpc::driver {

// Reads a file as the rounds so far have left it.
class FixingReader : public DiskReader {
 public:
  using DiskReader::DiskReader;
  tl::expected<std::string, std::string> read(const std::string& path) override;
  tl::expected<std::string, std::string> read_imported(const std::string& path) override;

  // Applies what the diagnostics of one round offer, but for texts that are no files of the user (`fixed` of false).
  // Answers how many fixes that were: 0 ends the rounds.
  size_t apply(const SourceMap& sources, const std::vector<diag::Diagnostic>& diagnostics,
               const std::set<FileId>& files);

  struct Changed {
    std::string text;
    size_t fixes = 0;
  };
  [[nodiscard]] const std::map<std::string, Changed>& changed() const { return changed_; }

 private:
  std::map<std::string, Changed> changed_;  // by path
};

}  // namespace sbpc::driver
