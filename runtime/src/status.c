/* status.c: the names of sbp_status. */
#include "sbp.h"

const char* sbp_status_name(enum sbp_status status) {
  switch (status) {
    case SBP_OK: return "SBP_OK";
    case SBP_E_ARGUMENT: return "SBP_E_ARGUMENT";
    case SBP_E_FILE: return "SBP_E_FILE";
    case SBP_E_FORMAT: return "SBP_E_FORMAT";
    case SBP_E_TOO_LONG: return "SBP_E_TOO_LONG";
    case SBP_E_INSN: return "SBP_E_INSN";
    case SBP_E_NO_MEMORY: return "SBP_E_NO_MEMORY";
    case SBP_E_UNSUPPORTED: return "SBP_E_UNSUPPORTED";
    case SBP_E_PRIVILEGE: return "SBP_E_PRIVILEGE";
    case SBP_E_THREAD: return "SBP_E_THREAD";
    case SBP_E_LISTENER: return "SBP_E_LISTENER";
    case SBP_E_TIMEOUT: return "SBP_E_TIMEOUT";
    case SBP_E_GONE: return "SBP_E_GONE";
    case SBP_E_CLOSED: return "SBP_E_CLOSED";
    case SBP_E_LIMIT: return "SBP_E_LIMIT";
    case SBP_E_REFUSED: return "SBP_E_REFUSED";
    case SBP_E_VERSION: return "SBP_E_VERSION";
    case SBP_E_ARCH: return "SBP_E_ARCH";
    case SBP_E_NAME: return "SBP_E_NAME";
    case SBP_E_PARAMETER: return "SBP_E_PARAMETER";
    case SBP_E_UNSET: return "SBP_E_UNSET";
  }
  return "unknown";
}
