#include "driver/run_command.h"

#include <ctype.h>
#include <errno.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "driver/run_child.h"

namespace sbpc::driver {
namespace {

FoundCommand look_at(std::string path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) {
    const int reason = errno;
    return {std::move(path), reason == ENOENT || reason == ENOTDIR ? kExitNotFound : kExitNotExecutable, reason};
  }
  if (S_ISDIR(facts.st_mode)) return {std::move(path), kExitNotExecutable, EISDIR};
  if (access(path.c_str(), X_OK) != 0) {
    const int reason = errno;
    return {std::move(path), kExitNotExecutable, reason};
  }
  return {std::move(path), 0, 0};
}

const char* advice_for(int reason, bool is_there) {
  if (reason == EACCES && is_there) return ": make it executable with `chmod +x`";
  if (reason == ENOEXEC) return ": a script needs a first line such as `#!/bin/sh`";
  if (reason == ENOENT && is_there) return ": the interpreter of its `#!` line or its ELF loader is missing";
  return "";
}

}  // namespace

FoundCommand find_command(const std::string& name) {
  if (name.find('/') != std::string::npos) return look_at(name);
  const char* variable = getenv("PATH");
  std::string_view folders = variable != nullptr ? variable : "/bin:/usr/bin";
  FoundCommand best{name, kExitNotFound, 0};
  while (!name.empty()) {
    const size_t colon = folders.find(':');
    const std::string_view folder = folders.substr(0, colon);
    FoundCommand found = look_at(fmt::format("{}/{}", folder.empty() ? "." : folder, name));
    if (found.exit_code == 0) return found;
    const bool unusable_file = found.exit_code == kExitNotExecutable && found.reason == EACCES;
    if (unusable_file && best.exit_code == kExitNotFound) best = std::move(found);
    if (colon == std::string_view::npos) break;
    folders.remove_prefix(colon + 1);
  }
  return best;
}

std::string why_not_run(const FoundCommand& found) {
  if (found.reason == 0) return fmt::format("cannot run `{}`: it is in no folder of PATH", found.path);
  const bool is_there = access(found.path.c_str(), F_OK) == 0;
  std::string words = strerror(found.reason);
  words[0] = to_lower(words[0]);
  return fmt::format("cannot run `{}`: {}{}", found.path, words, advice_for(found.reason, is_there));
}

}  // namespace sbpc::driver
