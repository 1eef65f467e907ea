#include "driver/import_text.h"

#include <algorithm>
#include <utility>

#include "diag/kinds/import.def"

namespace sbpc::driver {
namespace {

constexpr int kMostTexts = 3;  // what is added is asserted, and an assertion opens nothing

void add_left_open(const importer::Foreign& foreign, const std::vector<importer::LeftOpen>& found,
                   std::vector<importer::Items>& all) {
  for (size_t i = 0; i < all.size(); ++i) {
    std::vector<importer::LeftOpen> own;
    std::ranges::copy_if(found, std::back_inserter(own),
                         [i](const importer::LeftOpen& open) { return open.profile == i; });
    importer::say_what_is_left_open(foreign.profiles[i], own, all[i]);
  }
}

}  // namespace

Result<ImportText> write_import(Session& session, const importer::Foreign& foreign, std::vector<importer::Items> all,
                                const importer::WriteOptions& options, ForeignProof* proof) {
  const std::vector<std::string> names = importer::policy_names(foreign, options.source);
  for (int round = 1;; ++round) {
    auto text = importer::write_items(foreign, all, options, session.sink);
    if (!text) return failed();
    ImportText made{std::move(*text), {}};
    if (proof != nullptr) {
      auto begun = std::exchange(proof->sides, std::nullopt);
      made.proof =
          prove_import(session, foreign, names, made.text, proof->meaning, begun ? begun->get() : ForeignSides());
    } else if (std::ranges::any_of(all, importer::may_be_left_open)) {
      made.proof.left_open = find_left_open(foreign, names, made.text);
    }
    if (session.sink.has_errors()) return failed();
    if (made.proof.left_open.empty() || (proof == nullptr && round == kMostTexts)) return made;
    if (round == kMostTexts) {
      const importer::LeftOpen& open = made.proof.left_open.front();
      session.sink.report(diag::kinds::ImportCannotSay, {},
                          "the condition on `" + std::string(target::call_name(open.call)) +
                              "` can be walked round through `" + std::string(target::call_name(open.sub.multiplexer)) +
                              "`");
      return failed();
    }
    add_left_open(foreign, made.proof.left_open, all);
  }
}

}  // namespace sbpc::driver
