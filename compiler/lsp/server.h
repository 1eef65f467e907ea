// server.h: the protocol's state machine: messages in, messages out, and jobs for another thread. Knows no streams and
// no threads, so that tests and the fuzzer drive it as they like.
//
//   server.receive(frame)          as many as have come; a cancelled request is never begun
//   while (server.has_work()) server.step();
//   server.take_output()           to be sent
//   server.take_job() ... server.finish(checked), server.take_test() ... server.finish(done)
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "lsp/framing.h"
#include "lsp/workspace.h"

namespace sbpc::lsp {

class Server {
 public:
  // `version` is sbpc's.
  Server(World& world, std::string version);

  void receive(Frame frame);
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool has_work() const { return !queue_.empty(); }
  void step();
  // Bodies of messages, in their order.
  [[nodiscard]] std::vector<std::string> take_output();

  // The next file to check, if one waits. One job at a time.
  [[nodiscard]] std::optional<Job> take_job();
  // Whether the job taken last is of texts that have changed since.
  [[nodiscard]] bool job_is_stale() const;
  void finish(Checked checked);
  // The same of tests that clients ask for; stale is one for which nobody waits any more.
  [[nodiscard]] std::optional<TestJob> take_test();
  [[nodiscard]] bool test_is_stale() const;
  void finish(TestDone done);

  // After `exit`: what the process answers.
  [[nodiscard]] std::optional<int> exit_code() const { return exit_code_; }

 private:
  enum class State : uint8_t { fresh, running, shut_down };
  struct Message {
    Json json;
    bool cancelled = false;
  };
  // A request whose answer waits for a check.
  struct Waiting {
    Answer (*handler)(Workspace&, const Json&);
    Json id;
    Json params;
  };
  void cancel(const Json& params);
  void handle(const Json& message);
  void handle_request(const std::string& method, const Json& id, const Json& params);
  void handle_notification(const std::string& method, const Json& params);
  void answer(Waiting request);
  void answer_waiting();
  Answer initialize(const Json& params);
  void respond(const Json& id, const Answer& answer);
  [[nodiscard]] bool is_waited_for(const AskedTest& test) const;

  Workspace workspace_;
  std::string version_;
  State state_ = State::fresh;
  std::deque<Message> queue_;
  std::vector<Waiting> waiting_;
  std::string job_;        // the root of the last one
  uint64_t test_job_ = 0;  // the number of the last one
  std::vector<std::string> output_;
  std::optional<int> exit_code_;
};

}  // namespace sbpc::lsp
