#include "language/compiled.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "driver/stdlib_table.h"
#include "judge/judge.h"
#include "lint/lint.h"
#include "lower/lower.h"
#include "support/source_dir.h"

namespace sbpc::language {

tl::expected<std::string, std::string> MemoryReader::read(const std::string& path) {
  const auto file = files_.find(path);
  if (file == files_.end()) return tl::make_unexpected(std::string("no such file"));
  return file->second;
}

std::optional<std::string_view> MemoryReader::standard_module(std::string_view name) const {
  for (const driver::StandardModule& module : driver::standard_library()) {
    if (module.name == name) return module.text;
  }
  return std::nullopt;
}

std::vector<std::string_view> MemoryReader::standard_modules() const {
  std::vector<std::string_view> names;
  for (const driver::StandardModule& module : driver::standard_library()) names.push_back(module.name);
  return names;
}

bool Checked::has(diag::Kind kind) const {
  for (const diag::Diagnostic& one : diagnostics) {
    if (one.kind == kind) return true;
  }
  return false;
}

std::string Checked::text() const {
  std::string all;
  for (const diag::Diagnostic& one : diagnostics)
    all += std::string(diag::info(one.kind).code) + " " + one.message + "\n";
  return all;
}

Checked check(const Files& files, const sema::Options& options) {
  SourceMap sources;
  diag::Sink sink;
  MemoryReader reader(files);
  Checked result;
  auto module = sema::load(sources, reader, "p.sb", sink);
  if (module) {
    auto policies = sema::analyze({sources, *module, options}, sink);
    if (policies) result.policies = std::move(*policies);
  }
  for (const sema::Policy& policy : result.policies) {
    auto program = lower::lower(policy, sink);
    if (!program) continue;
    judge::judge(policy, *program, sink);
    lint::lint(policy, *program, sink);
  }
  // Messages stay; the texts that spans mean are gone with `sources`.
  result.diagnostics = sink.diagnostics();
  result.errors = sink.errors();
  return result;
}

Checked check(std::string_view text) { return check(Files{{"p.sb", std::string(text)}}); }

std::optional<driver::Compiled> try_compile(const Files& files, const driver::Options& options, std::string* why) {
  SourceMap sources;
  diag::Sink sink;
  MemoryReader reader(files);
  auto compiled = driver::compile({sources, reader, "p.sb"}, options, sink);
  if (why != nullptr) {
    for (const diag::Diagnostic& one : sink.diagnostics())
      *why += std::string(diag::info(one.kind).code) + " " + one.message + "\n";
  }
  if (!compiled) return std::nullopt;
  return std::move(*compiled);
}

std::optional<driver::Compiled> compile(const Files& files, const driver::Options& options) {
  std::string why;
  auto compiled = try_compile(files, options, &why);
  EXPECT_TRUE(compiled.has_value()) << why << files.at("p.sb");
  return compiled;
}

std::optional<driver::Compiled> compile(std::string_view text) { return compile(Files{{"p.sb", std::string(text)}}); }

bpf::Insns program(const driver::Compiled& compiled) {
  auto insns = bpf::decode(compiled.bytes, compiled.code.program.big_endian);
  EXPECT_TRUE(insns.has_value());
  return insns ? *insns : bpf::Insns{};
}

target::SeccompData event(target::Abi abi, std::string_view call, std::vector<uint64_t> args) {
  target::SeccompData data;
  const auto id = target::find_call(call);
  const auto nr = id ? target::call_number(*id, abi) : std::nullopt;
  EXPECT_TRUE(nr.has_value()) << call << " on " << target::info(abi).name;
  data.nr = static_cast<int32_t>(nr.value_or(0));
  data.arch = target::info(abi).audit_arch;
  for (size_t i = 0; i < args.size() && i < 6; ++i) data.args[i] = args[i];
  return data;
}

std::string answer(const driver::Compiled& compiled, const target::SeccompData& data) {
  const uint32_t word = bpf::interpret(program(compiled), data, compiled.code.program.big_endian).word;
  return target::to_string(target::decode(word));
}

std::string answer(const driver::Compiled& compiled, std::string_view call, std::vector<uint64_t> args) {
  return answer(compiled, event(compiled.policy.abis[0].abi, call, std::move(args)));
}

std::string read_source(const std::string& path) {
  std::ifstream file(support::source_dir() + "/" + path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sbpc::language
