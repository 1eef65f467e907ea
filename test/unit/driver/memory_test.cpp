// The process's operator new and delete (driver/main/memory.cpp, which this program is linked with): what they give is
// its own, aligned and large enough, on one thread and on several.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace sbpc::driver {
namespace {

struct Piece {
  unsigned char* at;
  size_t size;
  unsigned char filled;
};

Piece make(size_t size, unsigned char filled) {
  auto* at = static_cast<unsigned char*>(::operator new(size));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % __STDCPP_DEFAULT_NEW_ALIGNMENT__, 0U);
  std::memset(at, filled, size);
  return {at, size, filled};
}

void drop(const Piece& piece) {
  EXPECT_TRUE(std::all_of(piece.at, piece.at + piece.size, [&](unsigned char c) { return c == piece.filled; }));
  ::operator delete(piece.at, piece.size);
}

// Sizes below, at and above the largest that has a list.
size_t some_size(std::mt19937& random) {
  return random() % 8 == 0 ? random() % 5000 : random() % 4 == 0 ? 496 + random() % 32 : random() % 200;
}

void take_and_give(std::mt19937& random, size_t rounds, std::vector<Piece>& held) {
  for (size_t i = 0; i < rounds; ++i) {
    if (held.empty() || random() % 5 < 3) {
      held.push_back(make(some_size(random), static_cast<unsigned char>(random())));
    } else {
      std::swap(held[random() % held.size()], held.back());
      drop(held.back());
      held.pop_back();
    }
  }
}

TEST(Memory, PiecesKeepWhatIsInThem) {
  std::mt19937 random(1);
  std::vector<Piece> held;
  take_and_give(random, 100000, held);
  for (const Piece& piece : held) drop(piece);
}

TEST(Memory, NothingIsAPieceToo) {
  void* one = ::operator new(0);
  void* other = ::operator new(0);
  EXPECT_NE(one, nullptr);
  EXPECT_NE(one, other);
  ::operator delete(one);
  ::operator delete(other);
  ::operator delete(static_cast<void*>(nullptr));
}

#if defined(SBPC_OWN_MEMORY)  // not with sanitizers
TEST(Memory, WhatIsGivenBackIsTakenAgain) {
  void* first = ::operator new(64);
  ::operator delete(first);
  void* second = ::operator new(50);  // of the same list
  EXPECT_EQ(first, second);
  ::operator delete(second);
}
#endif

// More small pieces than the region holds: the rest is malloc()'s.
TEST(Memory, MoreThanTheRegion) {
  constexpr size_t kSize = 512;
  constexpr size_t kCount = (size_t{80} << 20U) / kSize;
  std::vector<Piece> held;
  held.reserve(kCount);
  for (size_t i = 0; i < kCount; ++i) held.push_back({static_cast<unsigned char*>(::operator new(kSize)), 1, 7});
  for (const Piece& piece : held) *piece.at = piece.filled;
  for (const Piece& piece : held) drop(piece);
}

// Two threads at once, each giving back also what the other one, and the time before there were two, took.
TEST(Memory, TwoThreads) {
  std::mt19937 random(2);
  std::vector<Piece> before, mine, theirs;
  take_and_give(random, 20000, before);
  theirs.assign(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(before.size() / 2));
  before.erase(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(before.size() / 2));
  std::thread other([&theirs] {
    std::mt19937 own(3);
    take_and_give(own, 50000, theirs);
  });
  take_and_give(random, 50000, mine);
  other.join();
  for (const std::vector<Piece>& all : {before, mine, theirs}) {
    for (const Piece& piece : all) drop(piece);
  }
}

}  // namespace
}  // namespace sbpc::driver
