#include "support/source_dir.h"

namespace sbpc::support {

std::string source_dir() { return SBPC_SOURCE_DIR; }

}  // namespace sbpc::support
