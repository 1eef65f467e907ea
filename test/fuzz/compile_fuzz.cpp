// compile_fuzz.cpp: any text as a policy, down the whole line. What compiles is proved, or said to be undecided; it is
// never refuted. The decisions and the program answer alike on events made from the policy's own numbers. Errors have a
// message and lie inside of the text.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "driver/compile.h"
#include "ir/interpret.h"

namespace {

using namespace sbpc;

void require(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "%s\n----\n%s\n----\n", what, text.c_str());
  std::abort();
}

// One text and no files; one module to import.
class MemoryReader : public sema::FileReader {
 public:
  explicit MemoryReader(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string& path) override {
    if (path == "fuzz.sb") return text_;
    return tl::unexpected(std::string("no such file"));
  }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override {
    if (name == "std.one")
      return "rules one(a: fd = 1, also: openat.flags = 0) { allow write(fd == a), openat(flags only also) else "
             "errno(EACCES); }";
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return {"std.one"}; }

 private:
  std::string text_;
};

void compare(driver::Compiled& compiled, const std::string& text) {
  const bpf::Program& program = compiled.code.program;
  if (!compiled.policy.holes.empty()) return;  // without values there is nothing to run
  for (const ir::Section& section : compiled.program.sections) {
    for (const ir::NrRange& range : section.ranges) {
      for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{0x80000}, ~uint64_t{0}, uint64_t{0x100000001}}) {
        const target::SeccompData event{
            static_cast<int32_t>(range.last), section.arch, value, {value, value, value, value, value, value}};
        const target::Verdict meant = ir::interpret_clauses(compiled.program, event);
        require(target::decode(bpf::interpret(program.insns, event, program.big_endian).word) == meant,
                "the program answers otherwise", text);
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t most = 4096;
  if (size > most) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  SourceMap sources;
  diag::Sink sink;
  MemoryReader reader(text);
  driver::Options options;
  constexpr opt::Level levels[] = {opt::Level::o0, opt::Level::o1, opt::Level::o2, opt::Level::os};
  options.level = levels[size % 4];
  const auto outcome = [&](driver::Stage stage, driver::Compiled& compiled) {
    if (stage != driver::Stage::proved) return true;
    require(compiled.proof.has_value(), "not proved", text);
    require(compiled.proof->outcome != prove::Proof::Outcome::refuted, "refuted", text);
    require(compiled.proof->outcome != prove::Proof::Outcome::refused, "refused", text);
    require(!bpf::kernel_refusal(compiled.code.program.insns), "the kernel would refuse it", text);
    compare(compiled, text);
    return true;
  };
  auto compiled = driver::compile({sources, reader, "fuzz.sb"}, options, sink, outcome);
  require(compiled.has_value() || sink.has_errors(), "refused without a reason", text);
  for (const diag::Diagnostic& each : sink.diagnostics()) {
    require(!each.message.empty(), "an empty message", text);
    const bool inside = !each.span.valid() ||
                        (each.span.begin <= each.span.end && each.span.end <= sources.text(each.span.file).size());
    require(inside, "a diagnostic lies outside of the text", text);
  }
  return 0;
}
