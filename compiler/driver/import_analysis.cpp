#include "driver/import_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "driver/disk_reader.h"
#include "driver/import_judge.h"
#include "import/items.h"
#include "sema/analyze.h"
#include "sema/load.h"

namespace sbpc::driver {
namespace {

constexpr std::string_view kWritten = "the imported policy";

sema::Options options_for(const importer::Profile& profile, const importer::Setting& setting, const std::string& name,
                          const std::string& text) {
  sema::Options options;
  options.policy = name;
  // Where some choice of capabilities is left in the text.
  if (text.find("param caps:") != std::string::npos)
    options.params["caps"] = fmt::format("{{ {} }}", fmt::join(setting.caps, ", "));
  const bool asks_kernel =
      std::ranges::any_of(profile.rules, [](const importer::Rule& r) { return r.guard.since || r.guard.before; });
  if (asks_kernel) options.min_kernel = setting.kernel;
  return options;
}

}  // namespace

std::optional<std::vector<Analysis>> analyze_import(const importer::Foreign& foreign,
                                                    const std::vector<std::string>& names, const std::string& text,
                                                    AnalysisPart part, SourceMap& sources, diag::Sink& sink) {
  DiskReader reader({});
  reader.overlay(std::string(kWritten), text);
  const auto module = sema::load(sources, reader, std::string(kWritten), sink);
  if (!module || sink.has_errors()) return std::nullopt;
  std::vector<Analysis> all;
  size_t at = 0;
  for (size_t i = 0; i < foreign.profiles.size(); ++i) {
    const importer::Profile& profile = foreign.profiles[i];
    size_t place = 0;
    for (const importer::Setting& setting : importer::deciding_settings(profile, target::table_version())) {
      Analysis one{i, place++, setting, {}, false};
      if (at++ % part.step != part.first) continue;
      diag::Sink quiet = quiet_sink();
      auto policies = sema::analyze({sources, *module, options_for(profile, setting, names[i], text)}, quiet);
      if (!policies) {
        report_unsaid(quiet, sink);  // something that the language refuses to say
        return std::nullopt;
      }
      one.policies = std::move(*policies);
      std::erase_if(one.policies, [&](const sema::Policy& policy) { return policy.name != names[i]; });
      one.is_judged = std::ranges::any_of(one.policies, is_to_be_judged);
      all.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace sbpc::driver
