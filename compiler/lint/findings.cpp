// findings.cpp: groups findings and words them. Tested by test/diag.
#include "lint/findings.h"

#include <algorithm>

#include "base/text.h"

namespace sbpc::lint {
namespace {

constexpr size_t kMostItems = 4;  // of a list in a message; more are counted
constexpr size_t kMostNotes = 4;

void add_new(std::vector<std::string>& list, std::string text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

// "a, b and 3 more".
std::string listed(const std::vector<std::string>& items) {
  if (items.size() <= kMostItems) return in_words(items);
  std::vector<std::string> shown(items.begin(), items.begin() + (kMostItems - 1));
  shown.push_back(std::to_string(items.size() - shown.size()) + " more");
  return in_words(shown);
}

}  // namespace

void Findings::begin(const sema::Policy& policy) {
  auto subject = std::ranges::find(subjects_, policy.span, &Subject::policy);
  if (subject == subjects_.end()) {
    const Span line = policy.otherwise_place.valid() ? policy.places[policy.otherwise_place.value].span : Span();
    subjects_.push_back({policy.span, line, {}});
    subject = subjects_.end() - 1;
  }
  current_ = static_cast<size_t>(subject - subjects_.begin());
  for (const sema::AbiPolicy& abi : policy.abis) subject->abis.push_back(abi.abi);
}

void Findings::add(target::Abi abi, Finding finding) {
  auto group = std::ranges::find_if(groups_, [&](const Group& one) {
    const bool same = finding.by_place ? one.first.place == finding.place : one.first.subject == finding.subject;
    return one.subject == current_ && one.first.kind == finding.kind && same;
  });
  if (group == groups_.end()) {
    groups_.push_back({current_, finding, {}, {}, {}, {}, {}});
    group = groups_.end() - 1;
  }
  add_new(group->subjects, std::move(finding.subject));
  add_new(group->items, std::move(finding.item));
  add_new(group->notes, std::move(finding.note));
  add_new(group->fixes, std::move(finding.fix));
  if (std::ranges::find(group->abis, abi) == group->abis.end()) group->abis.push_back(abi);
}

void Findings::report(const Group& group, diag::Sink& sink) const {
  const Finding& first = group.first;
  const Subject& subject = subjects_[group.subject];
  auto report = sink.report(first.kind, first.place.valid() ? first.place : subject.policy, listed(group.subjects),
                            listed(group.items));
  if (first.place.valid()) report.under(first.under).used_from(first.uses);
  if (first.other.valid() && first.other != first.place) report.label(first.other, first.other_text);
  for (size_t i = 0; i < group.notes.size() && i < kMostNotes; ++i) report.note(group.notes[i]);
  if (group.abis.size() < subject.abis.size()) {
    std::vector<std::string> names;
    for (target::Abi abi : group.abis) names.emplace_back(target::info(abi).name);
    report.note("this is so on " + listed(names));
  }
  if (!first.rewritten.empty()) report.fix("write `" + first.rewritten + "`", first.place, first.rewritten);
  const Span line = subject.default_line;
  if (!line.valid()) return;
  for (const std::string& fix : group.fixes)
    report.fix("add `" + fix + "`", {line.file, line.end, line.end}, "\n  " + fix);
}

void Findings::report(diag::Sink& sink) const {
  for (const Group& group : groups_) report(group, sink);
}

}  // namespace sbpc::lint
