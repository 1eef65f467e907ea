#include "agree/product.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bpf/encode.h"

namespace sbpc::agree {
namespace {

struct Scratch {
  Scratch() {
    char name[] = "/tmp/sbpc-agree-XXXXXX";
    path = mkdtemp(name);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

std::string quoted(const std::string& word) {
  std::string result = "'";
  for (char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

bpf::Insns read_program(const std::string& path, bool big_endian) {
  std::ifstream file(path, std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  auto insns = bpf::decode(bytes, big_endian);
  EXPECT_TRUE(insns) << (insns ? "" : insns.error().text);
  return insns ? *insns : bpf::Insns{};
}

}  // namespace

Run run_sbpc(const std::vector<std::string>& arguments) {
  std::string command = quoted(SBPC_BINARY);
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  Run run;
  if (!pipe) return run;
  char buffer[4096];
  while (size_t got = fread(buffer, 1, sizeof buffer, pipe)) run.output.append(buffer, got);
  int status = pclose(pipe);
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

const std::string& scratch_directory() {
  static const Scratch scratch;
  return scratch.path;
}

bpf::Insns compile(const std::string& policy, const std::vector<std::string>& arguments, bool big_endian) {
  std::string output = scratch_directory() + "/out.bpf";
  std::vector<std::string> all = arguments;
  all.insert(all.end(), {policy, "-o", output});
  Run run = run_sbpc(all);
  EXPECT_EQ(run.status, 0) << run.output;
  return run.status == 0 ? read_program(output, big_endian) : bpf::Insns{};
}

bpf::Insns compile_text(const std::string& text, const std::vector<std::string>& arguments, bool big_endian) {
  std::string path = scratch_directory() + "/policy.sb";
  std::ofstream(path) << text;
  return compile(path, arguments, big_endian);
}

}  // namespace sbpc::agree
