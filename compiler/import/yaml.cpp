// yaml.cpp: YAML -> tree.h's values, one for each document, with places. libyaml tells the events; values without
// quotes become what Kubernetes' reader makes of them (YAML 1.1's numbers and words). Anchors and aliases are refused:
// no profile needs them, and they grow.
#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>

#include "base/limits.h"
#include "diag/kinds/import.def"
#include "import/tree.h"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;

class YamlReader {
 public:
  YamlReader(FileId file, std::string_view text, diag::Sink& sink) : file_(file), text_(text), sink_(sink) {
    is_ready_ = yaml_parser_initialize(&parser_) != 0;
    if (!is_ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;
  ~YamlReader() {
    if (is_ready_) yaml_parser_delete(&parser_);
  }

  Result<std::vector<Value>> run() {
    if (!is_ready_) return failed();
    for (bool is_done = false; !is_done;) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) == 0) return syntax_error();
      const bool fine = take(event);
      is_done = event.type == YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
      if (!fine) return failed();
    }
    return std::move(documents_);
  }

 private:
  // libyaml counts characters; places are bytes. Its lines are right, so the column is walked.
  [[nodiscard]] uint32_t offset(const yaml_mark_t& mark) {
    while (line_ < mark.line && line_start_ < text_.size()) {
      const size_t end = text_.find('\n', line_start_);
      if (end == std::string_view::npos) break;
      line_start_ = end + 1;
      ++line_;
    }
    if (mark.line < line_) {  // events' ends may lie behind the next one's start
      line_ = 0;
      line_start_ = 0;
      return offset(mark);
    }
    size_t at = line_start_;
    for (size_t column = 0; column < mark.column && at < text_.size(); ++column) {
      ++at;
      while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xc0U) == 0x80U) ++at;
    }
    return static_cast<uint32_t>(std::min(at, text_.size()));
  }
  [[nodiscard]] Span span(const yaml_event_t& event) {
    const uint32_t begin = offset(event.start_mark);
    return {file_, begin, std::max(begin, offset(event.end_mark))};
  }
  [[nodiscard]] Span opening(const yaml_event_t& event) {
    const uint32_t begin = offset(event.start_mark);
    return {file_, begin, std::min(begin + 1, static_cast<uint32_t>(text_.size()))};
  }

  tl::unexpected<Failed> syntax_error() {
    const uint32_t at = offset(parser_.problem_mark);
    std::string problem = parser_.problem == nullptr ? "it ends too early" : parser_.problem;
    if (parser_.context != nullptr) problem = fmt::format("{}, {}", parser_.context, problem);
    sink_.report(kinds::ImportBadSyntax, Span{file_, at, at}, "YAML").note(problem);
    return failed();
  }

  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_ALIAS_EVENT: return refuse_anchor(event);
      case YAML_SCALAR_EVENT: return event.data.scalar.anchor != nullptr ? refuse_anchor(event) : add(scalar(event));
      case YAML_SEQUENCE_START_EVENT:
        return event.data.sequence_start.anchor != nullptr ? refuse_anchor(event)
                                                           : open(Value::Kind::list, opening(event));
      case YAML_MAPPING_START_EVENT:
        return event.data.mapping_start.anchor != nullptr ? refuse_anchor(event)
                                                          : open(Value::Kind::table, opening(event));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: return close();
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_START_EVENT:
      case YAML_DOCUMENT_END_EVENT: return true;
    }
    return true;
  }

  bool refuse_anchor(const yaml_event_t& event) {
    sink_.report(kinds::ImportBadSyntax, opening(event), "YAML without anchors and aliases")
        .note("write the value out where it is used");
    return false;
  }

  Value scalar(const yaml_event_t& event) {
    Value value;
    value.span = span(event);
    value.text.assign(reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length);
    value.kind = Value::Kind::string;
    if (event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return value;
    const std::string& text = value.text;
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
      value.kind = Value::Kind::null;
    else if (text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
             text == "FALSE") {
      value.kind = Value::Kind::boolean;
      value.is_true = text[0] == 't' || text[0] == 'T';
    } else {
      number(value);
    }
    return value;
  }

  static void number(Value& value) {
    std::string_view text = value.text;
    const bool is_negative = text.starts_with('-');
    if (is_negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.front() < '0' || text.front() > '9') return;
    unsigned base = 10;
    if (text.starts_with("0x"))
      base = 16;
    else if (text.starts_with("0o") || (text.size() > 1 && text.front() == '0'))
      base = 8;
    if (base == 16 || text.starts_with("0o")) text.remove_prefix(2);
    uint64_t sum = 0;
    bool is_large = false;
    for (const char c : text) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : 99;
      if (digit >= static_cast<int>(base)) return;
      is_large = is_large || sum > (~uint64_t{0} - static_cast<unsigned>(digit)) / base;
      sum = sum * base + static_cast<unsigned>(digit);
    }
    value.kind = is_large ? Value::Kind::real : Value::Kind::integer;
    value.number = sum;
    value.is_negative = is_negative && sum != 0;
  }

  bool open(Value::Kind kind, Span place) {
    if (open_.size() == limits::kImportDepth) {
      sink_.report(kinds::ImportTooLarge, place,
                   fmt::format("lists and tables nest more than {} deep", limits::kImportDepth));
      return false;
    }
    if (is_key()) return refuse_key(place);
    Value value;
    value.kind = kind;
    value.span = place;
    open_.push_back(std::move(value));
    return true;
  }
  bool close() {
    Value value = std::move(open_.back());
    open_.pop_back();
    return add(std::move(value));
  }
  // Whether what comes is a table's key.
  [[nodiscard]] bool is_key() const {
    return !open_.empty() && open_.back().is(Value::Kind::table) &&
           open_.back().keys.size() == open_.back().items.size();
  }
  bool refuse_key(Span place) {
    sink_.report(kinds::ImportBadSyntax, place, "YAML with plain keys").note("a key is a word");
    return false;
  }

  bool add(Value value) {
    if (++count_ > limits::kImportNodes) {
      sink_.report(kinds::ImportTooLarge, value.span,
                   fmt::format("it holds more than {} values", limits::kImportNodes));
      return false;
    }
    if (open_.empty()) {
      documents_.push_back(std::move(value));
      return true;
    }
    Value& parent = open_.back();
    if (!is_key()) {
      parent.items.push_back(std::move(value));
      return true;
    }
    if (value.is(Value::Kind::list) || value.is(Value::Kind::table)) return refuse_key(value.span);
    if (parent.find(value.text) != nullptr) {
      sink_.report(kinds::ImportSameKey, value.span, value.text);
      return false;
    }
    parent.keys.push_back(std::move(value.text));
    parent.key_spans.push_back(value.span);
    return true;
  }

  FileId file_;
  std::string_view text_;
  diag::Sink& sink_;
  yaml_parser_t parser_{};
  bool is_ready_ = false;
  std::vector<Value> open_;
  std::vector<Value> documents_;
  size_t count_ = 0;
  size_t line_ = 0;
  size_t line_start_ = 0;
};

}  // namespace

Result<std::vector<Value>> read_yaml(const SourceMap& sources, FileId file, diag::Sink& sink) {
  return YamlReader(file, sources.text(file), sink).run();
}

}  // namespace sbpc::importer
