// trace_fuzz.cpp: any text as lines of a trace: each is a call or nothing, and a call has at least a name, a number or
// a text.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "trace/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sbpc;
  constexpr target::Abi abis[] = {target::Abi::x86_64, target::Abi::i386, target::Abi::s390x, target::Abi::mips64n32};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  trace::Reader reader(abis[size % 4]);
  while (!text.empty()) {
    const size_t end = text.find('\n') == std::string_view::npos ? text.size() : text.find('\n');
    const auto call = reader.line(text.substr(0, end));
    if (call && call->name.empty() && !call->nr && call->text.empty()) std::abort();
    if (call && call->args.size() > 16) std::abort();
    text.remove_prefix(end == text.size() ? end : end + 1);
  }
  return 0;
}
