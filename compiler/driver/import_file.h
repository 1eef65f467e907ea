// import_file.h: a foreign policy file as import/'s model, with what --from, --caps, --kernel and --arch say of it.
#pragma once

#include <string>

#include "base/result.h"
#include "driver/session.h"
#include "import/model.h"

namespace sbpc::driver {

// Everything wrong is in the sink.
[[nodiscard]] Result<importer::Foreign> read_foreign(Session& session, const std::string& path);

// Whether capabilities or the kernel still decide something.
[[nodiscard]] bool has_choices(const importer::Foreign& foreign);

}  // namespace sbpc::driver
