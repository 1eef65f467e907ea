// memory.cpp: operator new and delete of the process: small pieces come from lists by size, each taken and given back
// in a few instructions.
//
// A compile makes and drops tens of thousands of small pieces in a few milliseconds, and malloc() was a fifth to a
// third of all that it did (docs/decisions/0055-small-memory.md). Pieces of up to kLargest bytes are cut from pages of
// one size each, in a region of kRegion bytes that is reserved once; a page's size is in a table, so that a piece needs
// no header. Larger pieces, and all if the region is full or could not be reserved, are malloc()'s.
//
// While more than one thread runs all is malloc()'s, and pieces of the region that are given back then are not used
// again: the language server alone has a second thread. Not part of builds with sanitizers, which bring their own.
// Tested by every test that runs sbpc, and by test/unit/driver/memory_test.cpp.
#include <malloc.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr size_t kStep = 16;  // alignment of malloc() on 64-bit machines: __STDCPP_DEFAULT_NEW_ALIGNMENT__
constexpr size_t kLargest = 512;
constexpr size_t kPage = 4096;
constexpr size_t kRegion = size_t{64} << 20U;
constexpr size_t kHuge = size_t{2} << 20U;  // PMD_SIZE, arch/x86/include/asm/pgtable_64_types.h
static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ <= kStep);

struct Piece {
  Piece* next;
};

struct SizeClass {
  Piece* free;
  char* next;  // what is left of the page that is cut now
  char* end;
};

// All of it is zero before the first constructor runs: static objects allocate, too.
struct Pool {
  std::array<SizeClass, kLargest / kStep + 1> classes;
  std::array<uint8_t, kRegion / kPage> class_of;  // of a page
  char* next;
  char* end;
  bool tried;  // to reserve the region
};
Pool pool;
uintptr_t region = UINTPTR_MAX - kRegion;  // nothing lies in it before there is one

// The first touch of a page costs a microsecond, of the 512 of a huge page less than two hundred. malloc() keeps what
// it has for the same reason: the tables of one diagram after the other are larger than what it would give back at
// once.
void reserve() {
  pool.tried = true;
  constexpr int kKept = 32 << 20;
  static_cast<void>(::mallopt(M_MMAP_THRESHOLD, kKept));
  static_cast<void>(::mallopt(M_TRIM_THRESHOLD, kKept));
  void* made =
      ::mmap(nullptr, kRegion + kHuge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made == MAP_FAILED) return;
  region = (reinterpret_cast<uintptr_t>(made) + kHuge - 1) & ~(kHuge - 1);
  pool.next = reinterpret_cast<char*>(region);
  pool.end = pool.next + kRegion;
  static_cast<void>(::madvise(pool.next, kRegion, MADV_HUGEPAGE));
}

void* from_malloc(size_t size) {
  while (true) {
    if (void* made = std::malloc(size == 0 ? 1 : size)) return made;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

// A piece of a page that was not cut to its end, or of a new one.
void* cut(size_t index) {
  SizeClass& row = pool.classes[index];
  const size_t size = index * kStep;
  if (static_cast<size_t>(row.end - row.next) < size) {
    if (!pool.tried) reserve();
    if (pool.next == pool.end) return from_malloc(size);
    pool.class_of[(reinterpret_cast<uintptr_t>(pool.next) - region) / kPage] = static_cast<uint8_t>(index);
    row.next = pool.next;
    row.end = pool.next += kPage;
  }
  char* made = row.next;
  row.next += size;
  return made;
}

}  // namespace

void* operator new(size_t size) {
  if (size > kLargest || __libc_single_threaded == 0) return from_malloc(size);
  const size_t index = size == 0 ? 1 : (size + kStep - 1) / kStep;
  SizeClass& row = pool.classes[index];
  Piece* made = row.free;
  if (made == nullptr) return cut(index);
  row.free = made->next;
  return made;
}

void operator delete(void* piece) noexcept {
  const uintptr_t offset = reinterpret_cast<uintptr_t>(piece) - region;
  if (offset >= kRegion) return std::free(piece);
  if (__libc_single_threaded == 0) return;
  SizeClass& row = pool.classes[pool.class_of[offset / kPage]];
  row.free = new (piece) Piece{row.free};
}

void operator delete(void* piece, size_t) noexcept { operator delete(piece); }
