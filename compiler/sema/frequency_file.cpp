#include "sema/frequency_file.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace sbpc::sema {
namespace {

using Wide = unsigned __int128;
using Counts = tl::expected<std::vector<CallCount>, FrequencyError>;

constexpr unsigned kDecimals = 9;  // fractions are kept to a thousand-millionth
constexpr uint64_t kScale = 1'000'000'000;
constexpr uint64_t kMost = uint64_t{1} << 53;  // more no JSON reader can tell apart, and no machine has counted
constexpr std::string_view kForms =
    "it is one JSON object of call names and counts, `{ \"read\": 120, \"write\": 80 }`, or what `strace -c` prints";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Sums up what is named twice.
class Table {
 public:
  bool add(std::string_view name, Wide count, std::optional<uint64_t> failed = {}) {
    auto [known, is_new] = index_.try_emplace(name, rows_.size());
    if (is_new) rows_.push_back({name, 0, failed ? std::optional<uint64_t>(0) : std::nullopt});
    Row& row = rows_[known->second];
    row.count += count;
    if (failed) *row.failed += *failed;
    return row.count <= Wide{kMost} * kScale;
  }
  // Counts that are whole are taken as they are.
  std::vector<CallCount> counts() const {
    bool is_whole = std::ranges::all_of(rows_, [](const Row& row) { return row.count % kScale == 0; });
    // Fractions of large numbers: the smallest digits go.
    Wide largest = 0;
    for (const Row& row : rows_) largest = std::max(largest, row.count);
    Wide unit = is_whole ? kScale : std::max<Wide>(1, largest / kMost);
    std::vector<CallCount> counts;
    for (const Row& row : rows_) counts.push_back({row.name, static_cast<uint64_t>(row.count / unit), row.failed});
    return counts;
  }

 private:
  struct Row {
    std::string_view name;
    Wide count = 0;  // times kScale
    std::optional<uint64_t> failed;
  };
  std::vector<Row> rows_;
  std::unordered_map<std::string_view, size_t> index_;  // only looked up
};

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Counts read() {
    if (!take('{')) return fail(std::string(kForms));
    if (!take('}')) {
      do {
        if (!read_entry()) return fail(note_);
      } while (take(','));
      if (!take('}')) return fail("a comma or `}` is missing");
    }
    skip_space();
    if (at_ != text_.size()) return fail("nothing stands behind the last `}`");
    return table_.counts();
  }

 private:
  tl::unexpected<FrequencyError> fail(std::string note) const {
    return tl::make_unexpected(FrequencyError{at_, std::move(note)});
  }
  [[nodiscard]] char now() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (is_space(now())) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (now() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  bool read_entry() {
    note_ = "a call's name in double quotes is missing";
    if (!take('"')) return false;
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' && text_[at_] != '\n') ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    note_ = "the name is not closed by a double quote";
    if (!take('"')) return false;
    note_ = "`:` and a count are missing";
    if (!take(':')) return false;
    skip_space();
    const size_t number = at_;
    Wide count = 0;
    if (!read_number(count)) return false;
    if (!table_.add(name, count)) {
      at_ = number;
      note_ = "counts go up to 2^53";
      return false;
    }
    return true;
  }

  // digits [. digits] [e[+-]digits], times kScale.
  bool read_number(Wide& value) {
    note_ = now() == '-' ? "counts are not negative"
                         : "a count is a plain number: a table within the table, a text or a word is none";
    if (!is_digit(now())) return false;
    uint64_t whole = 0;
    for (; is_digit(now()); ++at_) whole = std::min(whole * 10 + static_cast<uint64_t>(now() - '0'), kMost + 1);
    uint64_t fraction = 0;
    unsigned decimals = 0;
    if (now() == '.') {
      for (++at_; is_digit(now()); ++at_) {
        if (decimals == kDecimals) continue;
        fraction = fraction * 10 + static_cast<uint64_t>(now() - '0');
        ++decimals;
      }
    }
    for (; decimals < kDecimals; ++decimals) fraction *= 10;
    value = Wide{whole} * kScale + fraction;
    return read_exponent(value);
  }
  bool read_exponent(Wide& value) {
    if (now() != 'e' && now() != 'E') return true;
    ++at_;
    const bool is_negative = now() == '-';
    if (is_negative || now() == '+') ++at_;
    note_ = "the exponent has no digits";
    if (!is_digit(now())) return false;
    unsigned exponent = 0;
    for (; is_digit(now()); ++at_) exponent = std::min(exponent * 10 + static_cast<unsigned>(now() - '0'), 40U);
    constexpr Wide kTooMuch = Wide{kMost + 1} * kScale;
    for (; exponent > 0; --exponent) value = is_negative ? value / 10 : std::min(value * 10, kTooMuch);
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string note_;
  Table table_;
};

// `strace -c`:
//     % time     seconds  usecs/call     calls    errors syscall
//     ------ ----------- ----------- --------- --------- ----------------
//      24.29    0.000342          17        19         2 mmap
//     ------ ----------- ----------- --------- --------- ----------------
//     100.00    0.001408          12       113         2 total
// The dashes show where the columns are: `errors` may be blank, and -U chooses and orders them.
class StraceReader {
 public:
  explicit StraceReader(std::string_view text) : text_(text) {}

  Counts read() {
    size_t at = 0;
    std::string_view header;
    bool has_rows = false;  // behind a row of dashes
    while (at < text_.size()) {
      const size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view line = text_.substr(at, end - at);
      if (is_dashes(line)) {
        if (!has_rows && !find_columns(header, line))
          return tl::make_unexpected(FrequencyError{at, std::string(kForms)});
        has_rows = !has_rows;  // the second one stands above the total
      } else if (has_rows) {
        if (!read_row(line))
          return tl::make_unexpected(FrequencyError{at, "a row of `strace -c` has a count and a call's name"});
        is_table_ = true;
      } else {
        header = line;
      }
      at = end + 1;
    }
    if (!is_table_) return tl::make_unexpected(FrequencyError{0, std::string(kForms)});
    return table_.counts();
  }

 private:
  struct Column {
    size_t begin = 0;
    size_t end = 0;
  };
  static bool is_dashes(std::string_view line) {
    return line.starts_with("--") && line.find_first_not_of("- \r") == std::string_view::npos;
  }
  // The word of the line that shares a place with the column.
  static std::string_view word_at(std::string_view line, Column column) {
    for (size_t begin = 0; begin < line.size();) {
      if (is_space(line[begin])) {
        ++begin;
        continue;
      }
      size_t end = begin;
      while (end < line.size() && !is_space(line[end])) ++end;
      if (begin < column.end && end > column.begin) return line.substr(begin, end - begin);
      begin = end;
    }
    return {};
  }
  bool find_columns(std::string_view header, std::string_view dashes) {
    bool has_calls = false;
    bool has_name = false;
    for (size_t begin = 0; begin < dashes.size();) {
      const size_t end = std::min(dashes.find_first_not_of('-', begin), dashes.size());
      const Column column{begin, end};
      const std::string_view title = word_at(header, column);
      if (title == "calls") {
        calls_ = column;
        has_calls = true;
      } else if (title == "syscall") {
        name_ = column;
        has_name = true;
      } else if (title == "errors") {
        errors_ = column;
      }
      begin = std::min(dashes.find('-', end), dashes.size());
    }
    return has_calls && has_name;
  }
  bool read_row(std::string_view line) {
    const std::string_view calls = word_at(line, calls_);
    const std::string_view name = word_at(line, name_);
    if (calls.empty() || name.empty() || !std::ranges::all_of(calls, is_digit)) return false;
    const uint64_t count = number(calls);
    if (!errors_) return table_.add(name, Wide{count} * kScale);
    const std::string_view errors = word_at(line, *errors_);
    return std::ranges::all_of(errors, is_digit) &&
           table_.add(name, Wide{count} * kScale, std::min(number(errors), count));
  }
  static uint64_t number(std::string_view digits) {
    uint64_t value = 0;
    for (const char c : digits) value = std::min(value * 10 + static_cast<uint64_t>(c - '0'), kMost + 1);
    return value;
  }

  std::string_view text_;
  Column calls_;
  Column name_;
  std::optional<Column> errors_;
  bool is_table_ = false;
  Table table_;
};

}  // namespace

Counts read_frequency_text(std::string_view text) {
  const size_t first = text.find_first_not_of(" \n\t\r");
  if (first == std::string_view::npos)
    return tl::make_unexpected(FrequencyError{0, "the file is empty; " + std::string(kForms)});
  if (text[first] == '{') return JsonReader(text).read();
  return StraceReader(text).read();
}

}  // namespace sbpc::sema
