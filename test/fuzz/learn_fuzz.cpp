// learn_fuzz.cpp: any text as a trace: what is learned from it is a policy that parses, whose rules are written as the
// formatter writes them, and whose frequencies are read again.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ast/format.h"
#include "learn/draft.h"
#include "learn/read_trace.h"
#include "parse/parse.h"
#include "sema/frequency_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sbpc;
  constexpr target::Abi abis[] = {target::Abi::x86_64, target::Abi::i386, target::Abi::s390x, target::Abi::mips64n32};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  learn::Observations seen;
  learn::read_trace(seen, "t", text, abis[size % 4]);
  if (seen.calls().empty()) return 0;
  learn::DraftOptions options;
  options.name = "p";
  SourceMap sources;
  diag::Sink sink;
  const FileId file = sources.add("learned.sb", learn::draft(seen, options));
  const auto parsed = parse::parse(sources, file, sink);
  if (!parsed || sink.has_errors()) std::abort();
  const std::string once = ast::format(*parsed, sources.text(file));
  const FileId again = sources.add("formatted.sb", once);
  const auto second = parse::parse(sources, again, sink);
  if (!second || sink.has_errors() || ast::format(*second, once) != once) std::abort();
  const std::string counts = learn::frequency_json(seen);
  if (!sema::read_frequency_text(counts)) std::abort();
  return 0;
}
