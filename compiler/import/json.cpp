// json.cpp: JSON -> tree.h's values, with places. nlohmann's reader tells what comes, not where: an iterator that
// counts does.
#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "diag/kinds/import.def"
#include "import/tree.h"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;

// Tells where the reader stands: one behind the last byte that it has taken.
class Counting {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Counting(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  Counting& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const Counting& other) const { return at_ == other.at_; }
  bool operator!=(const Counting& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

class Builder {  // nlohmann's SAX interface
 public:
  Builder(FileId file, std::string_view text, diag::Sink& sink) : file_(file), text_(text), sink_(sink) {}

  bool null() { return add(Value::Kind::null, word()); }
  bool boolean(bool value) {
    return add(Value::Kind::boolean, word(), [&](Value& made) { made.is_true = value; });
  }
  bool number_integer(int64_t value) {
    return add(Value::Kind::integer, word(), [&](Value& made) {
      made.is_negative = value < 0;
      made.number = value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    });
  }
  bool number_unsigned(uint64_t value) {
    return add(Value::Kind::integer, word(), [&](Value& made) { made.number = value; });
  }
  bool number_float(double, const std::string& text) {
    return add(Value::Kind::real, word(), [&](Value& made) { made.text = text; });
  }
  bool string(std::string& value) {
    return add(Value::Kind::string, quoted(), [&](Value& made) { made.text = std::move(value); });
  }
  bool binary(std::vector<uint8_t>&) { return false; }  // JSON has none
  bool start_object(size_t) { return open(Value::Kind::table); }
  bool start_array(size_t) { return open(Value::Kind::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    const Span span = quoted();
    if (open_.back().find(name) != nullptr) {
      sink_.report(kinds::ImportSameKey, span, name);
      return false;
    }
    open_.back().keys.push_back(std::move(name));
    open_.back().key_spans.push_back(span);
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error while parsing value - ...;
    // expected ..."
    std::string_view said = error.what();
    const size_t colon = said.find(": ");
    if (colon != std::string_view::npos) said.remove_prefix(colon + 2);
    const uint32_t end = static_cast<uint32_t>(reached_ - text_.data());
    const uint32_t begin = end == 0 ? 0 : end - 1;
    sink_.report(kinds::ImportBadSyntax, Span{file_, begin, end}, "JSON").note(std::string(said));
    return false;
  }

  const char** reached() { return &reached_; }
  [[nodiscard]] Value take() { return std::move(root_); }

 private:
  [[nodiscard]] uint32_t place() const { return static_cast<uint32_t>(reached_ - text_.data()); }
  // Of the string that ends here: quotes inside of it have an odd number of backslashes before them.
  [[nodiscard]] Span quoted() const {
    const uint32_t end = place();
    uint32_t begin = end - 1;
    while (begin > 0) {
      --begin;
      if (text_[begin] != '"') continue;
      uint32_t slashes = 0;
      while (slashes < begin && text_[begin - slashes - 1] == '\\') ++slashes;
      if (slashes % 2 == 0) break;
    }
    return {file_, begin, end};
  }
  // Of the number or word that has just been read; behind a number one byte more may have been taken.
  [[nodiscard]] Span word() const {
    const auto is_part = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
    };
    uint32_t end = place();
    while (end > 0 && !is_part(text_[end - 1])) --end;
    uint32_t begin = end;
    while (begin > 0 && is_part(text_[begin - 1])) --begin;
    return {file_, begin, end};
  }

  bool open(Value::Kind kind) {
    if (open_.size() == limits::kImportDepth) {
      sink_.report(kinds::ImportTooLarge, Span{file_, place() - 1, place()},
                   fmt::format("lists and tables nest more than {} deep", limits::kImportDepth));
      return false;
    }
    Value value;
    value.kind = kind;
    value.span = {file_, place() - 1, place()};
    open_.push_back(std::move(value));
    return true;
  }
  bool close() {
    Value value = std::move(open_.back());
    open_.pop_back();
    return place_value(std::move(value));
  }
  bool add(Value::Kind kind, Span span) {
    return add(kind, span, [](Value&) {});
  }
  template <class Fill>
  bool add(Value::Kind kind, Span span, const Fill& fill) {
    Value value;
    value.kind = kind;
    value.span = span;
    fill(value);
    return place_value(std::move(value));
  }
  bool place_value(Value value) {
    if (++count_ > limits::kImportNodes) {
      sink_.report(kinds::ImportTooLarge, value.span,
                   fmt::format("it holds more than {} values", limits::kImportNodes));
      return false;
    }
    if (open_.empty())
      root_ = std::move(value);
    else
      open_.back().items.push_back(std::move(value));
    return true;
  }

  FileId file_;
  std::string_view text_;
  diag::Sink& sink_;
  const char* reached_ = text_.data();
  std::vector<Value> open_;
  Value root_;
  size_t count_ = 0;
};

}  // namespace

Result<Value> read_json(const SourceMap& sources, FileId file, diag::Sink& sink) {
  const std::string_view text = sources.text(file);
  // nlohmann's reader takes a NUL outside of strings for the end of the text.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    const auto at = static_cast<uint32_t>(nul);
    sink.report(kinds::ImportBadSyntax, Span{file, at, at + 1}, "JSON").note("a byte of value 0 is no text");
    return failed();
  }
  Builder builder(file, text, sink);
  const Counting begin(text.data(), builder.reached());
  const Counting end(text.data() + text.size(), builder.reached());
  if (!nlohmann::json::sax_parse(begin, end, &builder)) return failed();
  return builder.take();
}

}  // namespace sbpc::importer
