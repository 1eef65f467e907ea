// formats.h: the formats that policies are exported to, and what each of them can say.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "export/conditions.h"
#include "import/model.h"

namespace sbpc::exporter {

enum class Format : uint8_t {
#define EXPORT(id, name, reader, compares, unit, actions, what) id,
#include "export/formats.def"
};

// For which ABIs a file's rules are the same.
enum class Unit : uint8_t { all, family, abi, one };
enum class Actions : uint8_t { each, one, line };

struct FormatInfo {
  Format format;
  std::string_view name;
  std::string_view reader;
  Compares compares;
  Unit unit;
  Actions actions;
  std::string_view what;
  bool (*says)(target::Verdict);  // whether there is a word for it
  bool (*knows)(target::Abi);     // whether files of it can be for this ABI
  // The whole file, of one profile; of each, in files that hold several.
  std::string (*write)(std::span<const importer::Profile> profiles);
};
[[nodiscard]] std::span<const FormatInfo> formats();
[[nodiscard]] const FormatInfo* find_format(std::string_view name);  // null: none is called so

#define EXPORT(id, name, reader, compares, unit, actions, what) \
  bool says_##id(target::Verdict verdict);                      \
  bool knows_##id(target::Abi abi);                             \
  std::string write_##id(std::span<const importer::Profile> profiles);
#include "export/formats.def"

}  // namespace sbpc::exporter
