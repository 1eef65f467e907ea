// formats.h: the formats that policies are exported to, and what each of them can say.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "export/conditions.h"
#include "import/model.h"

namespace sbpc::exporter {

enum class Format : uint8_t {
#define EXPORT(id, name, reader, compares, unit, actions, beside, what) id,
#include "export/formats.def"
};

// For which ABIs a file's rules are the same.
enum class Unit : uint8_t { all, family, abi, one, machine };
enum class Actions : uint8_t { each, one, line };
enum class Beside : uint8_t { nothing, settings };

// What a file is made of.
struct Content {
  std::span<const importer::Profile> profiles;  // one; several where files hold several
  std::function<std::string_view(std::string_view module)> standard =
      {};                                  // the text of a module of the standard library
  std::vector<std::string> settings = {};  // lines of what stands beside the rules
};

struct FormatInfo {
  Format format;
  std::string_view name;
  std::string_view reader;
  Compares compares;
  Unit unit;
  Actions actions;
  Beside beside;
  std::string_view what;
  bool (*says)(target::Verdict);  // whether there is a word for it
  bool (*knows)(target::Abi);     // whether files of it can be for this ABI
  std::string (*write)(const Content& content);
};
[[nodiscard]] std::span<const FormatInfo> formats();
[[nodiscard]] const FormatInfo* find_format(std::string_view name);  // null: none is called so

#define EXPORT(id, name, reader, compares, unit, actions, beside, what) \
  bool says_##id(target::Verdict verdict);                              \
  bool knows_##id(target::Abi abi);                                     \
  std::string write_##id(const Content& content);
#include "export/formats.def"

}  // namespace sbpc::exporter
