// documents.h: the files that the editor has open, as it last described them. They count before what is on disk.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/json_fwd.h"
#include "lsp/lines.h"

namespace sbpc::lsp {

struct Document {
  std::string uri;  // as the editor spells it
  int64_t version = 0;
  uint64_t edit = 0;  // another one after every change
  std::string text;
  Lines lines;
};

class Documents {
 public:
  // False: there are too many, or their texts are too long together.
  [[nodiscard]] bool open(const std::string& path, Document document);
  void close(const std::string& path);
  // One change, `{range?, text}`. False: the document is not open, or becomes too long.
  [[nodiscard]] bool change(const std::string& path, const Json& change, Encoding encoding);
  void set_version(const std::string& path, int64_t version);

  [[nodiscard]] const Document* find(const std::string& path) const;
  [[nodiscard]] const std::map<std::string, Document>& all() const { return by_path_; }

 private:
  bool replace(Document& document, std::string text);
  std::map<std::string, Document> by_path_;
  size_t bytes_ = 0;
  uint64_t edits_ = 0;
};

}  // namespace sbpc::lsp
