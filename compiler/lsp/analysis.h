// analysis.h: one file with its imports as names and types see it: what answers are made from. Not what is published:
// that comes from `sbpc check`'s own line, on another thread (check.h).
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lsp/overlay.h"
#include "sema/context.h"

namespace sbpc::lsp {

struct Analysis {
  explicit Analysis(const World& world) : options(world.options()) {}

  std::string root;
  std::vector<Dependency> dependencies;
  SourceMap sources;  // the root is the first text
  sema::Options options;
  std::optional<sema::Module> module;    // none: the root can't be a policy at all
  bool has_imports = false;              // each file that it imports could be read
  sema::NameUses uses;                   // by place, each once
  diag::Sink unheard;                    // of `context`
  std::optional<sema::Context> context;  // for questions about names, groups and values

  [[nodiscard]] static constexpr FileId root_file() { return FileId(0U); }
  [[nodiscard]] const ast::File& ast() const { return module->files[0].ast; }
  [[nodiscard]] const Lines& lines(FileId file) const;
  // The path that an editor can open; an embedded module's name for those.
  [[nodiscard]] const sema::LoadedFile* loaded(FileId file) const;
  // The use that covers the offset of the root, or ends there.
  [[nodiscard]] const sema::NameUse* use_at(size_t offset) const;

 private:
  mutable std::map<uint32_t, Lines> lines_;  // by file
};

[[nodiscard]] std::unique_ptr<Analysis> analyze(const std::string& root, const Documents& documents, const World& world,
                                                parse::Recordings& recordings);

// The messages of the errors that names and types have, as the compiler says them.
[[nodiscard]] std::vector<std::string> errors_of(const std::string& root, const Documents& documents,
                                                 const World& world, parse::Recordings& recordings);

// The last analyses asked for.
class Analyses {
 public:
  // Of the texts as they are now. Valid until another one is asked for.
  [[nodiscard]] Analysis& of(const std::string& root, const Documents& documents, const World& world,
                             parse::Recordings& recordings);
  // The same, or, while a file that it imports can't be read, the last one that had them all, if the root's text is
  // still that. For answers that change nothing.
  [[nodiscard]] Analysis& known(const std::string& root, const Documents& documents, const World& world,
                                parse::Recordings& recordings);
  // The last one whose root was a policy: while it can't be read, old answers are better than none. Null if there was
  // none.
  [[nodiscard]] Analysis* last_good(const std::string& root);
  void forget(const std::string& root);
  void forget_all() { entries_.clear(); }

 private:
  struct Entry {
    std::unique_ptr<Analysis> current;
    std::unique_ptr<Analysis> good;  // only while `current` has no module, or lacks an import that `good` has
  };
  std::list<std::pair<std::string, Entry>> entries_;  // the latest first
};

}  // namespace sbpc::lsp
