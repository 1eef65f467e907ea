#include "import/tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diag/kinds/import.def"
#include "diag/suggest.h"

namespace sbpc::importer {

namespace kinds = diag::kinds;

const Value* Value::find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key);
  return found == keys.end() ? nullptr : &items[static_cast<size_t>(found - keys.begin())];
}

std::string_view kind_name(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::null: return "nothing";
    case Value::Kind::boolean: return "true or false";
    case Value::Kind::integer: return "a whole number";
    case Value::Kind::real: return "a number with a fraction or of more than 64 bits";
    case Value::Kind::string: return "a text";
    case Value::Kind::list: return "a list";
    case Value::Kind::table: return "a table";
  }
  return "";
}

namespace {

// Of letters that are no ASCII, two fold to some that are: U+017F to s, U+212A to k.
std::string folded(std::string_view key) {
  std::string made;
  for (size_t i = 0; i < key.size();) {
    const std::string_view rest = key.substr(i);
    constexpr std::string_view long_s = "\u017f", kelvin = "\u212a";
    if (rest.starts_with(long_s) || rest.starts_with(kelvin)) {
      made += rest.starts_with(long_s) ? 's' : 'k';
      i += rest.starts_with(long_s) ? long_s.size() : kelvin.size();
    } else {
      made += to_lower(rest[0]);
      ++i;
    }
  }
  return made;
}

}  // namespace

void Fields::any_case(Value& table, std::span<const std::string_view> names, diag::Kind kind, bool deep) {
  for (size_t i = 0; i < table.keys.size(); ++i) {
    std::string& key = table.keys[i];
    if (std::ranges::find(names, key) == names.end()) {
      const std::string own = folded(key);
      const auto name = std::ranges::find_if(names, [&](std::string_view each) { return folded(each) == own; });
      if (name != names.end()) {
        sink_.report(kind, table.key_spans[i], key, *name);
        ok_ = ok_ && diag::info(kind).severity != diag::Severity::error;
        if (table.find(*name) != nullptr) {
          ok_ = false;
          sink_.report(kinds::ImportSameKey, table.key_spans[i], *name);
        }
        key = *name;
      }
    }
  }
  for (Value& item : table.items) {
    if (deep && (item.is(Value::Kind::table) || item.is(Value::Kind::list))) any_case(item, names, kind, true);
  }
}

bool Fields::expect(const Value& value, Value::Kind kind, std::string_view what) {
  if (value.kind == kind) return true;
  ok_ = false;
  sink_.report(kinds::ImportWrongType, value.span, what, kind_name(kind), kind_name(value.kind));
  return false;
}

const Value* Fields::optional(const Value& table, std::string_view key, Value::Kind kind) {
  const Value* found = table.find(key);
  if (found == nullptr || found->is(Value::Kind::null) || !expect(*found, kind, key)) return nullptr;
  return found;
}

const Value* Fields::required(const Value& table, std::string_view key, Value::Kind kind) {
  const Value* found = table.find(key);
  if (found == nullptr) {
    ok_ = false;
    sink_.report(kinds::ImportMissingField, table.span, key);
    return nullptr;
  }
  return expect(*found, kind, key) ? found : nullptr;
}

std::optional<uint64_t> Fields::number(const Value& table, std::string_view key, uint64_t most) {
  const Value* found = optional(table, key, Value::Kind::integer);
  if (found == nullptr) return std::nullopt;
  if (found->is_negative || found->number > most) {
    bad(*found, key, fmt::format("it is a number from 0 to {}", most));
    return std::nullopt;
  }
  return found->number;
}

std::string Fields::text(const Value& table, std::string_view key) {
  const Value* found = optional(table, key, Value::Kind::string);
  return found == nullptr ? std::string() : found->text;
}

std::vector<const Value*> Fields::texts(const Value& table, std::string_view key) {
  std::vector<const Value*> found;
  const Value* list = optional(table, key, Value::Kind::list);
  if (list == nullptr) return found;
  for (const Value& item : list->items) {
    if (expect(item, Value::Kind::string, key)) found.push_back(&item);
  }
  return found;
}

void Fields::only(const Value& table, std::initializer_list<std::string_view> keys) {
  for (size_t i = 0; i < table.keys.size(); ++i) {
    if (std::ranges::find(keys, table.keys[i]) != keys.end()) continue;
    diag::Builder report = sink_.report(kinds::ImportUnknownField, table.key_spans[i], table.keys[i]);
    const std::vector<std::string_view> names(keys);
    if (const auto near = diag::suggest(table.keys[i], names)) report.note(fmt::format("did you mean `{}`?", *near));
  }
}

void Fields::bad(const Value& value, std::string_view what, std::string note) {
  ok_ = false;
  std::string shown =
      value.is(Value::Kind::integer) ? fmt::format("{}{}", value.is_negative ? "-" : "", value.number) : value.text;
  if (value.is(Value::Kind::list) && value.items.empty()) shown = "[]";
  constexpr size_t kShown = 60;
  if (shown.size() > kShown) shown = shown.substr(0, kShown) + "...";
  sink_.report(kinds::ImportBadValue, value.span, what, shown).note(std::move(note));
}

}  // namespace sbpc::importer
