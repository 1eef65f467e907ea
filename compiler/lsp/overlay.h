// overlay.h: the texts that one analysis reads: open documents before files, and which they were.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/documents.h"
#include "lsp/world.h"

namespace sbpc::lsp {

// What a file was when it was read.
struct Dependency {
  std::string path;
  uint64_t stamp = 0;
};

// Different for every text that a path has had; open documents and files never have the same.
[[nodiscard]] uint64_t stamp_of(const Documents& documents, const World& world, const std::string& path);
[[nodiscard]] bool are_current(const std::vector<Dependency>& dependencies, const Documents& documents,
                               const World& world);

// Whether an editor has changed, opened or closed one of the texts since. Files on disk are left out: nobody tells when
// they change.
[[nodiscard]] bool are_overtaken(const std::vector<Dependency>& dependencies, const Documents& documents,
                                 const World& world);

class Overlay : public sema::FileReader {
 public:
  // Of open documents only the texts are kept, so that another thread can read on while they change.
  Overlay(const Documents& documents, const World& world, parse::Recordings& recordings);

  tl::expected<std::string, std::string> read(const std::string& path) override;
  [[nodiscard]] std::vector<std::string> include_directories() const override { return world_.include_directories(); }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override {
    return world_.standard_module(name);
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return world_.standard_modules(); }
  [[nodiscard]] parse::Recordings* recordings() const override { return &recordings_; }

  // From now on the path has this text, which is nobody's.
  void replace(const std::string& path, std::string text);
  [[nodiscard]] std::vector<Dependency> take_dependencies() { return std::move(dependencies_); }

 private:
  struct Open {
    std::string text;
    uint64_t stamp;
  };
  const World& world_;
  parse::Recordings& recordings_;
  std::map<std::string, Open> open_;
  std::vector<Dependency> dependencies_;
};

}  // namespace sbpc::lsp
