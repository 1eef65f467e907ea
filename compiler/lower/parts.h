// parts.h: what one statement adds, call by call. The first step of the meaning: no statement has looked at another
// yet.
#pragma once

#include <vector>

#include "lower/conditions.h"
#include "sema/policy.h"

namespace sbpc::lower {

// `verdict` on the events of call `nr` where `when` holds; strong (S) or weak (W: else and fallback).
struct Part {
  uint32_t nr;
  bool weak;
  target::Verdict verdict;
  ir::CondId when;
  sema::PlaceId place;
};

// A rule's targets without its exceptions, and its else; several parts of one call where several targets name it.
void add_parts(const sema::Rule& rule, Conditions& conditions, std::vector<Part>& out);
void add_parts(const sema::Fallback& fallback, Conditions& conditions, std::vector<Part>& out);
void add_parts(const sema::Require& require, Conditions& conditions, std::vector<Part>& out);

// What `except` takes from a call: from S the events that its targets match; from W those of calls that they name
// without conditions, which is all of the number or, behind socketcall and ipc, what selects the call.
struct Exclusion {
  uint32_t nr;
  ir::CondId events;
  ir::CondId named;
};
// By rising number.
[[nodiscard]] std::vector<Exclusion> exclusions(const std::vector<sema::Target>& targets, Conditions& conditions);
[[nodiscard]] const Exclusion* find_exclusion(const std::vector<Exclusion>& sorted, uint32_t nr);

}  // namespace sbpc::lower
