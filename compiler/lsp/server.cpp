#include "lsp/server.h"

#include <algorithm>
#include <utility>

#include "base/message_limits.h"
#include "lsp/configuration.h"
#include "lsp/diagnostics.h"
#include "lsp/handlers.h"
#include "lsp/semantic_tokens.h"
#include "lsp/uri.h"

namespace sbpc::lsp {
namespace {

struct Request {
  std::string_view name;
  Answer (*handler)(Workspace&, const Json&);
};
struct Notification {
  std::string_view name;
  void (*handler)(Workspace&, const Json&);
};
constexpr Request kRequests[] = {
#define REQUEST(name, handler, capability, value) {name, handler},
#include "lsp/methods.def"
};
constexpr Notification kNotifications[] = {
#define NOTIFICATION(name, handler, capability, value) {name, handler},
#include "lsp/methods.def"
};

Json capabilities() {
  struct Row {
    std::string_view name;
    std::string_view value;
  };
  static constexpr Row rows[] = {
#define REQUEST(name, handler, capability, value) {capability, value},
#define NOTIFICATION(name, handler, capability, value) {capability, value},
#include "lsp/methods.def"
  };
  Json all = Json::object();
  for (const Row& row : rows) {
    if (!row.name.empty()) all[std::string(row.name)] = Json::parse(row.value);
  }
  all["semanticTokensProvider"]["legend"] = semantic_legend();
#define EXECUTABLE(name, handler) all["executeCommandProvider"]["commands"].push_back(name);
#include "lsp/commands.def"
  return all;
}

Client client_of(const Json& params) {
  const Json* can = find(params, "capabilities");
  if (can == nullptr) return {};
  Client client;
  client.snippets = true_at(find(*can, "textDocument", "completion", "completionItem", "snippetSupport"));
  client.lens_refresh = true_at(find(*can, "workspace", "codeLens", "refreshSupport"));
  client.hint_refresh = true_at(find(*can, "workspace", "inlayHint", "refreshSupport"));
  client.document_changes = true_at(find(*can, "workspace", "workspaceEdit", "documentChanges"));
  client.pulls_diagnostics = find(*can, "textDocument", "diagnostic") != nullptr;
  client.diagnostic_refresh = true_at(find(*can, "workspace", "diagnostics", "refreshSupport"));
  client.watches_files = true_at(find(*can, "workspace", "didChangeWatchedFiles", "dynamicRegistration"));
  client.code_action_literals = find(*can, "textDocument", "codeAction", "codeActionLiteralSupport") != nullptr;
  return client;
}

// The first that we know: clients write what they like best in front. Without any it is UTF-16.
Encoding encoding_of(const Json& params) {
  const Json* offered = find(params, "capabilities", "general", "positionEncodings");
  if (offered != nullptr && offered->is_array()) {
    for (const Json& each : *offered) {
      const auto encoding = each.is_string() ? find_encoding(each.get<std::string>()) : std::nullopt;
      if (encoding) return *encoding;
    }
  }
  return Encoding::utf16;
}

std::vector<std::string> folders_of(const Json& params) {
  std::vector<std::string> folders;
  const Json* given = find(params, "workspaceFolders");
  if (given != nullptr && given->is_array()) {
    for (const Json& each : *given) {
      if (const auto uri = text_at(find(each, "uri"))) folders.push_back(path_of(*uri));
    }
  } else if (const auto uri = text_at(find(params, "rootUri"))) {
    folders.push_back(path_of(*uri));
  }
  std::erase_if(folders, [](const std::string& path) { return !path.starts_with('/'); });
  return folders;
}

bool is_id(const Json& json) { return json.is_string() || json.is_number_integer(); }

}  // namespace

Server::Server(World& world, std::string version) : workspace_(world), version_(std::move(version)) {}

bool Server::is_full() const { return queue_.size() >= limits::kQueuedMessages; }

void Server::receive(Frame frame) {
  switch (frame.kind) {
    case Frame::Kind::too_large:
      respond(nullptr, error(ErrorCode::invalid_request, "the message is larger than " +
                                                             std::to_string(limits::kMessageBytes >> 20U) +
                                                             " MiB; it was skipped"));
      return;
    case Frame::Kind::malformed:
      respond(nullptr,
              error(ErrorCode::parse_error, "a message begins with `Content-Length: BYTES` and an empty line"));
      return;
    case Frame::Kind::message: break;
  }
  auto json = parse_json(frame.body);
  if (!json) {
    respond(nullptr, error(ErrorCode::parse_error, "the message is no JSON, or nested too deep"));
  } else if (!json->is_object()) {
    respond(nullptr, error(ErrorCode::invalid_request, "a message is one JSON object"));
  } else if (text_at(find(*json, "method")) == "$/cancelRequest") {
    cancel(*json);
  } else {
    queue_.push_back({std::move(*json)});
  }
}

// A request that has been answered already is nothing to cancel: the client knows that this may be.
void Server::cancel(const Json& message) {
  const Json* id = find(message, "params", "id");
  if (id == nullptr || !is_id(*id)) return;
  for (Message& waiting : queue_) {
    const Json* other = find(waiting.json, "id");
    if (other != nullptr && *other == *id && find(waiting.json, "method") != nullptr) waiting.cancelled = true;
  }
  const auto waits = std::ranges::find(waiting_, *id, &Waiting::id);
  if (waits == waiting_.end()) return;
  waiting_.erase(waits);
  respond(*id, error(ErrorCode::request_cancelled, "cancelled"));
}

void Server::step() {
  const Message message = std::move(queue_.front());
  queue_.pop_front();
  if (message.cancelled) {
    respond(message.json.at("id"), error(ErrorCode::request_cancelled, "cancelled"));
  } else {
    handle(message.json);
  }
}

void Server::handle(const Json& message) {
  static const Json nothing = Json::object();
  const Json* id = find(message, "id");
  const auto method = text_at(find(message, "method"));
  if (!method) {
    const bool is_answer = find(message, "result") != nullptr || find(message, "error") != nullptr;
    if (!is_answer)
      respond(id != nullptr && is_id(*id) ? *id : Json(),
              error(ErrorCode::invalid_request, "a message has a `method`"));
    return;
  }
  const Json* given = find(message, "params");
  const Json& params = given != nullptr ? *given : nothing;
  if (id == nullptr) {
    handle_notification(*method, params);
  } else if (is_id(*id)) {
    handle_request(*method, *id, params);
  } else {
    respond(nullptr, error(ErrorCode::invalid_request, "an `id` is a number or a string"));
  }
}

void Server::handle_request(const std::string& method, const Json& id, const Json& params) {
  if (state_ == State::shut_down) return respond(id, error(ErrorCode::invalid_request, "the server is shut down"));
  if (method == "initialize") return respond(id, initialize(params));
  if (state_ == State::fresh) return respond(id, error(ErrorCode::server_not_initialized, "`initialize` comes first"));
  if (method == "shutdown") {
    state_ = State::shut_down;
    for (const Waiting& each : std::exchange(waiting_, {}))
      respond(each.id, error(ErrorCode::request_cancelled, "the server is shut down"));
    return respond(id, Json());
  }
  const auto* row = std::ranges::find(kRequests, method, &Request::name);
  if (row == std::end(kRequests))
    return respond(id, error(ErrorCode::method_not_found, "`" + method + "` is not known here"));
  answer({row->handler, id, params});
}

void Server::answer(Waiting request) {
  const Answer answer = request.handler(workspace_, request.params);
  if (answer || answer.error().code != ErrorCode::later) return respond(request.id, answer);
  if (waiting_.size() >= limits::kWaitingRequests)
    return respond(request.id, error(ErrorCode::request_failed, "too many requests wait for a check"));
  waiting_.push_back(std::move(request));
}

void Server::answer_waiting() {
  for (Waiting& each : std::exchange(waiting_, {})) answer(std::move(each));
}

void Server::handle_notification(const std::string& method, const Json& params) {
  if (method == "exit") {
    exit_code_ = state_ == State::shut_down ? 0 : 1;
    queue_.clear();
    return;
  }
  if (state_ != State::running) return;
  const auto* row = std::ranges::find(kNotifications, method, &Notification::name);
  if (row == std::end(kNotifications)) return;
  row->handler(workspace_, params);
  answer_waiting();  // of a document that is closed now there is nothing to wait for
}

Answer Server::initialize(const Json& params) {
  if (state_ != State::fresh) return error(ErrorCode::invalid_request, "`initialize` was sent before");
  state_ = State::running;
  workspace_.client = client_of(params);
  workspace_.encoding = encoding_of(params);
  workspace_.folders = folders_of(params);
  if (const Json* settings = find(params, "initializationOptions")) take_settings(workspace_, *settings);
  Json all = capabilities();
  all["positionEncoding"] = name(workspace_.encoding);
  return Json{{"capabilities", std::move(all)}, {"serverInfo", {{"name", "sbpc"}, {"version", version_}}}};
}

void Server::respond(const Json& id, const Answer& answer) {
  Json message = {{"jsonrpc", "2.0"}, {"id", id}};
  if (answer) {
    message["result"] = *answer;
  } else {
    message["error"] = {{"code", static_cast<int>(answer.error().code)}, {"message", answer.error().message}};
  }
  workspace_.outgoing.push_back(std::move(message));
}

std::vector<std::string> Server::take_output() {
  std::vector<std::string> bodies;
  for (const Json& message : workspace_.outgoing) bodies.push_back(dump(message));
  workspace_.outgoing.clear();
  return bodies;
}

std::optional<Job> Server::take_job() {
  if (workspace_.unchecked.empty() || state_ != State::running) return std::nullopt;
  job_ = workspace_.unchecked.front();
  workspace_.unchecked.pop_front();
  return Job{job_, workspace_.encoding, Overlay(workspace_.documents, workspace_.world, workspace_.recordings),
             workspace_.change_of(job_)};
}

bool Server::job_is_stale() const {
  return std::ranges::find(workspace_.unchecked, job_) != workspace_.unchecked.end();
}

bool Server::is_waited_for(const AskedTest& test) const {
  return std::ranges::any_of(waiting_, [&](const Waiting& each) { return asks_for(each.params, test); });
}

std::optional<TestJob> Server::take_test() {
  std::erase_if(workspace_.tests, [&](const AskedTest& test) { return !is_waited_for(test); });
  if (workspace_.tests.empty() || state_ != State::running) return std::nullopt;
  AskedTest& next = workspace_.tests.front();
  if (next.number != 0 && next.change == workspace_.change_of(next.path)) return std::nullopt;
  next.number = ++test_job_;
  next.change = workspace_.change_of(next.path);
  return TestJob{next.number, next.path, next.title,
                 Overlay(workspace_.documents, workspace_.world, workspace_.recordings)};
}

bool Server::test_is_stale() const {
  return std::ranges::none_of(workspace_.tests, [&](const AskedTest& test) {
    return test.number == test_job_ && !test.done && test.change == workspace_.change_of(test.path) &&
           is_waited_for(test);
  });
}

void Server::finish(TestDone done) {
  const auto asked = std::ranges::find(workspace_.tests, done.number, &AskedTest::number);
  if (asked == workspace_.tests.end()) return;
  if (asked->change != workspace_.change_of(asked->path) ||
      !are_current(done.dependencies, workspace_.documents, workspace_.world)) {
    asked->number = 0;  // what it ran is not what is there now: once more
    return;
  }
  asked->done = std::move(done);
  answer_waiting();
}

void Server::finish(Checked checked) {
  take_checked(workspace_, std::move(checked));
  answer_waiting();
  refresh_pulled(workspace_);
}

}  // namespace sbpc::lsp
