// framing.h: bytes of a stream -> the messages in it ("Content-Length: N", an empty line, N bytes of JSON; LSP 3.17,
// base protocol).
//
// Takes whatever a client sends: a message that is too large is skipped without being kept, a header without a length
// is skipped up to the next one, what is left of a message that is longer than it says up to the next header. Tested by
// test/unit/lsp/framing_test.cpp and test/fuzz/lsp_fuzz.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sbpc::lsp {

struct Frame {
  enum class Kind {
    message,    // `body` is what stood between the headers
    too_large,  // more than limits::kMessageBytes; skipped
    malformed,  // a header without a usable Content-Length; skipped
  };
  Kind kind = Kind::message;
  std::string body;
};

class Framer {
 public:
  void feed(std::string_view bytes);
  // The next complete message; nullopt: more bytes are needed.
  [[nodiscard]] std::optional<Frame> next();

 private:
  [[nodiscard]] std::optional<Frame> skip_garbage();
  void consume(size_t count);

  std::string buffer_;
  size_t begin_ = 0;   // of what is not consumed
  size_t skip_ = 0;    // bytes of a message that is too large
  bool lost_ = false;  // looking for the next header; already answered
};

// `body` with its header.
[[nodiscard]] std::string framed(std::string_view body);

}  // namespace sbpc::lsp
