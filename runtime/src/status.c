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
    case SBP_E_LIMIT: return "SBP_E_LIMIT";
    case SBP_E_REFUSED: return "SBP_E_REFUSED";
  }
  return "unknown";
}
