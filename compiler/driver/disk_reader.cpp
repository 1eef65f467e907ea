#include "driver/disk_reader.h"

#include "base/limits.h"
#include "driver/stdlib_table.h"

namespace sbpc::driver {

tl::expected<std::string, std::string> DiskReader::read(const std::string& path) { return read(path, FileKinds::all); }

tl::expected<std::string, std::string> DiskReader::read_imported(const std::string& path) {
  return read(path, FileKinds::regular);
}

tl::expected<std::string, std::string> DiskReader::read(const std::string& path, FileKinds kinds) {
  if (const auto known = overlays_.find(path); known != overlays_.end()) return known->second;
  auto text = read_file(path, limits::kSourceBytes, kinds);
  if (text && path != "-") files_read_.push_back(path);
  return text;
}

std::optional<std::string_view> DiskReader::standard_module(std::string_view name) const {
  for (const StandardModule& module : standard_library()) {
    if (module.name == name) return module.text;
  }
  return std::nullopt;
}

std::vector<std::string_view> DiskReader::standard_modules() const {
  std::vector<std::string_view> names;
  for (const StandardModule& module : standard_library()) names.push_back(module.name);
  return names;
}

}  // namespace sbpc::driver
