#include "lsp/documents.h"

#include "base/message_limits.h"
#include "lsp/json.h"

namespace sbpc::lsp {

bool Documents::replace(Document& document, std::string text) {
  // A text over the limit of one file is kept, and refused by the parser with a reason.
  if (text.size() > document.text.size() && bytes_ - document.text.size() + text.size() > limits::kOpenBytes)
    return false;
  bytes_ = bytes_ - document.text.size() + text.size();
  document.text = std::move(text);
  document.lines = Lines(document.text);
  document.edit = ++edits_;
  return true;
}

bool Documents::open(const std::string& path, Document document) {
  close(path);
  if (by_path_.size() >= limits::kOpenDocuments) return false;
  std::string text = std::move(document.text);
  document.text.clear();
  if (!replace(document, std::move(text))) return false;
  by_path_.insert_or_assign(path, std::move(document));
  return true;
}

void Documents::close(const std::string& path) {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return;
  bytes_ -= found->second.text.size();
  by_path_.erase(found);
}

bool Documents::change(const std::string& path, const Json& change, Encoding encoding) {
  const auto found = by_path_.find(path);
  auto text = text_at(lsp::find(change, "text"));
  if (found == by_path_.end() || !text) return false;
  Document& document = found->second;
  const Json* where = lsp::find(change, "range");
  if (where == nullptr || where->is_null()) return replace(document, std::move(*text));
  const auto range = range_at(where);
  if (!range) return false;
  const size_t begin = document.lines.offset(document.text, range->begin, encoding);
  const size_t end = document.lines.offset(document.text, range->end, encoding);
  std::string whole = document.text;
  whole.replace(begin, std::max(begin, end) - begin, *text);
  return replace(document, std::move(whole));
}

void Documents::set_version(const std::string& path, int64_t version) {
  if (const auto found = by_path_.find(path); found != by_path_.end()) found->second.version = version;
}

const Document* Documents::find(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

}  // namespace sbpc::lsp
