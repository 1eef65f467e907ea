// arena.h: keeps arrays that live as long as one analysis: the elements of sets, the parts of constants.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace sbpc::sema {

class Arena {
 public:
  // A copy of `items` that stays where it is.
  template <class T>
  [[nodiscard]] std::span<const T> keep(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (items.empty()) return {};
    T* place = static_cast<T*>(allocate(items.size_bytes(), alignof(T)));
    std::uninitialized_copy(items.begin(), items.end(), place);
    return {place, items.size()};
  }
  template <class T>
  [[nodiscard]] std::span<const T> keep(const std::vector<T>& items) {
    return keep(std::span<const T>(items));
  }
  template <class T>
  [[nodiscard]] std::span<const T> keep_one(const T& item) {
    return keep(std::span<const T>(&item, 1));
  }

 private:
  static constexpr size_t kBlockBytes = 16384;

  void* allocate(size_t bytes, size_t alignment) {
    void* at = next_;
    if (blocks_.empty() || std::align(alignment, bytes, at, left_) == nullptr) {
      left_ = std::max(kBlockBytes, bytes + alignment);
      blocks_.push_back(std::make_unique<std::byte[]>(left_));
      at = blocks_.back().get();
      at = std::align(alignment, bytes, at, left_);
    }
    next_ = static_cast<std::byte*>(at) + bytes;
    left_ -= bytes;
    return at;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace sbpc::sema
