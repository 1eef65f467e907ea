#include "parse/recordings.h"

#include <algorithm>

namespace sbpc::parse {

std::shared_ptr<const Recording> Recordings::find(std::string_view text) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(entries_, text, &Entry::text);
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return found->recording;
}

std::shared_ptr<const Recording> Recordings::keep(std::string_view text, Recording recording) {
  recording.events.shrink_to_fit();  // room for far more was made before the parser ran
  const size_t bytes = sizeof(Entry) + text.size() + sizeof(Recording) +
                       (recording.tokens.size() + recording.comments.size()) * sizeof(Token) +
                       recording.events.size() * sizeof(Event);
  auto made = std::make_shared<const Recording>(std::move(recording));
  const std::lock_guard lock(mutex_);
  if (bytes > most_) return made;  // it would only push out the others
  entries_.push_front({std::string(text), made, bytes});
  bytes_ += bytes;
  while (bytes_ > most_) {
    bytes_ -= entries_.back().bytes;
    entries_.pop_back();
  }
  return made;
}

size_t Recordings::texts() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

size_t Recordings::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace sbpc::parse
