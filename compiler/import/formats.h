// formats.h: the foreign formats: which one a text is in, and reading it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "diag/sink.h"
#include "import/model.h"

namespace sbpc::importer {

enum class Format : uint8_t {
#define FORMAT(id, name, recognise, read, parts, what) id,
#include "import/formats.def"
};

// A foreign text and what its reader may need besides.
struct Source {
  SourceMap& sources;
  FileId file;
  diag::Sink& sink;
  AbiSet abis;  // of --arch; empty: not given
  // The text of a file that it includes, by path, or why there is none.
  std::function<tl::expected<std::string, std::string>(const std::string& path)> include = {};
  // The text of a module of the standard library; empty if there is none.
  std::function<std::string_view(std::string_view module)> standard = {};
  std::vector<std::string> include_dirs = {};  // where absolute paths are looked for
  std::vector<FileId> parts = {};              // further files of the same policy, where the format has such
  bool is_asked = false;                       // --from says that it is of the format

  [[nodiscard]] std::string_view text() const { return sources.text(file); }
  [[nodiscard]] std::string_view path() const { return sources.name(file); }
  [[nodiscard]] std::string_view file_name() const { return path().substr(path().rfind('/') + 1); }  // npos + 1 is 0
  // What the policy is called: the file's name without its ending.
  [[nodiscard]] std::string_view stem() const { return file_name().substr(0, file_name().rfind('.')); }
};

struct FormatInfo {
  Format format;
  std::string_view name;
  std::string_view what;
  bool (*recognise)(Source&);
  Result<Foreign> (*read)(Source&);
  bool has_parts;
};
[[nodiscard]] std::span<const FormatInfo> formats();
[[nodiscard]] const FormatInfo* find_format(std::string_view name);  // null: none is called so

// The format of the text: the one asked for, or the first that recognises it; reports if there is none.
[[nodiscard]] const FormatInfo* recognise(Source& source);

// Whether the file is no larger than what is imported; reported. Of a larger one the text is not whole.
[[nodiscard]] bool has_size(const Source& source);

// The model, or everything that is wrong in the sink. Checked: limits, and that every profile has an ABI.
[[nodiscard]] Result<Foreign> read(Source& source, const FormatInfo& format);

#define FORMAT(id, name, recognise, read, parts, what) \
  bool recognise(Source& source);                      \
  Result<Foreign> read(Source& source);
#include "import/formats.def"

}  // namespace sbpc::importer
