// recordings.h: what the parser did with sound texts, kept for who parses the same texts again and again: an editor's
// server, which reads every import after every edit.
//
// What is kept depends on the text alone, not on its path or its place among the files of a compile: a file that
// changes, moves or is renamed needs no word about it. Safe to use from several threads. Tested by
// test/unit/parse/recordings_test.cpp.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "parse/events.h"

namespace sbpc::parse {

// Of a text without a mistake that the parser itself sees.
struct Recording {
  std::vector<Token> tokens;
  std::vector<Token> comments;
  std::vector<Event> events;
};

class Recordings {
 public:
  // `most` bytes are kept, those of the texts used last.
  explicit Recordings(size_t most) : most_(most) {}

  // Null if the text is not among them.
  [[nodiscard]] std::shared_ptr<const Recording> find(std::string_view text);
  std::shared_ptr<const Recording> keep(std::string_view text, Recording recording);
  [[nodiscard]] size_t texts() const;
  [[nodiscard]] size_t bytes() const;

 private:
  struct Entry {
    std::string text;
    std::shared_ptr<const Recording> recording;
    size_t bytes = 0;
  };
  const size_t most_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the latest first
  size_t bytes_ = 0;
};

}  // namespace sbpc::parse
