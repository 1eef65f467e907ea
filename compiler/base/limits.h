// limits.h: every bound on what a user controls. Each has a diagnostic and a test.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sbpc::limits {

inline constexpr size_t kSourceBytes = size_t{16} << 20;  // one .sb file
inline constexpr size_t kTokens = size_t{1} << 20;        // words and signs of one .sb file, comments apart
inline constexpr uint32_t kNesting = 256;                 // open brackets at once, counted before parsing
inline constexpr uint32_t kExprDepth =
    1000;                                    // operators and brackets on the way from an expression to its deepest part
inline constexpr size_t kSyntaxErrors = 20;  // reported per file, then "too many"
inline constexpr size_t kDiagnostics = 200;  // reported per compile, then "too many"
inline constexpr size_t kFiles = 4096;       // files of one compile, imports included
inline constexpr size_t kSetElements = size_t{1} << 17;    // elements of one set after splicing
inline constexpr size_t kExpandedRules = size_t{1} << 17;  // statements of one policy after `use` is expanded
inline constexpr uint32_t kUseDepth = 64;                  // rule sets using rule sets
inline constexpr size_t kFunctionDiagramNodes = size_t{1}
                                                << 17;    // decision-diagram nodes made for one call's arguments
inline constexpr size_t kDiagramNodes = size_t{1} << 20;  // and for one policy
inline constexpr size_t kDiagramOpaques = 1024;          // run-time flags and hole comparisons in one policy's diagrams
inline constexpr size_t kImportBytes = size_t{8} << 20;  // one foreign policy
inline constexpr uint32_t kImportDepth = 64;             // lists and tables one inside of the other, in JSON and YAML
inline constexpr size_t kImportNodes = size_t{1} << 18;  // values of one JSON or YAML file
inline constexpr size_t kImportRules = size_t{1} << 15;  // rules of one foreign policy, what it includes with it
inline constexpr size_t kImportAlternatives = 4096;      // alternatives of one rule's condition
inline constexpr size_t kImportPolicies = 256;           // policies of one file
inline constexpr uint32_t kProofStates = 64;             // forms the accumulator may have at one instruction in a proof

}  // namespace sbpc::limits
