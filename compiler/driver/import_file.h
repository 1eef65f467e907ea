// import_file.h: a foreign policy file as import/'s model, with what --from, --caps, --kernel and --arch say of it.
#pragma once

#include <string>

#include "base/result.h"
#include "driver/session.h"
#include "import/model.h"

namespace sbpc::driver {

// Everything wrong is in the sink.
[[nodiscard]] Result<importer::Foreign> read_foreign(Session& session, const std::string& path);

// Whether a file's content is of a format that is imported, and no program: what commands ask that take both.
[[nodiscard]] bool is_foreign(const std::string& path);

// The one profile that --policy and --target mean, for commands that compare, with the setting that --caps (or else
// Docker's default capabilities) and --min-kernel fix.
struct PickedProfile {
  importer::Profile profile;
  importer::Setting setting;
};
[[nodiscard]] Result<PickedProfile> pick_profile(Session& session, const std::string& path);

// Whether capabilities or the kernel still decide something.
[[nodiscard]] bool has_choices(const importer::Foreign& foreign);

}  // namespace sbpc::driver
