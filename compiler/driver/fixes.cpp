#include "driver/fixes.h"

#include "diag/fixes.h"

namespace sbpc::driver {

tl::expected<std::string, std::string> FixingReader::read(const std::string& path) {
  const auto found = changed_.find(path);
  if (found != changed_.end()) return found->second.text;
  return DiskReader::read(path);
}

tl::expected<std::string, std::string> FixingReader::read_imported(const std::string& path) {
  return changed_.contains(path) ? read(path) : DiskReader::read_imported(path);
}

size_t FixingReader::apply(const SourceMap& sources, const std::vector<diag::Diagnostic>& diagnostics,
                           const std::set<FileId>& files) {
  size_t count = 0;
  for (const FileId file : files) {
    const std::vector<const diag::Fix*> fixes = diag::chosen_fixes(diagnostics, file);
    if (fixes.empty()) continue;
    Changed& changed = changed_[std::string(sources.name(file))];
    changed.text = diag::with_fixes(sources.text(file), fixes);
    changed.fixes += fixes.size();
    count += fixes.size();
  }
  return count;
}

}  // namespace sbpc::driver
