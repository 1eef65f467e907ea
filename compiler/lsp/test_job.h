// test_job.h: tests that editors ask for, run on another thread while the server goes on.
//
//   TestJob (texts as they are now)  ->  TestDone: whether it passed, and the report
// Tested by test/unit/lsp/server_test.cpp and test/lsp/lenses.test.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lsp/overlay.h"

namespace sbpc::lsp {

struct TestJob {
  uint64_t number;
  std::string root;
  std::string title;
  Overlay texts;
};

struct TestDone {
  uint64_t number = 0;
  bool has_errors = false;  // the file has: nothing was run
  bool is_there = false;    // a test of that title
  bool passed = false;
  std::string report;
  std::vector<Dependency> dependencies = {};
};

// What a client waits for.
struct AskedTest {
  std::string path;
  std::string title;
  uint64_t number = 0;  // of the job; 0: it has not begun
  uint64_t change = 0;  // Workspace::change_of the path when it began
  std::optional<TestDone> done;
};

// Calls `done` once; not at all after `go_on` has said no.
void run_test_job(const World& world, TestJob& job, const std::function<bool()>& go_on,
                  const std::function<void(TestDone)>& done);

}  // namespace sbpc::lsp
