// edited_reader.h: the files as they are on disk, but for the root's text: what a policy would be after an edit.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sema/load.h"

namespace sbpc::driver {

class EditedReader : public sema::FileReader {
 public:
  // `files` outlives it.
  EditedReader(sema::FileReader& files, std::string root, std::string text)
      : files_(files), root_(std::move(root)), text_(std::move(text)) {}

  tl::expected<std::string, std::string> read(const std::string& path) override {
    return path == root_ ? text_ : files_.read(path);
  }
  tl::expected<std::string, std::string> read_imported(const std::string& path) override {
    return path == root_ ? text_ : files_.read_imported(path);
  }
  [[nodiscard]] std::vector<std::string> include_directories() const override { return files_.include_directories(); }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override {
    return files_.standard_module(name);
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return files_.standard_modules(); }

 private:
  sema::FileReader& files_;
  std::string root_;
  std::string text_;
};

}  // namespace sbpc::driver
