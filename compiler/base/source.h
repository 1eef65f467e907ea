// source.h: the texts a compile reads, and places in them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace sbpc {

using FileId = Id<struct FileTag>;

// Bytes [begin, end) of one file. A default-made span is "no place" (for facts that no text states).
struct Span {
  FileId file;
  uint32_t begin = 0;
  uint32_t end = 0;

  [[nodiscard]] constexpr bool valid() const { return file.valid(); }
  constexpr auto operator<=>(const Span&) const = default;
};

// The smallest span that holds both; they must be of one file.
[[nodiscard]] Span join(Span first, Span last);

// 1-based line and 1-based column in bytes.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
};

// Owns every text of a compile. Texts and names never move: string_views into them stay valid as long as the map lives.
class SourceMap {
 public:
  // `name` is how messages call the file: the path as given, or "<stdin>". `imported_at`: the import that brought it
  // in.
  FileId add(std::string name, std::string text, Span imported_at = {});

  // A text from the command line: `name` is all that messages say of its place, and one line of it is shown.
  FileId add_argument(std::string name, std::string text);

  [[nodiscard]] std::string_view name(FileId file) const;
  [[nodiscard]] bool is_argument(FileId file) const;
  [[nodiscard]] Span imported_at(FileId file) const;  // invalid for what no other file has named
  [[nodiscard]] std::string_view text(FileId file) const;
  [[nodiscard]] std::string_view text(Span span) const;
  [[nodiscard]] Position position(FileId file, uint32_t offset) const;
  // Line `line` (1-based) without its newline; empty past the end.
  [[nodiscard]] std::string_view line(FileId file, uint32_t line) const;
  [[nodiscard]] size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string name;
    std::string text;
    Span imported_at;
    bool is_argument = false;
    mutable std::deque<uint32_t> line_starts;  // filled at the first question: most compiles ask none
  };
  const std::deque<uint32_t>& line_starts(FileId file) const;
  std::deque<File> files_;
};

}  // namespace sbpc
