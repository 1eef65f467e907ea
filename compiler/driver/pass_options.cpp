#include "driver/pass_options.h"

#include <algorithm>
#include <vector>

#include "diag/kinds/command_line.def"
#include "diag/suggest.h"
#include "opt/pass.h"

namespace sbpc::driver {
namespace {

// `more`: a word that is taken beside the passes, and what it means.
struct Names {
  Option option;
  std::string_view more;
  std::string_view meaning;
};

void check(const Names& names, std::string_view given, diag::Sink& sink) {
  std::vector<std::string_view> known;
  std::string all;
  for (const opt::PassInfo& pass : opt::kPasses) {
    known.push_back(pass.name);
    all += (all.empty() ? "" : ", ") + std::string(pass.name);
  }
  known.push_back(names.more);
  for (const std::string_view name : split_commas(given)) {
    if (std::ranges::find(known, name) != known.end()) continue;
    auto report = sink.report(diag::kinds::BadValue, {}, info(names.option).name(), name);
    if (const auto meant = diag::suggest(name, known)) report.note("did you mean `" + std::string(*meant) + "`?");
    report.note("the passes are " + all + "; " + std::string(names.more) + " " + std::string(names.meaning));
  }
}

}  // namespace

void add_pass_options(const Arguments& arguments, Options& options, diag::Sink& sink) {
  options.only_passes = arguments.value(Option::only_passes).value_or("");
  options.print_after = arguments.value(Option::print_after).value_or("");
  check({Option::only_passes, "none", "runs none"}, options.only_passes, sink);
  check({Option::print_after, "complete", "is what they all leave"}, options.print_after, sink);
}

}  // namespace sbpc::driver
