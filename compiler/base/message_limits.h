// message_limits.h: the bounds of limits.h for what an editor sends; apart from it because the compiler does not know
// them. Each is answered with an error or a word to the user, and has a test in test/lsp/ or test/unit/lsp/.
#pragma once

#include <cstddef>

namespace sbpc::limits {

inline constexpr size_t kMessageBytes = size_t{64} << 20;  // one message: the largest file with every byte escaped
inline constexpr size_t kMessageHeader = 4096;             // and what stands before it
inline constexpr size_t kMessageDepth = 64;                // open brackets of a message
inline constexpr size_t kQueuedMessages = 4096;  // messages that wait; an editor that sends more has to wait itself
inline constexpr size_t kWaitingRequests = 256;  // requests that wait for a check
inline constexpr size_t kOpenDocuments = 1024;   // files that an editor has open
inline constexpr size_t kOpenBytes = size_t{48} << 20;      // and their texts together
inline constexpr size_t kRecordedBytes = size_t{32} << 20;  // what is kept of texts that were parsed; those used last
inline constexpr size_t kWorkspaceFiles = 1024;             // policies that an editor's folders are searched for

}  // namespace sbpc::limits
