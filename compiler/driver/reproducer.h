// reproducer.h: what a bug report of a program that is not its policy needs: one text file that shows the bug again.
//
// A proof that fails is a bug of the compiler. The file holds the policy's meaning as IR, which `sbpc ir-opt FILE`
// optimises, generates and proves again without the policy's sources, and above it the version, the options and the
// program's bytes as comments.
#pragma once

#include <string>

#include "driver/compile.h"

namespace sbpc::driver {

[[nodiscard]] std::string reproducer_text(const Compiled& compiled, const Options& options);

// Written to a new file in `directory`, readable by its owner only; its path, or an empty text if that can't be done.
[[nodiscard]] std::string write_reproducer(const std::string& text, const std::string& directory);

// $TMPDIR, else /tmp.
[[nodiscard]] std::string temporary_directory();

}  // namespace sbpc::driver
