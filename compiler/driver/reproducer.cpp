#include "driver/reproducer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "driver/help.h"
#include "ir/print.h"

namespace sbpc::driver {
namespace {

constexpr size_t kInsnBytes = 8;
constexpr std::string_view kEnding = ".ir";

std::string hex_lines(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i)
    text += fmt::format("{}{:02x}", i % kInsnBytes == 0 ? "\n#   " : "", bytes[i]);
  return text + "\n";
}

}  // namespace

std::string reproducer_text(const Compiled& compiled, const Options& options) {
  std::string text = fmt::format("# sbpc {} {}: this program is not the policy `{}`.\n", version_number(),
                                 level_name(compiled.level), compiled.policy.name);
  if (!options.only_passes.empty()) text += fmt::format("# --passes={}\n", options.only_passes);
  text += fmt::format("# `sbpc ir-opt {} FILE` compiles the meaning below again and proves it.\n",
                      level_name(compiled.level));
  text += "# The program, an instruction a line:";
  return text + hex_lines(compiled.bytes) + ir::print(compiled.program);
}

std::string temporary_directory() {
  const char* directory = std::getenv("TMPDIR");
  return directory != nullptr && *directory != '\0' ? directory : "/tmp";
}

std::string write_reproducer(const std::string& text, const std::string& directory) {
  std::string path = directory + "/sbpc-XXXXXX" + std::string(kEnding);
  const int fd = ::mkostemps(path.data(), static_cast<int>(kEnding.size()), O_CLOEXEC);
  if (fd < 0) return {};
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t more = ::write(fd, text.data() + written, text.size() - written);
    if (more <= 0) break;
    written += static_cast<size_t>(more);
  }
  const bool whole = ::close(fd) == 0 && written == text.size();
  if (!whole) ::unlink(path.c_str());
  return whole ? path : std::string();
}

}  // namespace sbpc::driver
