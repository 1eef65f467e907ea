#include "lsp/uri.h"

#include "base/text.h"
#include "sema/load.h"

namespace sbpc::lsp {
namespace {

constexpr std::string_view kFile = "file://";

// RFC 3986: schemes in any case. RFC 8089: `file:/a` has no host.
bool takes_file_scheme(std::string_view& uri) {
  constexpr std::string_view kScheme = "file:";
  if (uri.size() <= kScheme.size()) return false;
  for (size_t at = 0; at < kScheme.size(); ++at) {
    if (to_lower(uri[at]) != kScheme[at]) return false;
  }
  uri.remove_prefix(kScheme.size());
  if (uri.starts_with("//")) uri.remove_prefix(2);
  return true;
}

int hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

}  // namespace

std::string path_of(std::string_view uri) {
  if (!takes_file_scheme(uri)) return sema::normalize_path(uri);  // as files are asked for by their imports
  const size_t slash = uri.find('/');                             // before it: a host, here always this one
  if (slash == std::string_view::npos) return {};
  uri.remove_prefix(slash);
  std::string path;
  for (size_t at = 0; at < uri.size(); ++at) {
    const int high = uri[at] == '%' && at + 2 < uri.size() ? hex(uri[at + 1]) : -1;
    const int low = high >= 0 ? hex(uri[at + 2]) : -1;
    if (low >= 0) {
      path += static_cast<char>(high * 16 + low);
      at += 2;
    } else {
      path += uri[at];
    }
  }
  return sema::normalize_path(path);
}

std::string uri_of(std::string_view path) {
  if (!path.starts_with('/')) return std::string(path);
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri(kFile);
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      uri += c;
    } else {
      uri += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return uri;
}

}  // namespace sbpc::lsp
