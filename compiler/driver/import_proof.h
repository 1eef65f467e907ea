// import_proof.h: whether a written policy is the foreign filter it was made from, for every call and every choice that
// the profile leaves open; if not, where, and why.
//
// The foreign side is import/meaning.h's diagram, ours what the compiler makes of the text. Tested by
// test/cli/import_*.test.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "driver/background.h"
#include "driver/import_judge.h"
#include "driver/session.h"
#include "import/meaning.h"
#include "import/model.h"

namespace sbpc::driver {

struct ImportDifference {
  std::string call;  // "socket"; "numbers 2147483648..4294967294"
  std::string text;  // a line: what differs, on which ABIs, with an example
  std::string reason;
  std::set<std::string> others;  // numbers without a name that differ in the same way
  bool is_width = false;         // the foreign filter compares bits that the kernel ignores
  bool was_looser = false;       // it lets run what the policy denies
  bool explained = true;
  bool is_named = true;           // the call has a name
  std::array<size_t, 3> place{};  // profile, setting and machine: differences are told in this order
};

struct ImportProof {
  bool is_decided = true;
  size_t choices = 0;                         // of capabilities and kernels, where they are too many to be tried
  size_t comparisons = 0;                     // policies, families and settings
  std::vector<ImportDifference> differences;  // each once
  std::vector<importer::LeftOpen> left_open;  // what the text must still say before it compiles
};

// The foreign filter in a diagram: made for a profile of one machine's ABIs, then asked under each setting. Profile and
// diagram outlive it.
using MeaningUnder = std::function<ir::Ref(const importer::Setting&, importer::Width)>;
using ForeignMeaning = std::function<MeaningUnder(const importer::Profile&, ir::Diagram&)>;
[[nodiscard]] MeaningUnder meaning_of_rules(const importer::Profile& profile, ir::Diagram& diagram);

// One machine's filter, asked under several settings.
struct ForeignSide {
  importer::Profile here;  // the profile, for the machine's ABIs
  ir::Diagram diagram;
  MeaningUnder meaning;
  std::vector<ir::Ref> exact;  // under the first of deciding_settings, where that is known
  ir::Ref listed;              // where differences need not be shown
};
using ForeignSides = std::map<std::pair<size_t, target::Family>, ForeignSide>;  // by the profile's place, and machine

// Works them out on another thread, while the policy is being written. The file is copied.
[[nodiscard]] Background<ForeignSides> begin_sides(const importer::Foreign& foreign);

// `text` is the written policy. What the compiler refuses of it, for any of its machines and any setting, is reported.
// `sides`: what is known of `meaning`.
[[nodiscard]] ImportProof prove_import(Session& session, const importer::Foreign& foreign,
                                       const std::vector<std::string>& names, const std::string& text,
                                       const ForeignMeaning& meaning = meaning_of_rules, ForeignSides sides = {});

// What the text must still say, without a proof. What else is wrong with it is for who compiles it.
[[nodiscard]] std::vector<importer::LeftOpen> find_left_open(const importer::Foreign& foreign,
                                                             const std::vector<std::string>& names,
                                                             const std::string& text);

}  // namespace sbpc::driver
