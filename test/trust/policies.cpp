#include "trust/policies.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "codegen/codegen.h"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/stdlib_table.h"
#include "support/source_dir.h"

namespace sbpc::trust {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The text as the root file, everything else from the disk and the standard library.
class TextReader : public driver::DiskReader {
 public:
  explicit TextReader(std::string text) : DiskReader({support::source_dir() + "/examples"}), text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string& path) override {
    return path == "policy.sb" ? tl::expected<std::string, std::string>(text_) : DiskReader::read(path);
  }

 private:
  std::string text_;
};

void add_example(const std::filesystem::path& path, std::vector<Named>& policies) {
  static const std::regex head(R"((?:^|\n)policy (\w+))");
  const std::string text = read_text(path);
  for (std::sregex_iterator at(text.begin(), text.end(), head), end; at != end; ++at) {
    policies.push_back({"examples/" + path.filename().string() + " " + std::string((*at)[1]), text, (*at)[1]});
  }
}

void add_module(const driver::StandardModule& module, std::vector<Named>& policies) {
  static const std::regex head(R"((?:^|\n)(unsafe )?rules (\w+)(\([^)]*\))?)");
  const std::string text(module.text);
  for (std::sregex_iterator at(text.begin(), text.end(), head), end; at != end; ++at) {
    const std::string parameters = (*at)[3];
    const auto count = [&](char c) { return std::count(parameters.begin(), parameters.end(), c); };
    const bool all_have_values = parameters.empty() || parameters == "()" || count('=') == count(':');
    if (!all_have_values) continue;
    const std::string set = (*at)[2];
    policies.push_back({std::string(module.name) + " " + set,
                        "import " + std::string(module.name) +
                            " as m;\npolicy p on x86_64, i386 {\n  kernel 6.12;\n  default errno(EPERM);\n  use " +
                            std::string((*at)[1]) + "m." + set + ";\n}\n",
                        ""});
  }
}

}  // namespace

std::vector<Named> all_policies() {
  std::vector<Named> policies;
  for (const auto& entry : std::filesystem::directory_iterator(support::source_dir() + "/examples")) {
    if (entry.path().extension() == ".sb") add_example(entry.path(), policies);
  }
  std::sort(policies.begin(), policies.end(), [](const Named& a, const Named& b) { return a.name < b.name; });
  for (const driver::StandardModule& module : driver::standard_library()) add_module(module, policies);
  return policies;
}

std::optional<Built> build(const Named& policy, std::string& messages) {
  SourceMap sources;
  TextReader reader(policy.text);
  diag::Sink sink;
  driver::Options options;
  if (!policy.policy.empty()) options.policy = policy.policy;
  options.prove = false;  // that is what is tested
  std::optional<ir::Program> meaning;
  const auto keep = [&](driver::Stage stage, driver::Compiled& compiled) {
    if (stage == driver::Stage::lowered) meaning = compiled.program;
    return true;
  };
  auto compiled = driver::compile({sources, reader, "policy.sb"}, options, sink, keep);
  for (const diag::Diagnostic& diagnostic : sink.diagnostics()) {
    if (diagnostic.severity == diag::Severity::error) messages += diagnostic.message + "\n";
  }
  if (!compiled) return std::nullopt;
  return Built{std::move(*meaning), std::move(compiled->program), std::move(compiled->code.program)};
}

}  // namespace sbpc::trust
