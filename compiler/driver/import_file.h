// import_file.h: a foreign policy file as import/'s model, with what --from, --caps, --kernel and --arch say of it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "driver/session.h"
#include "import/model.h"

namespace sbpc::driver {

// `parts` are further files of the same policy. Everything wrong is in the sink.
[[nodiscard]] Result<importer::Foreign> read_foreign(Session& session, const std::string& path,
                                                     std::span<const std::string> parts = {});

// The files that the command line means: itself, or for a directory of drop-ins, `x.service.d`, the unit beside it and
// the directory's `.conf` files by name. Empty: reported.
[[nodiscard]] std::vector<std::string> foreign_files(Session& session, const std::vector<std::string>& named);

// Whether further files are parts of this one's policy, and no twins.
[[nodiscard]] bool has_parts(Session& session, const std::string& path);

// The text of a module of the standard library; empty if there is none.
[[nodiscard]] std::string_view standard_text(std::string_view module);

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
