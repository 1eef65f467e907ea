// spo_union.h: security-profiles-operator's union of a profile with its base profiles. For spo.cpp.
//
// Up to 0.7 the operator kept names alone, without conditions. From 0.8 to 1.0 the rules of both stand, sorted by their
// action, and libseccomp makes of them what it does (mergo). After 1.0 each call has one rule: of the less restrictive
// action, with all conditions of both, or with none where one of them has none. Where the last two answer a call
// differently the stricter is taken, and a warning says so. Source: kubernetes-sigs/security-profiles-operator
// internal/pkg/util/union_syscalls.go, saschagrunert/security-profiles-merger seccomp/merge.go (UnionSyscalls). Tested
// by test/cli/import_spo_base.test.
#pragma once

#include <span>

#include "diag/sink.h"
#include "import/model.h"

namespace sbpc::importer {

// `bases`: the profile's base, then that one's, and so on.
void unite_with_bases(Profile& profile, std::span<const Profile* const> bases, diag::Sink& sink);

}  // namespace sbpc::importer
