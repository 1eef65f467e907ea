#include "lsp/server.h"

#include <gtest/gtest.h>

#include "base/message_limits.h"
#include "support/memory_world.h"

namespace sbpc::lsp {
namespace {

struct Session {
  test::MemoryWorld world;
  Server server{world, "0"};
  bool checks = true;

  Session() { send(R"({"id": 0, "method": "initialize", "params": {"capabilities": {}}})"); }

  // The answers and notifications that the message causes.
  std::vector<Json> send(const std::string& body) {
    server.receive({Frame::Kind::message, body});
    return work();
  }
  std::vector<Json> work() {
    while (server.has_work()) server.step();
    while (auto job = checks ? server.take_job() : std::nullopt) {
      run_job(
          world, *job, [] { return true; }, [&](Checked checked) { server.finish(std::move(checked)); });
    }
    std::vector<Json> messages;
    for (const std::string& each : server.take_output()) messages.push_back(*parse_json(each));
    return messages;
  }
  std::vector<Json> open(const std::string& uri, const std::string& text) {
    return send(dump({{"method", "textDocument/didOpen"},
                      {"params", {{"textDocument", {{"uri", uri}, {"version", 1}, {"text", text}}}}}}));
  }
};

size_t count(const std::vector<Json>& messages, std::string_view method) {
  size_t found = 0;
  for (const Json& message : messages) found += text_at(find(message, "method")) == method ? 1 : 0;
  return found;
}

TEST(Server, DiagnosticsOfAFileAndOfWhoImportsIt) {
  Session session;
  session.world.files["/lib.sb"] = "group reading = { read };\n";
  auto messages = session.open(
      "file:///p.sb",
      "import \"lib.sb\";\npolicy p on x86_64 { kernel 6.12; default allow; errno(EPERM) @lib.reading; }\n");
  ASSERT_EQ(count(messages, "textDocument/publishDiagnostics"), 1U);
  EXPECT_TRUE(messages[0]["params"]["diagnostics"].empty()) << messages[0];
  // Opened with other contents it is read as it is in the editor.
  messages = session.open("file:///lib.sb", "group readers = { read };\n");
  ASSERT_EQ(count(messages, "textDocument/publishDiagnostics"), 2U);
  EXPECT_EQ(messages[1]["params"]["uri"], "file:///p.sb");
  EXPECT_EQ(messages[1]["params"]["diagnostics"].size(), 1U);
}

TEST(Server, AnImportThatVanishesIsReportedAndComesBack) {
  Session session;
  session.world.files["/lib.sb"] = "group reading = { read };\n";
  session.open("file:///p.sb",
               "import \"lib.sb\";\npolicy p on x86_64 { kernel 6.12; default allow; errno(EPERM) @lib.reading; }\n");
  const std::string text = session.world.files["/lib.sb"];
  session.world.files.erase("/lib.sb");
  const std::string changed =
      R"({"method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": "file:///lib.sb", "type": 3}]}})";
  auto messages = session.send(changed);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0]["params"]["diagnostics"].size(), 1U);
  session.world.files["/lib.sb"] = text;
  messages = session.send(changed);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0]["params"]["diagnostics"].empty());
}

// ---- tests that editors ask for ----

constexpr std::string_view kTested =
    "policy p on x86_64 { kernel 6.12; default allow; errno(EPERM) read; }\ntest \"t\" for p { expect allow write; }\n";

std::string run_test(int id) {
  return dump({{"id", id},
               {"method", "workspace/executeCommand"},
               {"params", {{"command", "sbpc.runTest"}, {"arguments", {"file:///p.sb", "t"}}}}});
}

// The answer to a request among messages; null if there is none.
Json answer_to(const std::vector<Json>& messages, int id) {
  for (const Json& message : messages) {
    const Json* given = find(message, "id");
    if (given != nullptr && *given == id && find(message, "method") == nullptr) return message;
  }
  return {};
}

TEST(Server, ATestRunsBesideOtherRequests) {
  Session session;
  session.open("file:///p.sb", std::string(kTested));
  EXPECT_TRUE(session.send(run_test(7)).empty());
  const auto test = session.server.take_test();
  ASSERT_TRUE(test.has_value());
  EXPECT_EQ(test->title, "t");
  EXPECT_FALSE(session.server.take_test().has_value()) << "one at a time";
  EXPECT_FALSE(session.server.test_is_stale());
  const std::string hover =
      R"({"id": 8, "method": "textDocument/hover", "params": {"textDocument": {"uri": "file:///p.sb"}, "position": {"line": 0, "character": 70}}})";
  EXPECT_FALSE(answer_to(session.send(hover), 8).is_null());
  session.server.finish(TestDone{test->number, false, true, true, "passed"});
  const auto messages = session.work();
  EXPECT_EQ(answer_to(messages, 7)["result"]["passed"], true);
  EXPECT_EQ(count(messages, "window/showMessage"), 1U);
  EXPECT_FALSE(session.server.take_test().has_value());
}

TEST(Server, ATestThatNobodyWaitsForIsStopped) {
  Session session;
  session.open("file:///p.sb", std::string(kTested));
  session.send(run_test(7));
  auto test = session.server.take_test();
  ASSERT_TRUE(test.has_value());
  const auto messages = session.send(R"({"method": "$/cancelRequest", "params": {"id": 7}})");
  EXPECT_EQ(answer_to(messages, 7)["error"]["code"], -32800);
  EXPECT_TRUE(session.server.test_is_stale());
  EXPECT_FALSE(session.server.take_test().has_value());
  session.server.finish(TestDone{test->number, false, true, true, "too late"});
  EXPECT_TRUE(session.work().empty());
  session.send(run_test(9));  // and can be asked for again
  const auto again = session.server.take_test();
  ASSERT_TRUE(again.has_value());
  EXPECT_NE(again->number, test->number);
  session.send(R"({"method": "textDocument/didClose", "params": {"textDocument": {"uri": "file:///p.sb"}}})");
  EXPECT_TRUE(session.server.test_is_stale());
}

std::string edit(const std::string& text) {
  return dump({{"method", "textDocument/didChange"},
               {"params",
                {{"textDocument", {{"uri", "file:///p.sb"}, {"version", 2}}},
                 {"contentChanges", Json::array({{{"text", text}}})}}}});
}

// However many ask, and whichever of them are cancelled: the answer is of the text as it is now.
TEST(Server, ATestThatAnEditOvertakesRunsAgain) {
  Session session;
  session.open("file:///p.sb", std::string(kTested));
  session.send(run_test(7));
  const auto before = session.server.take_test();
  ASSERT_TRUE(before.has_value());
  session.send(edit(std::string(kTested) + "// edited\n"));
  EXPECT_TRUE(session.server.test_is_stale());
  session.send(run_test(8));
  session.send(R"({"method": "$/cancelRequest", "params": {"id": 7}})");
  session.server.finish(TestDone{before->number, false, true, true, "before"});
  EXPECT_TRUE(session.work().empty());
  const auto after = session.server.take_test();
  ASSERT_TRUE(after.has_value());
  EXPECT_FALSE(session.server.test_is_stale());
  session.server.finish(TestDone{before->number, false, true, true, "before"});
  EXPECT_TRUE(session.work().empty());
  session.server.finish(TestDone{after->number, false, true, false, "after"});
  EXPECT_EQ(answer_to(session.work(), 8)["result"]["report"], "after");
}

// Nobody has told the server of it.
TEST(Server, ATestThatReadAFileWhichChangedRunsAgain) {
  Session session;
  session.world.files["/lib.sb"] = "";
  session.open("file:///p.sb", std::string(kTested));
  session.send(run_test(7));
  auto test = session.server.take_test();
  ASSERT_TRUE(test.has_value());
  const std::vector<Dependency> read = {{"/lib.sb", stamp_of(Documents(), session.world, "/lib.sb")}};
  session.world.files.clear();
  session.server.finish(TestDone{test->number, false, true, true, "before", read});
  EXPECT_TRUE(session.work().empty());
  const auto again = session.server.take_test();
  ASSERT_TRUE(again.has_value());
  session.server.finish(TestDone{again->number, false, true, true, "after", {}});
  EXPECT_EQ(answer_to(session.work(), 7)["result"]["report"], "after");
}

std::string pull(int id) {
  return dump(
      {{"id", id}, {"method", "textDocument/diagnostic"}, {"params", {{"textDocument", {{"uri", "file:///p.sb"}}}}}});
}

// A check that runs is not one that has ended.
TEST(Server, PulledDiagnosticsWaitForTheCheckThatRuns) {
  Session session;
  session.world.files["/lib.sb"] = "group reading = { read };\n";
  session.open("file:///p.sb",
               "import \"lib.sb\";\npolicy p on x86_64 { kernel 6.12; default allow; errno(EPERM) @lib.reading; }\n");
  EXPECT_TRUE(answer_to(session.send(pull(7)), 7)["result"]["items"].empty());
  session.checks = false;
  session.world.files["/lib.sb"] = "group readers = { read };\n";
  session.send(
      R"({"method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": "file:///lib.sb", "type": 2}]}})");
  auto job = session.server.take_job();
  ASSERT_TRUE(job.has_value());
  EXPECT_TRUE(answer_to(session.send(pull(8)), 8).is_null());
  run_job(
      session.world, *job, [] { return true; }, [&](Checked checked) { session.server.finish(std::move(checked)); });
  EXPECT_EQ(answer_to(session.work(), 8)["result"]["items"].size(), 1U);
}

// What is imported is known only when the first check has ended.
TEST(Server, ACheckThatReadAFileWhichChangedIsMadeAgain) {
  Session session;
  session.open("file:///p.sb", "policy p on x86_64 { kernel 6.12; default allow; }\n");
  session.checks = false;
  session.world.files["/lib.sb"] = "group readers = { read };\n";
  session.send(
      edit("import \"lib.sb\";\npolicy p on x86_64 { kernel 6.12; default allow; errno(EPERM) @lib.reading; }\n"));
  const auto check = [&](const std::string& meanwhile, bool is_told) {
    auto job = session.server.take_job();
    ASSERT_TRUE(job.has_value());
    std::vector<Checked> found;
    run_job(
        session.world, *job, [] { return true; }, [&](Checked checked) { found.push_back(std::move(checked)); });
    session.world.files["/lib.sb"] = meanwhile;
    if (is_told)
      session.send(
          R"({"method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": "file:///lib.sb", "type": 2}]}})");
    for (Checked& each : found) session.server.finish(std::move(each));
  };
  check("group reading = { read };\n", true);
  EXPECT_EQ(count(session.work(), "textDocument/publishDiagnostics"), 0U);
  check("group reading = { read };\n", false);
  auto messages = session.work();
  ASSERT_EQ(count(messages, "textDocument/publishDiagnostics"), 1U);
  EXPECT_TRUE(messages[0]["params"]["diagnostics"].empty()) << messages[0];
  // Of one that never stands still, and of which nobody tells, something is said all the same.
  session.send(
      edit("import \"lib.sb\";\npolicy p on x86_64 { kernel 6.12; default allow; errno(EACCES) @lib.reading; }\n"));
  check("group a = { read };\n", false);
  check("group b = { read };\n", false);
  EXPECT_EQ(count(session.work(), "textDocument/publishDiagnostics"), 1U);
}

// Of the text as it was when the file was there; after an edit only of what is there.
TEST(Server, WhatAVanishedImportDeclaredIsStillKnown) {
  Session session;
  session.world.files["/lib.sb"] = "/// of files\ngroup reading = { read, pread64 };\n";
  const std::string text =
      "import \"lib.sb\";\npolicy p on x86_64 { kernel 6.12; default allow; errno(EPERM) @lib.reading; }\n";
  session.open("file:///p.sb", text);
  const auto at = static_cast<int>(text.find("reading") - text.find('\n'));
  int id = 10;
  const auto hovered = [&] {
    const Json place = {{"line", 1}, {"character", at}};
    const Json params = {{"textDocument", {{"uri", "file:///p.sb"}}}, {"position", place}};
    const int own = ++id;
    const auto messages = session.send(dump({{"id", own}, {"method", "textDocument/hover"}, {"params", params}}));
    return dump(answer_to(messages, own));
  };
  const std::string there = hovered();
  EXPECT_NE(there.find("2 calls: "), std::string::npos) << there;
  session.world.files.erase("/lib.sb");
  session.send(
      R"({"method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": "file:///lib.sb", "type": 3}]}})");
  EXPECT_NE(hovered().find("2 calls: "), std::string::npos);
  EXPECT_NE(hovered().find("2 calls: "), std::string::npos) << "asked again";
  const Json rename = {{"id", 90},
                       {"method", "textDocument/rename"},
                       {"params",
                        {{"textDocument", {{"uri", "file:///p.sb"}}},
                         {"position", {{"line", 1}, {"character", at}}},
                         {"newName", "other"}}}};
  EXPECT_FALSE(answer_to(session.send(dump(rename)), 90)["error"].is_null()) << "what changes files is asked of them";
  session.world.files["/lib.sb"] = "group reading = { read };\n";
  session.send(
      R"({"method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": "file:///lib.sb", "type": 1}]}})");
  EXPECT_NE(hovered().find("1 call: "), std::string::npos);
}

TEST(Server, IsFullBeforeItsQueueGrowsWithoutEnd) {
  Session session;
  for (size_t i = 0; i < limits::kQueuedMessages; ++i) {
    EXPECT_FALSE(session.server.is_full());
    session.server.receive({Frame::Kind::message, R"({"method": "initialized"})"});
  }
  EXPECT_TRUE(session.server.is_full());
  session.work();
  EXPECT_FALSE(session.server.is_full());
}

TEST(Server, TooManyDocumentsAreRefusedWithAWord) {
  Session session;
  session.checks = false;
  for (size_t i = 0; i < limits::kOpenDocuments; ++i) {
    EXPECT_EQ(count(session.open("untitled:" + std::to_string(i), ""), "window/showMessage"), 0U);
  }
  EXPECT_EQ(count(session.open("untitled:one more", ""), "window/showMessage"), 1U);
  EXPECT_EQ(count(session.open("untitled:7", ""), "window/showMessage"), 0U);  // the same again
}

TEST(Documents, TooMuchTextIsRefusedAndMakesRoomWhenClosed) {
  Documents documents;
  const std::string text(limits::kOpenBytes / 2, ' ');
  const auto open = [&](const std::string& path) { return documents.open(path, {path, 1, 0, text, {}}); };
  EXPECT_TRUE(open("a"));
  EXPECT_TRUE(open("b"));
  EXPECT_TRUE(open("b"));  // in its own place
  EXPECT_FALSE(open("c"));
  EXPECT_FALSE(documents.change("a", {{"text", text + text}}, Encoding::utf8));
  documents.close("a");
  EXPECT_TRUE(open("c"));
}

TEST(Server, AnswersStayWhileTheTextIsNoPolicy) {
  Session session;
  session.open("file:///p.sb", "policy p on x86_64 { kernel 6.12; default allow; }\n");
  const auto outline = [&] {
    return session
        .send(
            R"({"id": 1, "method": "textDocument/documentSymbol", "params": {"textDocument": {"uri": "file:///p.sb"}}})")
        .back()["result"];
  };
  ASSERT_EQ(outline().size(), 1U);
  session.send(
      R"({"method": "textDocument/didChange", "params": {"textDocument": {"uri": "file:///p.sb", "version": 2}, "contentChanges": [{"text": "\u0000"}]}})");
  EXPECT_EQ(outline().size(), 1U);
  EXPECT_EQ(outline()[0]["name"], "p");
}

TEST(Server, AnswersStayWhenNobodyHadAskedYet) {
  Session session;
  session.open("file:///p.sb", "policy p on x86_64 { kernel 6.12; default allow; }\n");
  session.send(edit(std::string("policy p on x86_64 { kernel 6.12; default allow; \0}\n", 49)));
  const Json params = {{"textDocument", {{"uri", "file:///p.sb"}}}, {"position", {{"line", 0}, {"character", 14}}}};
  const auto messages = session.send(dump({{"id", 5}, {"method", "textDocument/hover"}, {"params", params}}));
  EXPECT_NE(dump(answer_to(messages, 5)).find("x86_64"), std::string::npos);
}

TEST(Server, ReferencesReachFilesThatAreNotOpen) {
  Session session;
  session.send(
      R"({"method": "workspace/didChangeWorkspaceFolders", "params": {"event": {"added": [{"uri": "file:///"}], "removed": []}}})");
  session.world.files["/user.sb"] = "import \"lib.sb\";\ngroup more = { @lib.reading };\n";
  session.open("file:///lib.sb", "group reading = { read };\n");
  const auto answer = session.send(
      R"({"id": 1, "method": "textDocument/references", "params": {"textDocument": {"uri": "file:///lib.sb"}, "position": {"line": 0, "character": 8}}})");
  EXPECT_EQ(answer.back()["result"].size(), 2U) << answer.back();
}

}  // namespace
}  // namespace sbpc::lsp
