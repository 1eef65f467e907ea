// call_fuzz.cpp: any text as calls that people write, a line each: read, or refused with a reason; what was read is no
// more than was written.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "explain/call.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sbpc;
  constexpr target::Abi abis[] = {target::Abi::x86_64, target::Abi::i386, target::Abi::s390x, target::Abi::mips64n32};
  const target::Abi abi = abis[size % 4];
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    const size_t end = text.find('\n') == std::string_view::npos ? text.size() : text.find('\n');
    const auto pattern = explain::read_call(text.substr(0, end), abi);
    if (!pattern && pattern.error().reason.empty()) std::abort();
    for (int i = 0; pattern && i < target::kWordCount; ++i) {
      const uint32_t value = target::word_value(pattern->data, static_cast<target::Word>(i));
      if ((value & ~pattern->fixed[static_cast<size_t>(i)]) != 0) std::abort();  // bits that nobody said
    }
    text.remove_prefix(end == text.size() ? end : end + 1);
  }
  return 0;
}
