// tree.h: JSON and YAML as one kind of tree, every value with its place in the text.
//
// read_json and read_yaml make it and report what is wrong with the text: syntax, depth, size, the same key twice.
// Fields then asks a table for its members and reports missing, unknown-typed and misplaced ones. Tested by
// test/cli/import_spo.test, test/diag/Import*.sb and test/fuzz/import_fuzz.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "diag/sink.h"

namespace sbpc::importer {

struct Value {
  enum class Kind : uint8_t { null, boolean, integer, real, string, list, table };
  Kind kind = Kind::null;
  bool is_true = false;      // boolean
  bool is_negative = false;  // integer: the value is -(number)
  uint64_t number = 0;       // integer: its absolute value
  std::string text;          // string; of a YAML scalar also what was written
  Span span;                 // of a list or table: its opening bracket, or where it begins
  std::vector<Value> items;  // of a list, or the values of a table
  std::vector<std::string> keys;
  std::vector<Span> key_spans;

  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] bool is(Kind other) const { return kind == other; }
};

[[nodiscard]] std::string_view kind_name(Value::Kind kind);  // "a list"

// One value and nothing behind it.
[[nodiscard]] Result<Value> read_json(const SourceMap& sources, FileId file, diag::Sink& sink);

// A value for each document.
[[nodiscard]] Result<std::vector<Value>> read_yaml(const SourceMap& sources, FileId file, diag::Sink& sink);

// Typed access to values; what does not fit is reported with its place, and `ok` is false from then on.
class Fields {
 public:
  explicit Fields(diag::Sink& sink) : sink_(sink) {}

  // The member, or null if there is none or it is null. The kind is checked.
  const Value* optional(const Value& table, std::string_view key, Value::Kind kind);
  const Value* required(const Value& table, std::string_view key, Value::Kind kind);
  std::optional<uint64_t> number(const Value& table, std::string_view key, uint64_t most);
  std::string text(const Value& table, std::string_view key);  // empty if there is none
  // The members of a list of strings; those that are none are reported.
  std::vector<const Value*> texts(const Value& table, std::string_view key);
  bool expect(const Value& value, Value::Kind kind, std::string_view what);
  // Members that nobody reads are reported as a warning: a misspelt `excludes` would open a hole.
  void only(const Value& table, std::initializer_list<std::string_view> keys);
  void bad(const Value& value, std::string_view what, std::string note);
  // Members whose key is one of the names but for its case get that name, and `kind` tells of it; two of one name are
  // an error. `deep`: the tables inside, too. As Go's encoding/json, which compares keys by Unicode's simple folding.
  void any_case(Value& table, std::span<const std::string_view> names, diag::Kind kind, bool deep);

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] diag::Sink& sink() { return sink_; }

 private:
  diag::Sink& sink_;
  bool ok_ = true;
};

}  // namespace sbpc::importer
