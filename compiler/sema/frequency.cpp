#include "sema/frequency.h"

#include <algorithm>
#include <optional>

#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

using diag::Kind;

constexpr unsigned kDecimals = 9;          // fractions are kept to a billionth
constexpr uint64_t kScale = 1'000'000'000;
constexpr uint64_t kMost = uint64_t{1} << 53;

void report_unknown_call_name(Context& context, Span span, std::string_view name) {
  std::vector<std::string_view> calls;
  for (size_t i = 0; i < target::call_count(); ++i) calls.push_back(target::call_name(target::CallId(i)));
  auto report = context.report(Kind::UnknownFrequencyCall, span, name);
  add_suggestion(report, span, name, calls);
}

std::vector<Frequency> from_text(const LineReader& reader, const ast::FrequencyLine& line) {
  std::vector<Frequency> result;
  for (const ast::FrequencyLine::Entry& entry : line.entries) {
    const std::string_view name = entry.call.last();
    const Found found = reader.context.names.resolve(Space::calls, reader.env.file, entry.call);
    const bool declared = found.kind == Found::Kind::declared;
    if (!declared && !(entry.call.parts.size() == 1 && target::find_call(name))) {
      report_unknown_call_name(reader.context, entry.call.span, reader.context.text(entry.call.span));
      continue;
    }
    result.push_back({std::string(name), entry.count});
  }
  return result;
}

// A flat JSON object: {"read": 15576, "write": 0.25}.
class Json {
 public:
  Json(std::string_view text, FileId file) : text_(text), file_(file) {}

  struct Entry {
    std::string_view name;
    Span span;
    uint64_t count;  // times kScale
  };

  std::optional<std::vector<Entry>> read() {
    std::vector<Entry> entries;
    if (!take('{')) return std::nullopt;
    if (take('}')) return entries;
    do {
      Entry entry;
      if (!read_name(entry) || !take(':') || !read_number(entry.count)) return std::nullopt;
      entries.push_back(entry);
    } while (take(','));
    if (!take('}')) return std::nullopt;
    skip_space();
    if (at_ != text_.size()) return std::nullopt;
    return entries;
  }
  [[nodiscard]] Span place() const { return {file_, static_cast<uint32_t>(at_), static_cast<uint32_t>(std::min(at_ + 1, text_.size()))}; }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool read_name(Entry& entry) {
    if (!take('"')) return false;
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') ++at_;
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    entry.name = text_.substr(begin, at_ - begin);
    entry.span = {file_, static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)};
    ++at_;
    return true;
  }
  [[nodiscard]] bool is_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  // digits [. digits] [e[+-]digits], to a billionth.
  bool read_number(uint64_t& count) {
    skip_space();
    if (!is_digit()) return false;
    uint64_t whole = 0;
    for (; is_digit(); ++at_) whole = std::min(whole * 10 + static_cast<uint64_t>(text_[at_] - '0'), kMost);
    unsigned decimals = 0;
    uint64_t fraction = 0;
    if (at_ < text_.size() && text_[at_] == '.') {
      for (++at_; is_digit(); ++at_) {
        if (decimals == kDecimals) continue;
        fraction = fraction * 10 + static_cast<uint64_t>(text_[at_] - '0');
        ++decimals;
      }
    }
    for (; decimals < kDecimals; ++decimals) fraction *= 10;
    unsigned __int128 value = static_cast<unsigned __int128>(whole) * kScale + fraction;
    if (!read_exponent(value)) return false;
    count = static_cast<uint64_t>(std::min<unsigned __int128>(value, ~uint64_t{0}));
    return true;
  }
  bool read_exponent(unsigned __int128& value) {
    if (at_ >= text_.size() || (text_[at_] != 'e' && text_[at_] != 'E')) return true;
    ++at_;
    const bool is_negative = at_ < text_.size() && text_[at_] == '-';
    if (is_negative || (at_ < text_.size() && text_[at_] == '+')) ++at_;
    if (!is_digit()) return false;
    unsigned exponent = 0;
    for (; is_digit(); ++at_) exponent = std::min(exponent * 10 + static_cast<unsigned>(text_[at_] - '0'), 30U);
    for (; exponent > 0; --exponent) value = is_negative ? value / 10 : std::min<unsigned __int128>(value * 10, ~uint64_t{0});
    return true;
  }

  std::string_view text_;
  FileId file_;
  size_t at_ = 0;
};

std::vector<Frequency> from_file(const LineReader& reader, const ast::Statement& line) {
  Context& context = reader.context;
  const auto& files = context.module.frequencies;
  const auto found = std::ranges::find(files, line.span, &FrequencyFile::line);
  if (found == files.end() || !found->text.valid()) return {};  // reported when it was not read
  Json json(context.sources.text(found->text), found->text);
  const auto entries = json.read();
  if (!entries) {
    context.report(Kind::BadFrequencyFile, json.place(), context.sources.name(found->text))
        .label(line.span, "named here")
        .note("it is one JSON object of call names and counts: `{ \"read\": 120, \"write\": 80 }`");
    return {};
  }
  const bool is_whole = std::ranges::all_of(*entries, [](const Json::Entry& entry) { return entry.count % kScale == 0; });
  std::vector<Frequency> result;
  for (const Json::Entry& entry : *entries) {
    const bool declared = context.names.find(Space::calls, 0, entry.name).valid();
    if (!declared && !target::find_call(entry.name)) {
      report_unknown_call_name(context, entry.span, entry.name);
      continue;
    }
    result.push_back({std::string(entry.name), is_whole ? entry.count / kScale : entry.count});
  }
  return result;
}

}  // namespace

std::vector<Frequency> read_frequencies(const LineReader& reader, const ast::Statement& line) {
  const auto& node = std::get<ast::FrequencyLine>(line.node);
  return node.file ? from_file(reader, line) : from_text(reader, node);
}

}  // namespace sbpc::sema
