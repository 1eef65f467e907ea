#include "driver/dependencies.h"

#include <algorithm>
#include <string_view>

namespace sbpc::driver {
namespace {

// As gcc writes names and ninja's depfile parser (src/depfile_parser.in.cc) and make read them.
std::string escaped(std::string_view name) {
  std::string out;
  for (size_t at = 0; at < name.size(); ++at) {
    if (name[at] == ' ' || name[at] == '\t') {
      // Backslashes before a blank would be taken for its escape.
      for (size_t before = at; before > 0 && name[before - 1] == '\\'; --before) out += '\\';
      out += '\\';
    } else if (name[at] == '#') {
      out += '\\';
    } else if (name[at] == '$') {
      out += '$';
    }
    out += name[at];
  }
  return out;
}

}  // namespace

std::string dependency_path(const Options& options, std::span<const std::string> outputs) {
  if (!options.depend_file.empty()) return options.depend_file;
  if (outputs.empty()) return {};
  const std::string& path = outputs.front();
  const size_t slash = path.rfind('/');
  const size_t dot = path.rfind('.');
  const size_t name = slash == std::string::npos ? 0 : slash + 1;
  return (dot == std::string::npos || dot <= name ? path : path.substr(0, dot)) + ".d";
}

std::string dependency_rule(std::span<const std::string> targets, std::span<const std::string> files) {
  std::string rule;
  for (const std::string& target : targets) rule += (rule.empty() ? "" : " ") + escaped(target);
  rule += ':';
  for (auto file = files.begin(); file != files.end(); ++file) {
    if (std::find(files.begin(), file, *file) == file) rule += " \\\n  " + escaped(*file);
  }
  return rule + '\n';
}

}  // namespace sbpc::driver
