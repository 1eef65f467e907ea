// files.h: reading and writing. Nothing else in the compiler touches a file descriptor.
//
// Writing is all or nothing: Outputs writes every file beside its final place and renames them when all are complete,
// so a failed compile leaves no output and an old one untouched. Tested in test/unit/driver/files_test.cpp and
// test/cli/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "diag/sink.h"

namespace sbpc::driver {

// Pipes and devices may never end, or never begin: only a person names them.
enum class FileKinds : uint8_t { all, regular };

// A file's text, or why there is none ("it is a directory", "No such file or directory"). `-` is standard input, the
// same each time. Reads at most `limit` + 1 bytes, whatever the file or pipe holds: who gets more than `limit` has met
// a file that is too large.
[[nodiscard]] tl::expected<std::string, std::string> read_file(const std::string& path, size_t limit,
                                                               FileKinds kinds = FileKinds::all);

[[nodiscard]] bool is_directory(const std::string& path);

// The files of a directory whose names end in `suffix`, by name; hidden ones are none. At most `limit`, or why not.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> list_files(const std::string& directory,
                                                                             std::string_view suffix, size_t limit);

// Whether what `path` names, symbolic links followed, lies in the folder of `file` or below it; of what does not exist,
// true.
[[nodiscard]] bool is_below(const std::string& path, const std::string& file);

// Whether two paths name the same existing file.
[[nodiscard]] bool same_file(const std::string& a, const std::string& b);

class Outputs {
 public:
  Outputs() = default;
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;
  ~Outputs();  // what was not committed is removed

  // `-` is standard output; binary content is refused there if it is a terminal. `path` may also name a device, a pipe
  // or an open file (/dev/stdout, /dev/fd/3), which is written where it stands.
  void add(std::string path, std::string content, bool binary);
  // The path of an output that is the same file as one before it. Standard output, devices and pipes may be given
  // repeatedly.
  [[nodiscard]] std::optional<std::string> collision() const;
  // Where the outputs go that are files, as named.
  [[nodiscard]] std::vector<std::string> paths() const;
  // Writes everything. Reports CannotWrite and BinaryToTerminal; then nothing was renamed.
  [[nodiscard]] bool commit(diag::Sink& sink);

 private:
  struct Output {
    std::string path;  // as named
    std::string content;
    bool binary = false;
    std::optional<int> descriptor;  // that the path stands for
    std::string final_path;         // symbolic links followed, also to what is not there yet
    std::string temporary;          // not empty: written, waits to be renamed
  };
  bool find_places(diag::Sink& sink);
  static bool prepare(Output& output, diag::Sink& sink);
  static bool write_stream(const Output& output, diag::Sink& sink);
  std::vector<Output> outputs_;
};

// All of `content` to standard output, straight through the kernel. False: errno says why. Commands call `print`
// (session.h).
bool write_stdout(std::string_view content);
bool write_stderr(std::string_view content);

}  // namespace sbpc::driver
