#include "lsp/framing.h"

#include <algorithm>

#include "base/message_limits.h"
#include "base/text.h"

namespace sbpc::lsp {
namespace {

constexpr std::string_view kLength = "content-length:";

bool same_letters(std::string_view text, std::string_view lower) { return to_lower(text) == lower; }

// The end of the header's lines: the offset behind the empty line, and the bytes before it.
struct HeaderEnd {
  size_t lines;
  size_t body;
};
std::optional<HeaderEnd> find_end(std::string_view text) {
  const size_t at = text.find("\n\r\n");
  const size_t bare = text.find("\n\n");  // clients written by hand
  if (at == std::string_view::npos && bare == std::string_view::npos) return std::nullopt;
  return at < bare ? HeaderEnd{at + 1, at + 3} : HeaderEnd{bare + 1, bare + 2};
}

// Decimal digits; nullopt for anything else, and for more bytes than anybody will send: to wait for their end would be
// to hear nothing more.
std::optional<size_t> read_size(std::string_view text) {
  constexpr size_t kMost = size_t{1} << 40;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  size_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<size_t>(c - '0');
    if (value > kMost) return std::nullopt;
  }
  return value;
}

std::optional<size_t> content_length(std::string_view header) {
  std::optional<size_t> found;
  while (!header.empty()) {
    const size_t end = std::min(header.find('\n'), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    if (line.size() >= kLength.size() && same_letters(line.substr(0, kLength.size()), kLength)) {
      found = read_size(line.substr(kLength.size()));
    }
  }
  return found;
}

// Where another header begins behind the rest of a message whose length was given too short; nullopt: nowhere.
std::optional<size_t> find_next(std::string_view text, const HeaderEnd& end) {
  for (size_t at = end.lines; at > 1;) {
    --at;
    if (same_letters(text.substr(at, kLength.size()), kLength) && content_length(text.substr(at, end.lines - at)))
      return at;
  }
  return std::nullopt;
}

}  // namespace

void Framer::feed(std::string_view bytes) {
  const size_t skipped = std::min(skip_, bytes.size());
  skip_ -= skipped;
  buffer_.append(bytes.substr(skipped));
}

void Framer::consume(size_t count) {
  constexpr size_t kKept = size_t{1} << 16;
  begin_ += count;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
    if (buffer_.capacity() > kKept) buffer_.shrink_to_fit();
  } else if (begin_ > kKept) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
}

// Up to where a header may begin again.
std::optional<Frame> Framer::skip_garbage() {
  const std::string_view text = std::string_view(buffer_).substr(begin_);
  const auto begins = [&](size_t at) {
    return same_letters(text.substr(at, kLength.size()), kLength.substr(0, std::min(kLength.size(), text.size() - at)));
  };
  size_t at = 0;
  while (at < text.size() && !begins(at)) ++at;
  consume(at);
  if (text.size() - at >= kLength.size()) lost_ = false;
  return std::nullopt;
}

std::optional<Frame> Framer::next() {
  while (true) {
    if (lost_) {
      static_cast<void>(skip_garbage());
      if (lost_) return std::nullopt;
    }
    const std::string_view text = std::string_view(buffer_).substr(begin_);
    const auto end = find_end(text.substr(0, limits::kMessageHeader));
    if (!end) {
      if (text.size() < limits::kMessageHeader) return std::nullopt;
      consume(1);
      lost_ = true;
      return Frame{Frame::Kind::malformed, {}};
    }
    const auto length = content_length(text.substr(0, end->lines));
    if (!length) {
      const auto again = find_next(text, *end);
      consume(again.value_or(end->body));
      lost_ = !again;
      return Frame{Frame::Kind::malformed, {}};
    }
    if (*length > limits::kMessageBytes) {
      const size_t here = std::min(*length, text.size() - end->body);
      skip_ = *length - here;
      consume(end->body + here);
      return Frame{Frame::Kind::too_large, {}};
    }
    if (text.size() - end->body < *length) return std::nullopt;
    Frame frame{Frame::Kind::message, std::string(text.substr(end->body, *length))};
    consume(end->body + *length);
    return frame;
  }
}

std::string framed(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace sbpc::lsp
