// yaml.cpp: YAML -> tree.h's values, one for each document, with places. libyaml tells the events; values without
// quotes become what Kubernetes' reader makes of them (YAML 1.1's numbers and words).
//
// An alias is a copy of what its anchor names, and counts as one: what grows meets the limits of a file. `<<: *a` and
// `<<: [*a, *b]` bring the members of tables that the table does not have itself (https://yaml.org/type/merge.html).
#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "diag/kinds/import.def"
#include "import/tree.h"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;

// How much a value is; at most limits::kImportDepth deep.
struct Extent {
  size_t values = 1;
  size_t depth = 1;
  size_t bytes = 0;  // of its words
};

Extent extent_of(const Value& value) {
  Extent found;
  found.bytes = value.text.size();
  for (const std::string& key : value.keys) found.bytes += key.size();
  for (const Value& item : value.items) {
    const Extent inner = extent_of(item);
    found.values += inner.values;
    found.bytes += inner.bytes;
    found.depth = std::max(found.depth, inner.depth + 1);
  }
  return found;
}

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
  struct Open {  // a list or table that has not ended
    Value value;
    std::string anchor;  // empty: none
    struct Member {
      size_t at = 0;
      bool is_merged = false;  // a `<<` has brought it
    };
    std::map<std::string, Member, std::less<>> members;
    bool has_merged = false;
    std::optional<Span> merging;      // what comes is the value of this `<<`
    std::optional<size_t> replacing;  // what comes is the value of this member
  };

  [[nodiscard]] bool is_inside_character(size_t at) const {
    return at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xc0U) == 0x80U;
  }

  // libyaml counts characters; places are bytes. Its lines are right, so the column is walked, from where it was
  // looked for last.
  [[nodiscard]] uint32_t offset(const yaml_mark_t& mark) {
    while (line_ < mark.line && line_start_ < text_.size()) {
      const size_t end = text_.find('\n', line_start_);
      if (end == std::string_view::npos) break;
      at_ = line_start_ = end + 1;
      column_ = 0;
      ++line_;
    }
    if (mark.line < line_) {  // events' ends may lie behind the next one's start
      line_ = 0;
      at_ = line_start_ = 0;
      column_ = 0;
      return offset(mark);
    }
    for (; column_ < mark.column && at_ < text_.size(); ++column_) {
      ++at_;
      while (is_inside_character(at_)) ++at_;
    }
    for (; column_ > mark.column && at_ > line_start_; --column_) {
      --at_;
      while (at_ > line_start_ && is_inside_character(at_)) --at_;
    }
    return static_cast<uint32_t>(std::min(at_, text_.size()));
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

  static std::string text_of(const yaml_char_t* text) {
    return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
  }

  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_ALIAS_EVENT: return add_alias(text_of(event.data.alias.anchor), opening(event));
      case YAML_SCALAR_EVENT: {
        if (is_key() && event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && text_of(event.data.scalar.value) == "<<")
          return start_merge(span(event));
        Value value = scalar(event);
        return keep(text_of(event.data.scalar.anchor), value) && add(std::move(value));
      }
      case YAML_SEQUENCE_START_EVENT:
        return open(Value::Kind::list, opening(event), text_of(event.data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        return open(Value::Kind::table, opening(event), text_of(event.data.mapping_start.anchor));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: return close();
      case YAML_DOCUMENT_START_EVENT: anchors_.clear(); return true;
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_END_EVENT: return true;
    }
    return true;
  }

  // ---- anchors ----

  bool count(size_t values, Span place) {
    count_ += values;
    if (count_ <= limits::kImportNodes) return true;
    sink_.report(kinds::ImportTooLarge, place, fmt::format("it holds more than {} values", limits::kImportNodes));
    return false;
  }

  // One long word that many aliases stand for grows as many values do.
  bool count_copy(const Extent& extent, size_t values, Span place) {
    copied_ += extent.bytes;
    if (copied_ <= limits::kImportBytes) return count(values, place);
    sink_.report(kinds::ImportTooLarge, place,
                 fmt::format("its anchors and aliases hold more than {} MiB", limits::kImportBytes >> 20U));
    return false;
  }

  bool keep(const std::string& anchor, const Value& value) {
    if (anchor.empty()) return true;
    const Extent extent = extent_of(value);
    if (!count_copy(extent, extent.values, value.span)) return false;
    anchors_[anchor] = value;
    return true;
  }

  bool add_alias(const std::string& anchor, Span place) {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) {
      sink_.report(kinds::ImportBadSyntax, place, "YAML whose aliases have anchors")
          .note(fmt::format("`*{0}` stands for the value of `&{0}`, of which none has ended before it", anchor));
      return false;
    }
    const Extent extent = extent_of(known->second);
    if (open_.size() + extent.depth > limits::kImportDepth) return refuse_depth(place);
    return count_copy(extent, extent.values - 1, place) && add(known->second);
  }

  // ---- merge keys ----

  bool start_merge(Span place) {
    if (open_.back().has_merged) {
      sink_.report(kinds::ImportSameKey, place, "<<");
      return false;
    }
    open_.back().has_merged = true;
    open_.back().merging = place;
    return true;
  }

  // The first of several tables counts before the others.
  bool merge(const Value& value) {
    Open& table = open_.back();
    const Span place = *std::exchange(table.merging, std::nullopt);
    const auto is_table = [](const Value& each) { return each.is(Value::Kind::table); };
    if (value.is(Value::Kind::table)) return merge_table(table, value);
    if (value.is(Value::Kind::list) && std::all_of(value.items.begin(), value.items.end(), is_table)) {
      return std::all_of(value.items.begin(), value.items.end(),
                         [&](const Value& each) { return merge_table(table, each); });
    }
    sink_.report(kinds::ImportBadSyntax, place, "YAML whose `<<` has tables")
        .note(
            "`<<: *name` brings the members of the table that `&name` stands before, `<<: [*one, *other]` those of "
            "two");
    return false;
  }

  bool merge_table(Open& table, const Value& other) {
    for (size_t i = 0; i < other.keys.size(); ++i) {
      const auto [known, is_new] =
          table.members.try_emplace(other.keys[i], Open::Member{table.value.keys.size(), true});
      if (is_new) {
        table.value.keys.push_back(other.keys[i]);
        table.value.key_spans.push_back(other.key_spans[i]);
        table.value.items.push_back(other.items[i]);
      } else if (!known->second.is_merged) {
        sink_.report(kinds::ImportSameKey, table.value.key_spans[known->second.at], other.keys[i])
            .label(other.key_spans[i], "brought by `<<`")
            .note("Kubernetes takes the one of the `<<` behind it, YAML 1.1 this one: put `<<` before it");
        return false;
      }
    }
    return true;
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

  bool refuse_depth(Span place) {
    sink_.report(kinds::ImportTooLarge, place,
                 fmt::format("lists and tables nest more than {} deep", limits::kImportDepth));
    return false;
  }
  bool open(Value::Kind kind, Span place, std::string anchor) {
    if (open_.size() == limits::kImportDepth) return refuse_depth(place);
    if (is_key()) return refuse_key(place);
    Open made;
    made.value.kind = kind;
    made.value.span = place;
    made.anchor = std::move(anchor);
    open_.push_back(std::move(made));
    return true;
  }
  bool close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    return keep(closed.anchor, closed.value) && add(std::move(closed.value));
  }
  // Whether what comes is a table's key.
  [[nodiscard]] bool is_key() const {
    if (open_.empty()) return false;
    const Open& table = open_.back();
    return table.value.is(Value::Kind::table) && !table.merging && !table.replacing &&
           table.value.keys.size() == table.value.items.size();
  }
  bool refuse_key(Span place) {
    sink_.report(kinds::ImportBadSyntax, place, "YAML with plain keys").note("a key is a word");
    return false;
  }

  bool add(Value value) {
    if (!count(1, value.span)) return false;
    if (open_.empty()) {
      documents_.push_back(std::move(value));
      return true;
    }
    Open& parent = open_.back();
    if (parent.merging) return merge(value);
    if (parent.replacing) {
      parent.value.items[*std::exchange(parent.replacing, std::nullopt)] = std::move(value);
      return true;
    }
    if (is_key()) return add_key(parent, std::move(value));
    parent.value.items.push_back(std::move(value));
    return true;
  }

  bool add_key(Open& table, Value key) {
    if (key.is(Value::Kind::list) || key.is(Value::Kind::table)) return refuse_key(key.span);
    const auto [known, is_new] = table.members.try_emplace(key.text, Open::Member{table.value.keys.size(), false});
    if (!is_new && !known->second.is_merged) {
      sink_.report(kinds::ImportSameKey, key.span, key.text);
      return false;
    }
    if (!is_new) {  // the table's own member counts
      known->second.is_merged = false;
      table.value.key_spans[known->second.at] = key.span;
      table.replacing = known->second.at;
      return true;
    }
    table.value.keys.push_back(std::move(key.text));
    table.value.key_spans.push_back(key.span);
    return true;
  }

  FileId file_;
  std::string_view text_;
  diag::Sink& sink_;
  yaml_parser_t parser_{};
  bool is_ready_ = false;
  std::vector<Open> open_;
  std::vector<Value> documents_;
  std::map<std::string, Value> anchors_;  // of the document
  size_t count_ = 0;
  size_t copied_ = 0;  // bytes
  size_t line_ = 0;
  size_t line_start_ = 0;
  size_t column_ = 0, at_ = 0;  // of the place looked for last
};

}  // namespace

Result<std::vector<Value>> read_yaml(const SourceMap& sources, FileId file, diag::Sink& sink) {
  return YamlReader(file, sources.text(file), sink).run();
}

}  // namespace sbpc::importer
