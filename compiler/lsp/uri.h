// uri.h: document names as editors send them <-> paths. `file:///a%20b.sb` is /a b.sb; whatever has another scheme
// (`untitled:1`) is its own path, in no directory. Tested by test/lsp/diagnostics.test.
#pragma once

#include <string>
#include <string_view>

namespace sbpc::lsp {

// Normalized, so that two spellings are one document.
[[nodiscard]] std::string path_of(std::string_view uri);
[[nodiscard]] std::string uri_of(std::string_view path);

}  // namespace sbpc::lsp
