// sema_fuzz.cpp: any text through names, types, meaning, asserts and lints. A line `//--- NAME` begins another file,
// which the first may import. Whatever is accepted must lower; every diagnostic must lie inside of its text; a failure
// must have a reason.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "judge/judge.h"
#include "lint/lint.h"
#include "lower/lower.h"
#include "sema/analyze.h"
#include "sema/load.h"

namespace {

using namespace sbpc;

constexpr size_t kMostPolicies = 16;  // of one input: time, not meaning

void require(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "%s\n----\n%s\n----\n", what, text.c_str());
  std::abort();
}

class Files : public sema::FileReader {
 public:
  explicit Files(std::string_view input) {
    std::string name = "p.sb";
    while (!input.empty()) {
      const size_t end = input.find('\n');
      const std::string_view line = input.substr(0, end);
      if (line.starts_with("//--- ")) {
        name = line.substr(6);
      } else {
        texts_[name].append(line).push_back('\n');
      }
      input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    }
  }
  tl::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = texts_.find(path);
    if (found == texts_.end()) return tl::make_unexpected(std::string("no such file"));
    return found->second;
  }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return {}; }

 private:
  std::map<std::string, std::string> texts_;
};

void check_spans(const SourceMap& sources, const diag::Sink& sink) {
  for (const diag::Diagnostic& each : sink.diagnostics()) {
    const auto inside = [&](Span span) {
      return !span.valid() ||
             (span.begin <= span.end && span.file.value < sources.size() && span.end <= sources.text(span.file).size());
    };
    require(inside(each.span), "a diagnostic lies outside of its text", each.message);
    for (const diag::Label& label : each.labels)
      require(inside(label.span), "a label lies outside of its text", each.message);
    for (const diag::Fix& fix : each.fixes) require(inside(fix.span), "a fix lies outside of its text", each.message);
  }
}

void look_at(const sema::Policy& policy, diag::Sink& sink) {
  const size_t errors = sink.errors();
  auto program = lower::lower(policy, sink);
  require(program.has_value() || sink.errors() > errors, "not lowered, and no reason", policy.name);
  if (!program) return;
  judge::judge(policy, *program, sink);
  lint::lint(policy, *program, sink);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  SourceMap sources;
  diag::Sink sink;
  Files files({reinterpret_cast<const char*>(data), size});
  const auto module = sema::load(sources, files, "p.sb", sink);
  if (!module) {
    require(sink.has_errors(), "not loaded, and no reason", std::string(reinterpret_cast<const char*>(data), size));
    return 0;
  }
  const sema::Options options;
  const auto policies = sema::analyze({sources, *module, options}, sink);
  require(policies.has_value() || sink.has_errors(), "refused, and no reason", std::string(sources.text(FileId(0U))));
  if (policies && !sink.has_errors()) {
    for (size_t i = 0; i < policies->size() && i < kMostPolicies; ++i) look_at((*policies)[i], sink);
  }
  check_spans(sources, sink);
  return 0;
}
