// lsp_fuzz.cpp: any bytes as what an editor sends: through the reader of messages, whole and in pieces, which must find
// the same messages; and through the server, whose every answer must be JSON.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "lsp/server.h"
#include "support/memory_world.h"

namespace {

using namespace sbpc;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// "message BODY", "too_large", "malformed", one after the other, of pieces of that size.
std::vector<std::string> frames_of(std::string_view bytes, size_t piece) {
  lsp::Framer framer;
  std::vector<std::string> frames;
  while (true) {
    framer.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (auto frame = framer.next())
      frames.push_back(std::to_string(static_cast<int>(frame->kind)) + " " + frame->body);
    if (bytes.empty()) return frames;
  }
}

void drive(std::string_view bytes) {
  test::MemoryWorld world;
  world.files["/lib.sb"] = "group reading = { read, pread64 };\n";
  lsp::Server server(world, "0");
  lsp::Framer framer;
  framer.feed(bytes);
  while (auto frame = framer.next()) server.receive(std::move(*frame));
  while (server.has_work()) {
    server.step();
    while (auto job = server.take_job()) {
      lsp::run_job(
          world, *job, [] { return true; }, [&](lsp::Checked checked) { server.finish(std::move(checked)); });
    }
    while (auto test = server.take_test()) {
      lsp::run_test_job(
          world, *test, [] { return true; }, [&](lsp::TestDone done) { server.finish(std::move(done)); });
    }
    for (const std::string& body : server.take_output())
      require(lsp::parse_json(body).has_value(), "an answer is no JSON");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = frames_of(bytes, bytes.size() + 1);
  require(frames_of(bytes, 1) == whole, "messages that come byte by byte are others");
  require(frames_of(bytes, 7) == whole, "messages that come in pieces are others");
  drive(bytes);
  return 0;
}
