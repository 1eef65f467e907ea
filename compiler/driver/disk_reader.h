// disk_reader.h: sema::FileReader over the file system and the embedded standard library.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "driver/files.h"
#include "sema/load.h"

namespace sbpc::driver {

class DiskReader : public sema::FileReader {
 public:
  explicit DiskReader(std::vector<std::string> include_directories)
      : include_directories_(std::move(include_directories)) {}

  // Of all files that were read, in the order of reading: what a rebuild depends on. Not standard input.
  [[nodiscard]] const std::vector<std::string>& files_read() const { return files_read_; }

  tl::expected<std::string, std::string> read(const std::string& path) override;
  tl::expected<std::string, std::string> read_imported(const std::string& path) override;
  // A text that stands nowhere on the disk, under a name that no file has.
  void overlay(std::string name, std::string text) { overlays_[std::move(name)] = std::move(text); }
  [[nodiscard]] std::vector<std::string> include_directories() const override { return include_directories_; }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override;

 private:
  tl::expected<std::string, std::string> read(const std::string& path, FileKinds kinds);

  std::map<std::string, std::string> overlays_;
  std::vector<std::string> include_directories_;
  std::vector<std::string> files_read_;
};

}  // namespace sbpc::driver
