// ids.h: typed 32-bit indices, so that a node of one table can't be looked up in another.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace sbpc {

// An index into one table. `Tag` names the table; a default-made id refers to nothing.
template <class Tag>
struct Id {
  static constexpr uint32_t kNone = 0xffffffffU;
  uint32_t value = kNone;

  constexpr Id() = default;
  constexpr explicit Id(uint32_t index) : value(index) {}
  constexpr explicit Id(size_t index) : value(static_cast<uint32_t>(index)) {}
  [[nodiscard]] constexpr bool valid() const { return value != kNone; }
  constexpr auto operator<=>(const Id&) const = default;
};

}  // namespace sbpc

template <class Tag>
struct std::hash<sbpc::Id<Tag>> {
  size_t operator()(sbpc::Id<Tag> id) const noexcept { return id.value * size_t{0x9E3779B97F4A7C15U}; }
};
