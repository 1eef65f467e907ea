// kafel.h: reading Kafel, for formats that hold a policy of it.
#pragma once

#include "import/formats.h"

namespace sbpc::importer {

// The policy of source.file, added to the profile.
[[nodiscard]] bool read_kafel_policy(Source& source, Profile& profile);

// A profile with what holds for all of Kafel's filters.
[[nodiscard]] Profile kafel_profile(const Source& source);

}  // namespace sbpc::importer
