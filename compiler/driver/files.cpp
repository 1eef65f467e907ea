#include "driver/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/limits.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"

namespace sbpc::driver {
namespace {

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  // Closes now: some file systems report a full disk only here.
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return fd <= STDERR_FILENO || ::close(fd) == 0;
  }

 private:
  int fd_;
};

tl::unexpected<std::string> system_error() { return tl::unexpected(std::string(std::strerror(errno))); }

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// Reads to the end, or until `limit` + 1 bytes are there. `expected` is a guess of the size.
tl::expected<std::string, std::string> read_all(int fd, size_t expected, size_t limit) {
  std::string text;
  text.resize(std::min(expected, limit) + 1);  // one more, so that a file of the expected size ends in a short read
  size_t have = 0;
  while (have <= limit) {
    const ssize_t got = ::read(fd, text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error();
    if (got == 0) break;
    have += static_cast<size_t>(got);
    if (have == text.size()) text.resize(std::min(text.size() * 2, limit + 1));
  }
  text.resize(have);
  return text;
}

// Standard input ends once: who names `-` again, as the table of two policies that are compared, gets the same text.
tl::expected<std::string, std::string> read_stdin(size_t limit) {
  static std::optional<std::string> taken;
  if (taken) return taken->substr(0, limit + 1);
  constexpr size_t pipe_guess = 65536;
  auto text = read_all(STDIN_FILENO, pipe_guess, limit);
  if (text && text->size() <= std::min(limit, limits::kSourceBytes)) taken = *text;
  return text;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// A device or a pipe: what is written to it is not replaced but sent on.
bool is_stream(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

// The open file that a path stands for: `-` is standard output, and the kernel has names for all of them.
std::optional<int> descriptor_named(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const std::string_view number = path.substr(folder.size());
    int value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error == std::errc() && end == number.data() + number.size() && value >= 0) return value;
  }
  return std::nullopt;
}

// The file that a path names, symbolic links followed: also when it does not exist yet, as `>` of a shell does. Links
// that lead nowhere in the end are the path's own error. A stream is what it is called: the kernel's links to pipes can
// be opened, not followed.
tl::expected<std::string, std::string> followed(std::string path) {
  if (is_stream(path)) return path;
  constexpr int kMostLinks = 40;  // MAXSYMLINKS, include/linux/namei.h
  for (int links = 0; links <= kMostLinks; ++links) {
    char target[PATH_MAX];
    const ssize_t length = ::readlink(path.c_str(), target, sizeof target);
    if (length < 0) {
      char folder[PATH_MAX];
      if (::realpath(folder_of(path).c_str(), folder) == nullptr) return system_error();
      return std::string(folder) + "/" + path.substr(path.rfind('/') + 1);
    }
    const std::string next(target, static_cast<size_t>(length));
    path = next.starts_with('/') ? next : folder_of(path) + "/" + next;
  }
  errno = ELOOP;
  return system_error();
}

}  // namespace

tl::expected<std::string, std::string> read_file(const std::string& path, size_t limit, FileKinds kinds) {
  const bool any = kinds == FileKinds::all;
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (any ? 0 : O_NONBLOCK);  // opening a pipe waits for its writer
  Descriptor file(any && path == "-" ? STDIN_FILENO : ::open(path.c_str(), flags));
  if (file.get() < 0) return system_error();
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error();
  if (S_ISDIR(status.st_mode)) return tl::unexpected(std::string("it is a directory"));
  if (!any && !S_ISREG(status.st_mode)) return tl::unexpected(std::string("it is a pipe or a device"));
  if (any && path == "-") return read_stdin(limit);
  constexpr size_t pipe_guess = 65536;
  return read_all(file.get(), S_ISREG(status.st_mode) ? static_cast<size_t>(status.st_size) : pipe_guess, limit);
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

tl::expected<std::vector<std::string>, std::string> list_files(const std::string& directory, std::string_view suffix,
                                                               size_t limit) {
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return system_error();
  std::vector<std::string> found;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (!name.ends_with(suffix) || name.starts_with('.')) continue;
    found.push_back(directory + "/" + std::string(name));
    if (found.size() > limit) break;
  }
  ::closedir(stream);
  if (found.size() > limit) return tl::unexpected("it has more than " + std::to_string(limit) + " files");
  std::ranges::sort(found);
  return found;
}

bool is_below(const std::string& path, const std::string& file) {
  char place[PATH_MAX], folder[PATH_MAX];
  if (::realpath(path.c_str(), place) == nullptr) return true;
  if (::realpath(folder_of(file).c_str(), folder) == nullptr) return false;
  const std::string_view below(folder);
  return std::string_view(place).starts_with(below == "/" ? std::string(below) : std::string(below) + "/");
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat first {
  }, second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && S_ISREG(first.st_mode) &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

namespace {

// For mkostemp: a name of its own, not the output's with more behind it: that may have all the 255 bytes of NAME_MAX.
// Counted, because musl makes the letters of a clock: in a browser, whose clock stands still for a while, it made the
// same ones for each output of a compile.
std::string staged_pattern(const std::string& final_path) {
  static std::atomic<uint32_t> count = 0;
  const size_t name = final_path.rfind('/');
  return final_path.substr(0, name == std::string::npos ? 0 : name + 1) + ".sbpc." + std::to_string(count++) +
         ".XXXXXX";
}

}  // namespace

Outputs::~Outputs() {
  for (const Output& output : outputs_) {
    if (!output.temporary.empty()) ::unlink(output.temporary.c_str());
  }
}

std::vector<std::string> Outputs::paths() const {
  std::vector<std::string> paths;
  for (const Output& output : outputs_) {
    if (!output.descriptor) paths.push_back(output.path);
  }
  return paths;
}

void Outputs::add(std::string path, std::string content, bool binary) {
  const std::optional<int> descriptor = descriptor_named(path);
  outputs_.push_back({std::move(path), std::move(content), binary, descriptor, {}, {}});
}

bool Outputs::write_stream(const Output& output, diag::Sink& sink) {
  const bool standard = output.descriptor == STDOUT_FILENO;
  // An open file goes on where it is: other output may stand before it.
  Descriptor file(standard            ? STDOUT_FILENO
                  : output.descriptor ? ::fcntl(*output.descriptor, F_DUPFD_CLOEXEC, 0)
                                      : ::open(output.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() >= 0 && output.binary && ::isatty(file.get()) == 1) {
    sink.report(diag::kinds::BinaryToTerminal, {}).note("use `-o FILE`, or `-S` to read it");
    return false;
  }
  if (file.get() < 0 || !write_all(file.get(), output.content) || !file.close()) {
    sink.report(diag::kinds::CannotWrite, {}, standard ? std::string("<stdout>") : output.path, std::strerror(errno));
    return false;
  }
  return true;
}

// Writes the temporary file beside the final place; devices, pipes and standard output wait for commit.
bool Outputs::prepare(Output& output, diag::Sink& sink) {
  const auto cannot = [&](const char* why) {
    sink.report(diag::kinds::CannotWrite, {}, output.path, why);
    return false;
  };
  if (output.descriptor) return true;
  struct stat status {};
  const bool exists = ::stat(output.final_path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return cannot("it is a directory");
  if (exists && !S_ISREG(status.st_mode)) return true;
  if (exists && ::access(output.final_path.c_str(), W_OK) != 0) return cannot(std::strerror(errno));
  std::string temporary = staged_pattern(output.final_path);
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return cannot(std::strerror(errno));
  output.temporary = temporary;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  // Permissions as a plain create would give, or as the old file's; never executable.
  const mode_t mode = exists ? (status.st_mode & 0666U) : (0666U & ~mask);
  if (::fchmod(file.get(), mode) != 0 || !write_all(file.get(), output.content) || !file.close())
    return cannot(std::strerror(errno));
  return true;
}

std::optional<std::string> Outputs::collision() const {
  std::vector<std::string> taken;
  for (const Output& output : outputs_) {
    const auto place = followed(output.path);
    if (output.descriptor || !place || is_stream(*place)) continue;
    if (std::find(taken.begin(), taken.end(), *place) != taken.end()) return output.path;
    taken.push_back(*place);
  }
  return std::nullopt;
}

bool Outputs::find_places(diag::Sink& sink) {
  for (Output& output : outputs_) {
    if (output.descriptor) continue;
    auto place = followed(output.path);
    if (!place) {
      sink.report(diag::kinds::CannotWrite, {}, output.path, place.error());
      return false;
    }
    output.final_path = std::move(*place);
  }
  return true;
}

bool Outputs::commit(diag::Sink& sink) {
  if (!find_places(sink)) return false;
  for (Output& output : outputs_) {
    if (!prepare(output, sink)) return false;
  }
  for (const Output& output : outputs_) {
    if (output.temporary.empty() && !write_stream(output, sink)) return false;
  }
  for (Output& output : outputs_) {
    if (output.temporary.empty()) continue;
    if (::rename(output.temporary.c_str(), output.final_path.c_str()) != 0) {
      sink.report(diag::kinds::CannotWrite, {}, output.path, std::strerror(errno));
      return false;
    }
    output.temporary.clear();
  }
  return true;
}

bool write_stdout(std::string_view content) { return write_all(STDOUT_FILENO, content); }
bool write_stderr(std::string_view content) { return write_all(STDERR_FILENO, content); }

}  // namespace sbpc::driver
