#include "driver/lsp_world.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/limits.h"
#include "diag/kinds/command_line.def"
#include "driver/check_file.h"
#include "driver/compile.h"
#include "driver/files.h"
#include "driver/help.h"
#include "driver/outcome.h"
#include "driver/report.h"
#include "driver/test_run.h"

namespace sbpc::driver {
namespace {

struct Entry {
  std::string name;
  bool is_directory;
};

// Without what begins with a dot, sorted; empty if it can't be read. A link is not followed: a circle would have no
// end.
std::vector<Entry> entries_of(const std::string& directory) {
  std::vector<Entry> entries;
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return entries;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string name = entry->d_name;
    if (name.starts_with('.')) continue;
    struct stat status {};
    if (::lstat((directory + "/" + name).c_str(), &status) != 0) continue;
    entries.push_back({name, S_ISDIR(status.st_mode)});
  }
  ::closedir(stream);
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

constexpr int kFolderDepth = 12;
constexpr size_t kFolders = 4096;  // looked into, at most: a workspace may be somebody's home

class Search {
 public:
  explicit Search(size_t limit) : limit_(limit) {}
  void below(const std::string& directory, int depth) {
    if (depth > kFolderDepth || ++folders_ > kFolders) {
      found.are_all = false;
      return;
    }
    for (const Entry& entry : entries_of(directory)) {
      const std::string path = (directory == "/" ? "" : directory) + "/" + entry.name;
      if (entry.is_directory && entry.name != "node_modules") below(path, depth + 1);
      if (entry.is_directory || !entry.name.ends_with(".sb")) continue;
      if (found.paths.size() >= limit_) {
        found.are_all = false;
        return;
      }
      found.paths.push_back(path);
    }
  }
  lsp::PolicyFiles found;

 private:
  size_t limit_;
  size_t folders_ = 0;
};

bool make_folders(const std::string& path) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    if (::mkdir(path.substr(0, slash).c_str(), 0700) != 0 && errno != EEXIST) return false;
    if (slash == std::string::npos) return true;
  }
}

}  // namespace

LspWorld::LspWorld(const Session& session)
    : started_with_(session.arguments),
      set_(std::make_shared<const Set>(Set{session.options, session.messages})),
      disk_({}) {}

std::shared_ptr<const LspWorld::Set> LspWorld::set() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

// Editors know one list of arguments for every compile: what does not concern checks is allowed, and nothing here.
std::string LspWorld::configure(const std::vector<std::string>& words) {
  std::vector<std::string> line = {std::string(info(Command::compile).name)};
  line.insert(line.end(), words.begin(), words.end());
  diag::Sink sink;
  if (const auto given = parse_arguments(line, sink)) {
    if (!given->rest.empty()) sink.report(diag::kinds::ExtraArgument, {}, given->rest.front());
    Arguments all = started_with_;
    for (const OptionInfo& row : driver::options()) {
      const auto at = static_cast<size_t>(row.option);
      const auto& more = given->values[at];
      if (row.taken_by(Command::lsp)) all.values[at].insert(all.values[at].end(), more.begin(), more.end());
    }
    const MessageOptions messages = message_options(all, sink);
    Result<Options> options = failed();
    if (!sink.has_errors()) options = make_options(all, sink);
    if (options && !sink.has_errors()) {
      const std::lock_guard lock(mutex_);
      set_ = std::make_shared<const Set>(Set{*options, messages});
    }
  }
  return sink.has_errors() ? sink.diagnostics().front().message : std::string();
}

// Only regular files: an editor that names a pipe or a terminal must not stop the server.
tl::expected<std::string, std::string> LspWorld::read(const std::string& path) const {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return tl::unexpected(std::string("it is no regular file"));
  return read_file(path, limits::kSourceBytes, FileKinds::regular);
}

sema::Options LspWorld::options() const { return sema_options(set()->options); }

uint64_t LspWorld::stamp(const std::string& path) const {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return 0;
  uint64_t stamp = 1;
  for (const uint64_t part : {static_cast<uint64_t>(status.st_mtim.tv_sec),
                              static_cast<uint64_t>(status.st_mtim.tv_nsec), static_cast<uint64_t>(status.st_size),
                              static_cast<uint64_t>(status.st_ino), static_cast<uint64_t>(status.st_dev)}) {
    stamp = (stamp ^ part) * 0x9E3779B97F4A7C15U;
  }
  return (stamp >> 1U) | 1U;  // never 0, and twice as much still fits
}

lsp::PolicyFiles LspWorld::policy_files(const std::string& directory, size_t limit) const {
  Search search(limit);
  search.below(directory, 0);
  return search.found;
}

std::vector<std::string> LspWorld::neighbours(const std::string& directory) const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_of(directory)) {
    if (entry.is_directory) names.push_back(entry.name + "/");
    if (!entry.is_directory && entry.name.ends_with(".sb")) names.push_back(entry.name);
  }
  return names;
}

// In the user's cache, once for each version of its text.
std::string LspWorld::standard_module_file(std::string_view name) const {
  const auto text = standard_module(name);
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  std::string folder = cache != nullptr && cache[0] == '/' ? cache
                       : home != nullptr && home[0] == '/' ? std::string(home) + "/.cache"
                                                           : "";
  if (!text || folder.empty()) return {};
  folder += "/sbpc/" + std::string(version_number());
  const std::string path = folder + "/" + std::string(name) + ".sb";
  if (const auto there = read_file(path, limits::kSourceBytes, FileKinds::regular); there && *there == *text)
    return path;
  diag::Sink sink;
  Outputs outputs;
  outputs.add(path, std::string(*text), false);
  return make_folders(folder) && outputs.commit(sink) ? path : std::string();
}

bool LspWorld::check(const lsp::CheckRequest& request, diag::Sink& sink) const {
  static_cast<void>(check_file({request.sources, request.reader, request.root, request.go_on}, set()->options, sink));
  return request.go_on();
}

std::vector<output::Report> LspWorld::costs(const lsp::CheckRequest& request) const {
  diag::Sink sink;  // `check` has said everything
  Options options = set()->options;
  options.prove = false;
  std::vector<output::Report> reports;
  const auto hook = [&](Stage stage, Compiled& compiled) {
    if (stage == Stage::proved) reports.push_back(report_of(request.sources, options, compiled));
    return request.go_on();
  };
  compile_each({request.sources, request.reader, request.root}, options, sink, hook);
  return reports;
}

output::TestReport LspWorld::run_test(const lsp::CheckRequest& request, std::string_view title,
                                      diag::Sink& sink) const {
  Session session;
  session.options = set()->options;
  TestOptions options;
  options.wanted = [title](std::string_view each) { return each == title; };
  options.go_on = request.go_on;
  TestRun tests(session, std::move(options));
  tests.file(request.reader, request.root);
  sink = std::move(session.sink);
  request.sources = std::move(session.sources);
  return tests.finish();
}

}  // namespace sbpc::driver
