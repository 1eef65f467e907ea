// workspace.h: what the server knows: the open documents, the analyses of them, what their checks found. Handlers are
// free functions over it and a request's parameters.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/message_limits.h"
#include "lsp/analysis.h"
#include "lsp/check.h"
#include "lsp/files.h"
#include "lsp/json.h"
#include "lsp/test_job.h"
#include "parse/recordings.h"

namespace sbpc::lsp {

// What this client can show.
struct Client {
  bool snippets = false;
  bool lens_refresh = false;
  bool hint_refresh = false;
  bool document_changes = false;  // edits that name the version they are for
  bool code_action_literals = false;
  bool pulls_diagnostics = false;  // asks for those of open documents: they are not sent unasked
  bool diagnostic_refresh = false;
  bool watches_files = false;  // those that it is asked to
};

// The semantic tokens that the client has of a document.
struct SentTokens {
  std::string id;
  std::vector<uint32_t> data;
};

struct Workspace {
  explicit Workspace(World& around) : world(around) {}

  World& world;
  Encoding encoding = Encoding::utf16;
  Client client;
  std::vector<std::string> folders;
  Documents documents;
  parse::Recordings recordings{limits::kRecordedBytes};
  Analyses analyses;
  Files files;
  std::map<std::string, Checked> checked;     // by root: the last check of each open document
  std::set<std::string> published;            // paths with diagnostics at the client
  std::map<std::string, std::string> pulled;  // by path: which diagnostics the client has asked for and got
  std::map<std::string, SentTokens> tokens;   // by path
  std::vector<std::string> arguments;         // that the client's settings hold
  std::deque<std::string> unchecked;          // roots that wait for a check, the next one in front
  std::set<std::string> put_off;              // roots whose check read a file that changed meanwhile
  std::deque<AskedTest> tests;                // in the order in which they were asked for
  std::map<std::string, uint64_t> changes;    // by path: change_of
  uint64_t last_change = 0;
  std::vector<Json> outgoing;  // messages of ours that wait to be sent
  int64_t next_request = 0;    // of ours
  uint64_t next_tokens = 0;

  // Every open document that read one of these paths, and those of them that are open, has to be checked again.
  void recheck(const std::set<std::string>& paths);
  void recheck_all();
  // Another number after everything that asked for a check of this open document: its own edits and those of what it
  // imports, files on disk, settings. What began under another number is not of now.
  [[nodiscard]] uint64_t change_of(const std::string& path) const;
  // A document is no longer open, or not followed: what is known of it goes.
  void forget(const std::string& path);
  // Of the texts as they are now. Valid until another one is asked for.
  [[nodiscard]] Analysis& analysis_of(const std::string& path);
  [[nodiscard]] Analysis& known_of(const std::string& path);  // Analyses::known
  void send(std::string_view method, Json params);
  void ask(std::string_view method, Json params);  // a request whose answer says nothing
  void warn(const std::string& message);           // for the person
};

// ---- answers ----

// JSON-RPC 2.0 and LSP 3.17, "Base Protocol".
enum class ErrorCode : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  server_not_initialized = -32002,
  request_failed = -32803,
  request_cancelled = -32800,
  later = 0,  // never sent: the handler is asked again when another check has ended
};
struct Error {
  ErrorCode code;
  std::string message;
};
using Answer = tl::expected<Json, Error>;
[[nodiscard]] inline tl::unexpected<Error> error(ErrorCode code, std::string message) {
  return tl::unexpected(Error{code, std::move(message)});
}

// ---- what most requests are about ----

// An open document.
struct Subject {
  std::string path;
  const Document& document;
};
[[nodiscard]] tl::expected<Subject, Error> subject_of(const Workspace& workspace, const Json& params);

// A place in an open document. `analysis` is of the text as it is now; one without a module knows nothing.
struct Here {
  std::string path;
  const Document& document;
  Analysis& analysis;
  size_t offset;
};
[[nodiscard]] tl::expected<Here, Error> here_of(Workspace& workspace, const Json& params);
// The same, of what is known while an import can't be read.
[[nodiscard]] tl::expected<Here, Error> known_here_of(Workspace& workspace, const Json& params);

// The analysis whose outline stands for the document: of the text as it is now or, while that can't be read, the last
// one that could.
struct Outline {
  const Document& document;
  Analysis& analysis;
  [[nodiscard]] std::string_view text() const { return analysis.sources.text(Analysis::root_file()); }
};
[[nodiscard]] tl::expected<std::optional<Outline>, Error> outline_of(Workspace& workspace, const Json& params);

// A span of any file of an analysis.
[[nodiscard]] Range range_of(const Workspace& workspace, const Analysis& analysis, Span span);
// As a Location with a file that can be opened; null if there is none.
[[nodiscard]] Json location_of(const Workspace& workspace, const Analysis& analysis, Span span);
// The name that the client gave the document, or one made from the path.
[[nodiscard]] std::string uri_for(const Workspace& workspace, const std::string& path);

}  // namespace sbpc::lsp
