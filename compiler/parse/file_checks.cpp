#include "parse/file_checks.h"

#include <fmt/format.h>

#include <cstring>

#include "base/limits.h"
#include "diag/kinds/files.def"

namespace sbpc::parse {
namespace {

namespace kinds = diag::kinds;

uint8_t byte(std::string_view text, size_t at) { return at < text.size() ? static_cast<uint8_t>(text[at]) : 0; }

// Length of the well-formed sequence at `at`, 0 if there is none.
size_t utf8_length(std::string_view text, size_t at) {
  const uint8_t lead = byte(text, at);
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (byte(text, at + 1) < low || byte(text, at + 1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte(text, at + i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

std::string_view skip_space(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

// (version 1), (allow ...), ... after Scheme's `;` comments: that bracket and what follows. No SB item begins with `(`.
std::string_view find_seatbelt(std::string_view rest) {
  while (!rest.empty() && rest[0] == ';') {
    const size_t line = rest.find('\n');
    rest = line == std::string_view::npos ? std::string_view{} : skip_space(rest.substr(line));
  }
  if (rest.empty() || rest[0] != '(') return {};
  const std::string_view inner = skip_space(rest.substr(1));
  for (std::string_view word : {"version", "allow", "deny", "import", "define", "debug", "trace"}) {
    if (inner.substr(0, word.size()) == word) return rest;
  }
  return {};
}

// An object or an array; no SB item begins with `{` or `[`.
bool looks_like_json(std::string_view rest) {
  if (rest.empty() || (rest[0] != '{' && rest[0] != '[')) return false;
  const bool object = rest[0] == '{';
  rest = skip_space(rest.substr(1));
  if (rest.empty()) return false;
  return object ? rest[0] == '"' || rest[0] == '}'
                : rest[0] == '{' || rest[0] == '"' || rest[0] == ']' || rest[0] == '[';
}

void report_not_text(const Source& source, size_t at, diag::Sink& sink) {
  const auto value = byte(source.text, at);
  const std::string what = value == 0 ? std::string("NUL") : fmt::format("0x{:02x}, which is not UTF-8", value);
  auto report = sink.report(kinds::NotText, source.imported_at, source.name, at, what);
  const std::string_view head = source.text.substr(0, 2);
  if (head == "\xFF\xFE" || head == "\xFE\xFF") report.note("this looks like UTF-16: save it as UTF-8");
  if (source.text.substr(0, 4) ==
      "\x7f"
      "ELF")
    report.note("this is an ELF program, not a policy");
}

}  // namespace

size_t find_not_text(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    // Eight plain ASCII bytes at once: no high bit, and no byte that borrows when 1 is taken from each.
    uint64_t word = 0;
    while (at + sizeof word <= text.size()) {
      std::memcpy(&word, text.data() + at, sizeof word);
      constexpr uint64_t kOnes = 0x0101010101010101;
      if (((word | (word - kOnes)) & (kOnes << 7)) != 0) break;
      at += sizeof word;
    }
    if (at == text.size()) break;
    const size_t length = utf8_length(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

void report_empty(const Source& source, bool has_comments, diag::Sink& sink) {
  auto report = sink.report(kinds::EmptyFile, source.imported_at, source.name);
  if (has_comments) report.note("it holds nothing but comments");
  report.note("`sbpc new` writes a first policy");
}

bool check_file(const Source& source, diag::Sink& sink) {
  if (source.text.size() > limits::kSourceBytes) {
    sink.report(kinds::FileTooLarge, source.imported_at, source.name, limits::kSourceBytes >> 20);
    return false;
  }
  const size_t bad = find_not_text(source.text);
  if (bad != std::string_view::npos) {
    report_not_text(source, bad, sink);
    return false;
  }
  std::string_view rest = source.text;
  if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
  rest = skip_space(rest);
  if (rest.empty()) {
    report_empty(source, false, sink);
    return false;
  }
  auto first_of = [&](std::string_view found) {
    const auto begin = static_cast<uint32_t>(found.data() - source.text.data());
    return Span{source.file, begin, begin + 1};
  };
  const std::string_view seatbelt = find_seatbelt(rest);
  if (!seatbelt.empty()) {
    auto report = sink.report(kinds::LooksLikeSeatbelt, first_of(seatbelt), source.name);
    if (source.imported_at.valid()) report.label(source.imported_at, "imported here");
    report.note("`sbpc new` writes a first seccomp policy");
    return false;
  }
  if (looks_like_json(rest)) {
    auto report = sink.report(kinds::LooksLikeJson, first_of(rest), source.name);
    if (source.imported_at.valid()) report.label(source.imported_at, "imported here");
    report.note(fmt::format("`sbpc import {} -o policy.sb` makes a policy of a Docker, OCI or seccompiler profile",
                            source.name));
    report.note(
        "the default profiles of Docker and Podman are in the standard library: `import std.docker;`, `use "
        "docker.profile;`");
    return false;
  }
  return true;
}

}  // namespace sbpc::parse
