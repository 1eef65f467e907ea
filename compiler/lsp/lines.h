// lines.h: places as editors count them (lines from 0, units of UTF-8, UTF-16 or UTF-32 from 0) <-> offsets in bytes.
//
// Lines end with \n, \r\n or \r, as the protocol says. Places outside of a text are moved to its nearest end, places
// inside of a character to its beginning: no client's number is out of range. A byte that is no UTF-8 counts as one
// unit. Tested by test/unit/lsp/lines_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sbpc::lsp {

enum class Encoding : uint8_t { utf8, utf16, utf32 };
[[nodiscard]] std::string_view name(Encoding encoding);  // "utf-16"
[[nodiscard]] std::optional<Encoding> find_encoding(std::string_view name);

struct Place {
  uint32_t line = 0;
  uint32_t character = 0;
  auto operator<=>(const Place&) const = default;
};
struct Range {
  Place begin;
  Place end;
  auto operator<=>(const Range&) const = default;
};

class Lines {
 public:
  Lines() = default;
  explicit Lines(std::string_view text);

  // The text is the one the object was made of.
  [[nodiscard]] size_t offset(std::string_view text, Place place, Encoding encoding) const;
  // Rising offsets of one long line cost what they lie apart, not what lies before them.
  [[nodiscard]] Place place(std::string_view text, size_t offset, Encoding encoding) const;
  [[nodiscard]] Range range(std::string_view text, size_t begin, size_t end, Encoding encoding) const {
    const Place first = place(text, begin, encoding);
    return {first, place(text, end, encoding)};
  }
  [[nodiscard]] uint32_t line_of(size_t offset) const;
  [[nodiscard]] size_t count() const { return starts_.size(); }
  [[nodiscard]] size_t start(size_t line) const { return starts_[line]; }
  // Without its line break.
  [[nodiscard]] std::string_view line(std::string_view text, size_t line) const;

 private:
  std::vector<uint32_t> starts_{0};
  struct Last {  // what `place` answered last
    size_t offset = 0;
    Place place;
    Encoding encoding = Encoding::utf8;
  };
  mutable Last last_;
};

}  // namespace sbpc::lsp
