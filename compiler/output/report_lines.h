// report_lines.h: which statement of the policy names which call, and so causes what. Of each the line that it begins
// on stands for it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/source.h"
#include "output/report.h"

namespace sbpc::output {

class PolicyLines {
 public:
  PolicyLines(const SourceMap& sources, const sema::Policy& policy);
  [[nodiscard]] uint32_t of_place(uint32_t place) const { return place < line_of_.size() ? line_of_[place] : kNoLine; }
  [[nodiscard]] bool is_named(target::Abi abi, uint32_t nr) const { return naming_.contains({abi, nr}); }
  // The lines whose statements name the call; the line of `default` if there are none.
  [[nodiscard]] std::vector<uint32_t> naming(target::Abi abi, uint32_t nr) const;
  // Calls that statements name, each with the lines that do.
  [[nodiscard]] const std::map<std::pair<target::Abi, uint32_t>, std::vector<uint32_t>>& named_calls() const {
    return naming_;
  }
  [[nodiscard]] std::vector<ReportLine> take() { return std::move(lines_); }
  [[nodiscard]] std::vector<ReportFile> take_files() { return std::move(files_); }

 private:
  void add_names(const sema::AbiPolicy& abi);
  std::vector<ReportLine> lines_;
  std::vector<ReportFile> files_;
  std::vector<uint32_t> line_of_;  // by place
  std::map<std::pair<target::Abi, uint32_t>, std::vector<uint32_t>> naming_;
  uint32_t otherwise_ = kNoLine;
};

}  // namespace sbpc::output
