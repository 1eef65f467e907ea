// names.h: what the top-level names of each file mean. Four namespaces (calls, groups, values, rules); modules are the
// fifth.
//
// Declarations need no order and nothing shadows: a name is looked up in one file only, its own or the module's before
// the dot.
#pragma once

#include <array>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sema/module.h"

namespace sbpc::sema {

enum class Space : uint8_t {
  calls,
  groups,
  values,
  rules
};  // values: consts and params; rules: rule sets and policies
inline constexpr int kSpaceCount = 4;

// A declaration: an item of a file.
struct Decl {
  FileIndex file = kNoFile;
  uint32_t item = 0;
  [[nodiscard]] bool valid() const { return file != kNoFile; }
  bool operator==(const Decl&) const = default;
};

struct Found {
  enum class Kind : uint8_t {
    declared,        // `decl`
    none,            // no such name in `file`
    unknown_module,  // the part before the last dot is bound to nothing
    poison,          // it is bound to a module that could not be loaded
  };
  Kind kind = Kind::none;
  Decl decl;
  FileIndex file = kNoFile;
};

class Names {
 public:
  explicit Names(const Module& module);

  // False if the name is taken; then `taken_by` tells by whom.
  bool add(Space space, std::string_view name, Decl decl);
  [[nodiscard]] Decl find(Space space, FileIndex file, std::string_view name) const;
  // `name`, `mod.name` or `std.mod.name` as seen from a file.
  [[nodiscard]] Found resolve(Space space, FileIndex from, const ast::QName& name) const;
  // All names of a file, sorted: for "did you mean".
  [[nodiscard]] std::vector<std::string_view> all(Space space, FileIndex file) const;

 private:
  using Table = std::unordered_map<std::string_view, uint32_t>;
  const Module& module_;
  std::vector<std::array<Table, kSpaceCount>> tables_;
};

// "std.net" of `std.net.tcp_server`; empty for a lone name.
[[nodiscard]] std::string qualifier(const ast::QName& name);

}  // namespace sbpc::sema
