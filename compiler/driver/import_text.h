// import_text.h: a foreign file's statements as the text of a policy that compiles, and its proof.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "driver/import_proof.h"
#include "driver/session.h"
#include "import/write.h"

namespace sbpc::driver {

struct ImportText {
  std::string text;
  ImportProof proof;  // of the text; empty where nothing was compared
};

// What the text is compared with: what the file means, and what is being worked out of it.
struct ForeignProof {
  ForeignMeaning meaning = meaning_of_rules;
  std::optional<Background<ForeignSides>> sides = std::nullopt;
};

// `all` are the statements of each profile. What the compiler asks for besides is added to them (left_open.h). Without
// a `proof` nothing is proved, and what the compiler refuses is for who compiles the text.
[[nodiscard]] Result<ImportText> write_import(Session& session, const importer::Foreign& foreign,
                                              std::vector<importer::Items> all, const importer::WriteOptions& options,
                                              ForeignProof* proof);

}  // namespace sbpc::driver
